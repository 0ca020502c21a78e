"""A push is merged into the tree: Odoo's words replaced, a person's kept, removed ones gone."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sidecar.errors import ConfigInvalid
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.merge import merge
from sidecar.tenants.yaml_text import dump, editable, load, plain
from tests.documents import tenant_document

HOME = "domains/furniture/account_1"


@pytest.fixture
def files(tmp_path: Path) -> TenantFiles:
    return TenantFiles(tmp_path)


def pushed(version: int = 1, **changes: Any) -> dict[str, Any]:
    crews = {
        "customer_service": {
            "enabled": True,
            "name": "Atendimento",
            "agents": [
                {"name": "ana", "role": "Atendente", "tools": ["product_search"]},
                {"name": "bia", "role": "Vendedora"},
            ],
        },
        "product_management": {"enabled": True},
    }
    return tenant_document(version=version, crews=crews) | changes


def test_a_push_writes_one_file_per_crew_and_the_mapping(files: TenantFiles) -> None:
    files.write(pushed())
    assert sorted(p.name for p in (files.root / HOME).iterdir()) == [
        ".pushed.json",
        "config.yaml",
        "customer_service_crew.yaml",
        "product_management_crew.yaml",
    ]
    config = YAML(typ="safe").load((files.root / HOME / "config.yaml").read_text())
    assert "crews" not in config
    crew = YAML(typ="safe").load((files.root / HOME / "customer_service_crew.yaml").read_text())
    assert crew["agents"][0]["role"] == "Atendente"
    assert files.accounts() == {"account_1": "furniture"}
    assert files.files("account_1").keys() == {
        "config.yaml",
        "customer_service_crew.yaml",
        "product_management_crew.yaml",
    }


def test_what_a_person_added_stays(files: TenantFiles) -> None:
    files.write(pushed())
    config = files.root / HOME / "config.yaml"
    text = config.read_text().replace("domain:", "# the business\ndomain:")
    text = text.replace("        inbox_id: 3", "        inbox_id: 3\n        shelf: 4  # ours")
    config.write_text(text + "# why\nmy_key: 42  # mine\n")
    crew = files.root / HOME / "customer_service_crew.yaml"
    crew.write_text(crew.read_text() + "  - name: caio  # a trainee\n    role: Aprendiz\n")
    document = pushed(2, name="Outro Nome")
    document["crews"]["customer_service"]["agents"] = [
        {"name": "dora", "role": "Nova"},
        {"name": "ana", "role": "Chefe"},
    ]
    tenant = files.write(document)
    text = config.read_text()
    for kept in ("# the business\n", "shelf: 4  # ours", "# why\n", "my_key: 42  # mine"):
        assert kept in text
    assert "Outro Nome" in text
    assert tenant.channels[0].model_extra == {"shelf": 4}
    agents = tenant.crews["customer_service"].agents
    # Odoo's in Odoo's order (the first one answers), bia is gone, the hand-added one stays
    assert [(a.name, a.role) for a in agents] == [
        ("dora", "Nova"),
        ("ana", "Chefe"),
        ("caio", "Aprendiz"),
    ]
    assert "# a trainee" in crew.read_text()


def test_what_odoo_no_longer_pushes_is_removed(files: TenantFiles) -> None:
    files.write(pushed(client_name="Ltda"))
    document = pushed(2)
    document["integrations"]["chatwoot"]["channels"] = []
    del document["integrations"]["mcp"]
    tenant = files.write(document)
    text = (files.root / HOME / "config.yaml").read_text()
    assert "client_name" not in text
    assert "odoo-mcp" not in text
    assert tenant.channels == []
    assert tenant.integrations.mcp is None


def test_a_comment_whose_place_is_gone_moves_to_the_end(files: TenantFiles) -> None:
    files.write(pushed(client_name="Ltda"))
    config = files.root / HOME / "config.yaml"
    config.write_text(
        config.read_text().replace("client_name: Ltda", "client_name: Ltda  # ask Zé")
    )
    files.write(pushed(2))
    assert config.read_text().endswith("# ask Zé\n")


def test_a_removed_crew_goes_unless_a_person_wrote_in_it(files: TenantFiles) -> None:
    files.write(pushed(crews={"sales": {"enabled": True}, "analytics": {"enabled": True}}))
    by_hand = files.root / HOME / "marketplace_crew.yaml"
    by_hand.write_text("enabled: false\n")
    mine = files.root / HOME / "analytics_crew.yaml"
    mine.write_text(mine.read_text() + "my_note: keep me\n")
    tenant = files.write(pushed(2, crews={"customer_service": {"enabled": True}}))
    assert not (files.root / HOME / "sales_crew.yaml").exists()
    assert by_hand.read_text() == "enabled: false\n"
    assert "my_note: keep me" in mine.read_text()
    assert not tenant.crews["analytics"].enabled  # kept, but Odoo took it away
    assert "sales" not in tenant.crews


def test_the_same_version_again_touches_nothing(files: TenantFiles) -> None:
    files.write(pushed())
    before = {p: p.stat().st_mtime_ns for p in files.root.rglob("*") if p.name != ".lock"}
    files.write(pushed(name="Other"))
    assert {p: p.stat().st_mtime_ns for p in files.root.rglob("*") if p.name != ".lock"} == before


def test_a_hand_written_file_becomes_the_folder_and_keeps_its_words(files: TenantFiles) -> None:
    old = files.root / "furniture/account_1.yaml"
    old.parent.mkdir(parents=True)
    old.write_text(
        "account_id: '1'\nname: Antigo  # the old name\ndomain: furniture\n"
        "crews:\n  support:\n    enabled: true\n    my_hours: 9-18  # mine\n"
        "integrations:\n  redis:\n    config: {host: localhost, port: 6379}\n"
        "  my_platform: {enabled: false, config: {shop: 7}}\n"
    )
    (files.root / "chatwoot_mapping.yaml").write_text('accounts:\n  "1": furniture\n')
    tenant = files.write(pushed())
    assert not old.parent.exists()
    text = (files.root / HOME / "config.yaml").read_text()
    assert "# the old name" in text
    crew = (files.root / HOME / "customer_service_crew.yaml").read_text()
    assert "my_hours: 9-18" in crew
    assert "# mine" in crew
    assert tenant.name == "Casa Teste"
    assert tenant.integrations.platforms["my_platform"].config == {"shop": 7}
    assert files.reading("account_1").tenant == tenant


@pytest.mark.parametrize("one_file", [True, False])
def test_a_crew_file_that_waited_for_its_config_is_merged_too(
    files: TenantFiles, one_file: bool
) -> None:
    home = files.root / HOME
    home.mkdir(parents=True)
    (home / "customer_service_crew.yaml").write_text("enabled: false\n# mine\nmine: 1\n")
    if one_file:
        home.with_suffix(".yaml").write_text("name: Antigo\nmy_key: 7\n")
        (files.root / "account_mapping.yaml").write_text("accounts: {account_1: furniture}\n")
        assert files.reading("account_1").tenant.crews["customer_service"].enabled is False
    tenant = files.write(pushed(domain="retail"))
    text = (files.root / "domains/retail/account_1/customer_service_crew.yaml").read_text()
    assert ("# mine" in text, "mine: 1" in text) == (one_file, one_file)
    assert tenant.model_extra == ({"my_key": 7} if one_file else {})
    assert home.exists() != one_file  # nobody's folder is moved unless the mapping says so


def test_a_hand_made_support_file_stays_that_file(files: TenantFiles) -> None:
    files.write(pushed(crews={}))
    (files.root / HOME / "support_crew.yaml").write_text("enabled: false\n# hello\nmine: 1\n")
    tenant = files.write(pushed(2))
    text = (files.root / HOME / "support_crew.yaml").read_text()
    assert "# hello" in text
    assert "mine: 1" in text
    assert tenant.crews["customer_service"].enabled
    assert not (files.root / HOME / "customer_service_crew.yaml").exists()


def test_a_hand_made_mistake_refuses_the_push_and_names_file_and_line(files: TenantFiles) -> None:
    files.write(pushed())
    crew = files.root / HOME / "customer_service_crew.yaml"
    crew.write_text("enabled: true\nagents: [unclosed\n")
    before = (files.root / HOME / "config.yaml").read_text()
    with pytest.raises(ConfigInvalid, match=r"customer_service_crew\.yaml, line \d"):
        files.write(pushed(2, name="Novo"))
    assert (files.root / HOME / "config.yaml").read_text() == before


def test_the_last_push_is_kept_beside_without_any_secret(files: TenantFiles) -> None:
    files.write(pushed())
    kept = json.loads((files.root / HOME / ".pushed.json").read_text())
    assert kept["version"] == 1
    assert kept["integrations"]["chatwoot"]["channels"][0]["bot_token_ref"] == "bot_token"


_leaf = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "no", "1", "á: b #c"])
_tree = st.recursive(
    _leaf,
    lambda inner: (
        st.dictionaries(st.sampled_from("abcde"), inner, max_size=4)
        | st.lists(inner, max_size=3)
        | st.lists(
            st.fixed_dictionaries({"id": st.integers(1, 4), "x": _leaf}),
            max_size=3,
            unique_by=lambda item: item["id"],
        )
    ),
    max_leaves=15,
)
_document = st.dictionaries(st.sampled_from("abcdef"), _tree, max_size=5)


@settings(deadline=None)
@given(_document, _document)
def test_an_untouched_tree_becomes_exactly_what_is_pushed(
    base: dict[str, Any], ours: dict[str, Any]
) -> None:
    current = load(dump(editable(base)), "f")
    merge(current, base, ours)
    assert _normal(plain(load(dump(current), "f"))) == _normal(ours)


@settings(deadline=None)
@given(_document, _document, st.integers())
def test_a_hand_added_key_survives_any_push(
    base: dict[str, Any], ours: dict[str, Any], mine: int
) -> None:
    current = load(dump(editable(base | {"mine": mine})) + "# a person's words\n", "f")
    merge(current, base, ours)
    text = dump(current)
    assert plain(load(text, "f"))["mine"] == mine


def _normal(value: Any) -> Any:
    return json.dumps(value, sort_keys=True)
