"""Names that lead elsewhere, links, and files that are no configuration."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ConfigInvalid, Unavailable
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.folder import Folder
from tests.documents import tenant_document

EVIL = ["../../etc", "..", ".", "/etc", "a/b", "a\\b", "A", "a\x00b", "é", "", " ", "a" * 64, "a\n"]


@pytest.fixture
def files(tmp_path: Path) -> TenantFiles:
    files = TenantFiles(tmp_path / "config")
    files.write(tenant_document())
    return files


@pytest.mark.parametrize("name", EVIL)
@pytest.mark.parametrize("key", ["domain", "account_id"])
def test_a_pushed_name_that_leads_out_is_refused(files: TenantFiles, key: str, name: str) -> None:
    before = sorted(files.root.parent.rglob("*"))
    with pytest.raises(ConfigInvalid) as raised:
        files.write(tenant_document() | {key: name, "version": 2})
    assert raised.value.details["field"] == key
    assert sorted(files.root.parent.rglob("*")) == before


@pytest.mark.parametrize(
    "entry",
    [
        "'../../etc': furniture",
        "account_9: ../../etc",
        "account_9: /etc",
        "account_9: [furniture]",
        "account_9:",
        "'': furniture",
        "1.5: furniture",
    ],
)
def test_a_hand_written_mapping_that_leads_out_is_named_and_stops_nobody(
    files: TenantFiles, entry: str
) -> None:
    mapping = files.root / "account_mapping.yaml"
    mapping.write_text(f"accounts:\n  account_1: furniture\n  {entry}\n")
    assert files.accounts() == {"account_1": "furniture"}
    (problem,) = files.mapping_problems()
    assert problem.details["file"] == "account_mapping.yaml"
    assert problem.details["field"].startswith("accounts.")


@pytest.mark.parametrize(
    "link",
    [
        "domains/furniture/account_1/config.yaml",
        "domains/furniture/account_1",
        "domains/furniture",
        "domains",
        "account_mapping.yaml",
    ],
)
def test_a_symbolic_link_is_refused(files: TenantFiles, link: str) -> None:
    place = files.root / link
    elsewhere = files.root.parent / "elsewhere"
    place.rename(elsewhere)
    place.symlink_to(elsewhere)
    kept = elsewhere.read_text() if elsewhere.is_file() else ""
    with pytest.raises(ConfigInvalid, match="symbolic link"):
        files.write(tenant_document(version=2, name="Novo"))
    if link == "account_mapping.yaml":
        assert "symbolic link" in files.mapping_problems()[0].message
    else:
        assert "symbolic link" in files.reading("account_1").error.message
    assert not elsewhere.is_file() or elsewhere.read_text() == kept


def test_a_folder_reads_and_writes_nothing_above_its_root(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = Folder(tmp_path / "config")
    with folder.writing(), pytest.raises(ConfigInvalid):
        folder.text("a/../../secret")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[1, 2]", b"a: &x [*x]\nb: *y", b"? [a]\n: 1"])
def test_a_file_that_is_no_configuration_is_named(files: TenantFiles, content: bytes) -> None:
    file = files.root / "domains/furniture/account_1/config.yaml"
    file.write_bytes(content)
    error = files.reading("account_1").error
    assert error is not None
    assert error.details["file"] == "domains/furniture/account_1/config.yaml"


def test_aliases_that_explode_are_refused(files: TenantFiles) -> None:
    lines = ["bomb0: &b0 [x, x, x]"]
    lines += [f"bomb{i}: &b{i} [*b{i - 1}, *b{i - 1}, *b{i - 1}, *b{i - 1}]" for i in range(1, 40)]
    file = files.root / "domains/furniture/account_1/config.yaml"
    file.write_text(file.read_text() + "\n".join(lines) + "\n")
    assert "aliases" in files.reading("account_1").error.message


def test_a_crew_file_of_no_crew_and_two_files_of_one_are_named(files: TenantFiles) -> None:
    home = files.root / "domains/furniture/account_1"
    (home / "cooking_crew.yaml").write_text("enabled: true\n")
    assert "cooking" in files.reading("account_1").error.message
    (home / "cooking_crew.yaml").unlink()
    (home / "support_crew.yaml").write_text("enabled: true\n")
    assert "same crew" in files.reading("account_1").error.message


def test_the_same_tenant_of_another_account_is_not_taken(files: TenantFiles) -> None:
    config = files.root / "domains/furniture/account_1/config.yaml"
    config.write_text(config.read_text().replace("account_id: account_1", "account_id: account_2"))
    error = files.reading("account_1").error
    assert error.details["field"] == "account_id"


def test_a_secret_in_a_file_is_refused_without_being_repeated(files: TenantFiles) -> None:
    config = files.root / "domains/furniture/account_1/config.yaml"
    planted = "pl4nted-s3cret"
    config.write_text(config.read_text() + f"shop: {{api_key: {planted}}}\n")
    error = files.reading("account_1").error
    assert error.details["field"] == "shop.api_key"
    assert planted not in error.message + repr(error.details)
    with pytest.raises(ConfigInvalid):
        files.files("account_1")  # so that no answer to Odoo carries it


def test_the_tree_of_an_unwritable_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="cannot be written"):
        TenantFiles(tmp_path / "config").write(tenant_document())


_fragment = st.sampled_from(
    [
        "crews: 5",
        "crews: {sales: 5}",
        "crews: {sales: {agents: {a: b}}}",
        "crews: {sales: {agents: [5, null, [x]]}}",
        "crews: {5: {}}",
        "integrations: []",
        "integrations: {chatwoot: [1]}",
        "integrations: {chatwoot: {config: 5, channels: 7}}",
        "integrations: {chatwoot: {config: {url: 5, bot_token_ref: b, url_token_ref: [u]}}}",
        "integrations: {redis: {config: {prefix: [x], host: {a: b}}}}",
        "integrations: {qdrant: {config: {host: [q], port: x}}}",
        "integrations: {redis: 5, qdrant: x, mcp: true}",
        "integrations: {facebook: {enabled: maybe, a: 1}}",
        "account_id: [1]",
        "account_id: {a: 1}",
        "domain: 5",
        "name: !!python/object:os.system x",
        "name: !mine x",
        "name: !!binary aGk=",
        "since: 2026-01-01",
        "at: 2026-01-01T10:00:00Z",
        "tags: !!set {a, b}",
        "order: !!omap [a: 1, b: 2]",
        "base: &b {x: 1}\nmore: {<<: *b, y: 2}",
        "me: &m [*m]",
        "1: 2",
        "? {a: b}\n: c",
        "? [a, b]\n: c",
        ".nan: .inf",
        "null: 1",
        "a: .nan",
        "big: 1_000_000_000_000_000_000_000",
        "- a\n- b",
        "%YAML 1.1\n---\na: yes",
        "--- a\n--- b",
        "\t",
        "name: 'open",
    ]
)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(_fragment, min_size=1, max_size=4).map("\n".join)
    | st.binary(max_size=60).map(lambda b: b.decode("latin-1")),
    st.booleans(),
)
def test_whatever_stands_in_a_file_is_a_tenant_or_a_named_error(
    tmp_path_factory: pytest.TempPathFactory, text: str, valid_before: bool
) -> None:
    root = tmp_path_factory.mktemp("tree")
    files = TenantFiles(root)
    files.write(tenant_document())
    for name in ("config.yaml", "sales_crew.yaml"):
        file = root / "domains/furniture/account_1" / name
        before = file.read_text() if valid_before and file.exists() else ""
        file.write_text(f"{before}\n{text}\n", encoding="utf-8")
        reading = files.reading("account_1")
        if reading.error is not None:
            assert reading.error.details["file"]
            assert "field" in reading.error.details
        try:
            merged = files.write(tenant_document(version=2))
        except ConfigInvalid as error:
            field = error.details["field"]
        else:
            field = None
            assert files.reading("account_1").tenant == merged
        assert field is None or isinstance(field, str)
        if file.exists():
            file.unlink()
        files.write(tenant_document(version=1), reset=True)
