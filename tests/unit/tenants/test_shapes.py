"""Hand-written trees: both shapes are read, what cannot be used is left out with a note."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from sidecar.__main__ import main
from sidecar.errors import ConfigInvalid
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.schema import parse_tenant
from sidecar.tenants.shapes import read_shape
from tests.documents import tenant_document

EXAMPLES = Path(__file__).parents[3] / "config/examples"


def read(**integrations: Any) -> tuple[Any, dict[str, str]]:
    document, notes = read_shape(
        {"account_id": 1, "name": "Loja", "domain": "furniture", "integrations": integrations}
    )
    return parse_tenant(document), {note.field: note.text for note in notes}


def seed_chatwoot(**more: Any) -> dict[str, Any]:
    config = {"account_id": "chatwoot_account_123", "webhook_secret_ref": "hook"}
    return {"enabled": True, "config": config | more}


@pytest.mark.parametrize(("number", "expected"), [(1, "account_1"), ("12", "account_12")])
def test_a_number_is_an_account_id(number: object, expected: str) -> None:
    document, _notes = read_shape({"account_id": number})
    assert document["account_id"] == expected


def test_the_older_chatwoot_section_becomes_a_channel() -> None:
    tenant, notes = read(
        chatwoot=seed_chatwoot(
            url="https://chat.example", bot_token_ref="bot", url_token_ref="url", inbox_id=5
        )
    )
    (channel,) = tenant.channels
    assert (channel.account_id, channel.inbox_id, channel.bot_token_ref) == (123, 5, "bot")
    assert (channel.hooks[0].url_token_ref, channel.hooks[0].secret_ref) == ("url", "hook")
    assert notes == {}


def test_without_what_a_channel_needs_there_is_a_note() -> None:
    tenant, notes = read(chatwoot=seed_chatwoot(url="https://chat.example"))
    assert tenant.channels == []
    assert "lacks bot_token_ref, url_token_ref" in notes["integrations.chatwoot.config"]


def test_an_account_that_is_no_number_is_an_error() -> None:
    more = {"url": "https://c.example", "bot_token_ref": "b", "url_token_ref": "u"}
    with pytest.raises(ConfigInvalid) as raised:
        read(chatwoot=seed_chatwoot(**more, account_id="main"))
    assert raised.value.details["field"] == "integrations.chatwoot.config.account_id"


def test_channels_win_over_the_older_section() -> None:
    channels = tenant_document()["integrations"]["chatwoot"]["channels"]
    tenant, notes = read(chatwoot=seed_chatwoot() | {"channels": channels})
    assert [channel.id for channel in tenant.channels] == [7]
    assert "channels are listed" in notes["integrations.chatwoot.config"]


def test_a_redis_of_its_own_is_refused_with_the_reason_and_its_prefix_is_used() -> None:
    config = {"host": "localhost", "port": 6379, "db": 0, "ttl": 3600, "prefix": "loja:"}
    tenant, notes = read(redis={"enabled": True, "config": config})
    assert tenant.prefix == "loja"
    assert tenant.integrations.redis.config.ttl == 3600
    assert sorted(notes) == [f"integrations.redis.config.{key}" for key in ("db", "host", "port")]
    assert all("one store" in text for text in notes.values())


def test_qdrants_host_and_port_are_its_url() -> None:
    tenant, _notes = read(qdrant={"config": {"host": "q", "port": 6334, "collection": "mine"}})
    assert tenant.integrations.qdrant.config.url == "http://q:6334"
    tenant, _notes = read(qdrant={"config": {"host": "https://q"}})
    assert tenant.integrations.qdrant.config.url == "https://q:6333"
    with pytest.raises(ConfigInvalid):
        read(qdrant={"config": {"host": "q", "port": "x"}})


def test_what_is_switched_off_is_off() -> None:
    login = {"url": "http://h", "db": "d", "username": "u"}
    tenant, _notes = read(
        mcp={"enabled": False, "config": login},
        chatwoot={"enabled": False, "channels": [{"nonsense": 1}]},
        redis={"enabled": False, "config": {"prefix": "loja"}},
        qdrant={"enabled": False, "config": {"collection": "mine"}},
        shopee={"enabled": False, "config": {}},
    )
    assert tenant.integrations.mcp is None
    assert tenant.channels == []
    assert (tenant.prefix, tenant.context.collection) == ("account_1", None)
    assert not tenant.integrations.platforms["shopee"].enabled


def test_a_platform_without_config_is_read() -> None:
    tenant, _notes = read(facebook={"app_id": "1", "app_secret_ref": "fb"})
    platform = tenant.integrations.platforms["facebook"]
    assert (platform.enabled, platform.config) == (True, {"app_id": "1", "app_secret_ref": "fb"})


@pytest.mark.parametrize("example", ["pushed", "folder", "single"])
def test_the_examples_pass_the_check(example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tenants", "check", str(EXAMPLES / example)]) == 0
    assert "1 of 1 tenants can be read" in capsys.readouterr().out


def test_the_examples_say_what_they_say() -> None:
    (folder,) = TenantFiles(EXAMPLES / "folder").readings()
    assert folder.tenant.channels[0].hooks[0].url_token_ref == "flor_url"
    assert folder.tenant.crews["customer_service"].agents[0].tools == [
        "product_search",
        "order_status",
    ]
    (single,) = TenantFiles(EXAMPLES / "single").readings()
    assert single.tenant.account_id == "account_2"
    assert len(single.tenant.crews["customer_service"].agents) == 2
    assert single.tenant.context.qdrant_url == "http://localhost:6333"


def test_one_file_may_lie_in_two_places(tmp_path: Path) -> None:
    for place in ("furniture", "domains/furniture"):
        root = tmp_path / place.replace("/", "_")
        shutil.copytree(EXAMPLES / "single", root)
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / "furniture/account_2.yaml").rename(root / place / "account_2.yaml")
        assert TenantFiles(root).reading("account_2").tenant.name == "Oficina do Carvalho"


def test_the_check_names_file_key_and_error_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = TenantFiles(tmp_path)
    for number in (1, 2, 3):
        document = tenant_document(f"account_{number}")
        document["integrations"]["chatwoot"]["channels"] = []
        files.write(document)
    home = tmp_path / "domains/furniture"
    (home / "account_1/sales_crew.yaml").write_text("agents: [{name: x, tools: [hack]}]\n")
    (home / "account_2/config.yaml").write_text("name: [unclosed\n")
    (home / "account_9").mkdir()
    mapping = tmp_path / "account_mapping.yaml"
    mapping.write_text(mapping.read_text() + "  ../x: furniture\n")
    assert main(["tenants", "check", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    crew = (
        "domains/furniture/account_1/sales_crew.yaml: crews.sales.agents[0].tools[0]: there is no"
    )
    assert any(line.startswith(crew) for line in lines)
    assert any(line.startswith("domains/furniture/account_2/config.yaml, line ") for line in lines)
    assert any(line.startswith("account_mapping.yaml: accounts.../x: ") for line in lines)
    assert any(line.startswith("domains/furniture/account_9: note: ") for line in lines)
    assert lines[-1] == "1 of 3 tenants can be read"


def test_the_check_finds_what_two_tenants_cannot_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = TenantFiles(tmp_path)
    files.write(tenant_document())
    files.write(tenant_document("account_2"))  # the same URL token
    assert main(["tenants", "check", str(tmp_path)]) == 1
    assert "token_sha256: account_1 has the same" in capsys.readouterr().out


def test_files_that_no_mapping_names_are_told(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "single", tmp_path, dirs_exist_ok=True)
    (tmp_path / "chatwoot_mapping.yaml").unlink()
    (tmp_path / "domains/cosmetics/account_5").mkdir(parents=True)
    unmapped = ["domains/cosmetics/account_5", "furniture/account_2.yaml"]
    assert TenantFiles(tmp_path).unmapped() == unmapped


def test_the_check_of_a_folder_that_is_not_there_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tenants", "check", str(tmp_path / "nowhere")]) == 1
    assert "is not a folder" in capsys.readouterr().err
