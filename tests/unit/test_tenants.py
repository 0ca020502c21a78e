"""The YAML tree: merged, not overwritten; moved, not lost; published for every process."""

from pathlib import Path

import pytest

from sidecar.errors import ConfigInvalid, UnknownAccount
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.registry import TenantRegistry
from tests.documents import tenant_document


@pytest.fixture
def registry(settings: Settings) -> TenantRegistry:
    return TenantRegistry.from_settings(settings)


def test_a_push_keeps_keys_and_comments_a_person_added(registry: TenantRegistry) -> None:
    registry.apply(tenant_document())
    file = registry.files.root / "domains/furniture/account_1/config.yaml"
    file.write_text(file.read_text() + "my_key: 42  # mine\n")
    registry.apply(tenant_document(name="Outro Nome", version=2))
    text = file.read_text()
    assert "my_key: 42  # mine" in text
    assert "Outro Nome" in text
    assert registry.get("account_1").version == 2


def test_a_changed_domain_moves_the_folder_and_loses_nothing(registry: TenantRegistry) -> None:
    registry.apply(tenant_document())
    folder = registry.files.root / "domains/furniture/account_1"
    (folder / "support_crew.yaml").write_text("enabled: true\n")
    registry.apply(tenant_document(domain="retail"))
    assert not folder.exists()
    moved = registry.files.root / "domains/retail/account_1"
    assert (moved / "support_crew.yaml").read_text() == "enabled: true\n"
    assert registry.files.accounts() == {"account_1": "retail"}


def test_what_is_published_is_rebuilt_from_the_tree(
    registry: TenantRegistry, settings: Settings
) -> None:
    before = registry.apply(tenant_document())
    token = before.integrations.chatwoot.channels[0].token_sha256
    state_store(settings).flushall()
    with pytest.raises(UnknownAccount):
        registry.get("account_1")
    assert registry.publish_all() == 1
    assert registry.get("account_1") == before
    assert registry.channel_of_token(token)[0] == "account_1"


def test_a_removed_channel_closes_its_door(registry: TenantRegistry) -> None:
    tenant = registry.apply(tenant_document())
    token = tenant.integrations.chatwoot.channels[0].token_sha256
    document = tenant_document()
    document["integrations"]["chatwoot"]["channels"] = []
    registry.apply(document)
    assert registry.channel_of_token(token) is None


def test_a_broken_file_is_named_with_its_line(registry: TenantRegistry) -> None:
    registry.apply(tenant_document())
    file = registry.files.root / "domains/furniture/account_1/config.yaml"
    file.write_text("name: [unclosed\n")
    with pytest.raises(ConfigInvalid, match=r"config\.yaml, line \d+"):
        registry.publish_all()


def test_the_examples_in_the_repository_are_valid() -> None:
    examples = Path(__file__).parents[2] / "config" / "examples"
    (tenant,) = TenantFiles(examples).tenants()
    assert tenant.account_id == "account_1"
