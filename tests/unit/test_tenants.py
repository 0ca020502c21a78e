"""Published tenants: what every process reads, derived from the YAML tree and rebuilt from it."""

import json
import threading
from hashlib import sha256

import pytest

from sidecar import app
from sidecar.errors import ConfigInvalid, Conflict, UnknownAccount
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.tenants.registry import PATIENCE, TenantRegistry
from tests.documents import TOKEN, tenant_document

DIGEST = sha256(TOKEN.encode()).hexdigest()


@pytest.fixture
def registry(settings: Settings) -> TenantRegistry:
    return TenantRegistry.from_settings(settings)


def second(**changes: object) -> dict:
    """A second tenant's document, with a channel and a URL of its own."""
    document = tenant_document("account_2", **changes)
    channel = document["integrations"]["chatwoot"]["channels"][0]
    channel["hooks"][0]["token_sha256"] = sha256(b"second").hexdigest()
    return document


def test_another_process_sees_a_push_at_once(settings: Settings) -> None:
    door, worker = (TenantRegistry.from_settings(settings) for _ in range(2))
    door.apply(tenant_document())
    assert worker.get("account_1").name == "Casa Teste"
    door.apply(tenant_document(name="Outro", version=2))
    assert worker.get("account_1").name == "Outro"
    document = tenant_document(version=3)
    document["integrations"]["chatwoot"]["channels"] = []
    assert worker.door(DIGEST) is not None
    door.apply(document)
    assert worker.door(DIGEST) is None


def test_what_is_published_is_rebuilt_from_the_tree_to_the_byte(
    registry: TenantRegistry, settings: Settings
) -> None:
    registry.apply(tenant_document())
    store = state_store(settings)

    def everything() -> dict[str, object]:
        kept: dict[str, object] = {}
        for key in store.scan_iter():
            read = {"string": store.get, "set": store.smembers, "hash": store.hgetall}
            kept[key] = read[store.type(key)](key)
        return kept

    before = everything()
    store.flushall()
    with pytest.raises(UnknownAccount):
        registry.get("account_1")
    assert registry.publish_all().accounts == ["account_1"]
    assert everything() == before


def test_one_bad_tenant_stops_no_other_and_is_reported(registry: TenantRegistry) -> None:
    registry.apply(tenant_document())
    registry.apply(second())
    file = registry.files.root / "domains/furniture/account_1/config.yaml"
    file.write_text(file.read_text().replace("America/Sao_Paulo", "America/Atlantis"))
    again = registry.files.root / "domains/furniture/account_2/config.yaml"
    again.write_text(again.read_text().replace("Casa Teste", "Casa Dois"))
    done = registry.publish_all()
    assert done.accounts == ["account_2"]
    assert registry.get("account_2").name == "Casa Dois"
    assert registry.get("account_1").timezone == "America/Sao_Paulo"  # the last good one serves on
    (problem,) = registry.problems()
    assert problem.account_id == "account_1"
    assert problem.file == "domains/furniture/account_1/config.yaml"
    assert "timezone" in problem.message
    registry.apply(tenant_document(version=2))
    assert registry.problems() == []


def test_a_broken_mapping_takes_nobody_away(registry: TenantRegistry) -> None:
    registry.apply(tenant_document())
    mapping = registry.files.root / "account_mapping.yaml"
    mapping.write_text("accounts: {account_1: [\n")
    assert registry.publish_all().problems[0].file == "account_mapping.yaml"
    assert registry.accounts() == ["account_1"]
    mapping.unlink()  # a folder that is not mounted
    registry.publish_all()
    assert registry.accounts() == ["account_1"]


def test_a_tenant_that_was_taken_out_of_the_mapping_is_gone(registry: TenantRegistry) -> None:
    registry.apply(tenant_document())
    registry.apply(second())
    (registry.files.root / "account_mapping.yaml").write_text("accounts: {account_2: furniture}\n")
    registry.publish_all()
    assert registry.accounts() == ["account_2"]
    assert registry.door(DIGEST) is None
    with pytest.raises(UnknownAccount):
        registry.get("account_1")


def test_a_webhook_url_and_a_prefix_are_one_tenants(registry: TenantRegistry) -> None:
    document = tenant_document()
    document["integrations"]["redis"] = {"config": {"prefix": "shop"}}
    registry.apply(document)
    with pytest.raises(ConfigInvalid) as raised:
        registry.apply(tenant_document("account_2"))  # with the URL token of account_1
    field = "integrations.chatwoot.channels[0].hooks[0].token_sha256"
    assert raised.value.details["field"] == field
    thief = second()
    for prefix in ("shop", "account_1"):
        thief["integrations"]["redis"] = {"config": {"prefix": prefix}}
        with pytest.raises(ConfigInvalid) as raised:
            registry.apply(thief)
        assert raised.value.details["field"] == "integrations.redis.config.prefix"
    assert registry.files.accounts() == {"account_1": "furniture"}  # nothing was written
    assert registry.accounts() == ["account_1"]


def test_an_older_push_is_a_conflict_and_enrolling_starts_anew(registry: TenantRegistry) -> None:
    registry.apply(tenant_document(version=5))
    with pytest.raises(Conflict):
        registry.apply(tenant_document(version=4, name="Velho"))
    registry.apply(tenant_document(version=5, name="Igual"))
    assert registry.get("account_1").name == "Casa Teste"  # the same version changes nothing
    assert registry.apply(tenant_document(version=1, name="Novo"), reset=True).version == 1
    assert registry.get("account_1").name == "Novo"


def test_a_url_token_may_be_kept_among_the_secrets(settings: Settings) -> None:
    document = tenant_document()
    hook = document["integrations"]["chatwoot"]["channels"][0]["hooks"][0]
    hook["url_token_ref"] = "my_url_token"
    del hook["token_sha256"]
    closed = TenantRegistry.from_settings(settings)
    closed.apply(document)
    assert closed.door(DIGEST) is None
    kept = {("account_1", "my_url_token"): TOKEN}
    opened = TenantRegistry.from_settings(settings, lambda *what: kept.get(what))
    opened.publish_all()
    assert opened.door(DIGEST).account_id == "account_1"
    assert TOKEN not in json.dumps(state_store(settings).get(keys.webhook_route(DIGEST)))


def test_pushes_at_the_same_moment_leave_tree_and_redis_agreeing(settings: Settings) -> None:
    def push(number: int) -> None:
        registry = TenantRegistry.from_settings(settings)
        for version in range(1, 6):
            registry.apply(tenant_document(f"account_{number}") | _version(number, version))

    threads = [threading.Thread(target=push, args=(number,)) for number in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    registry = TenantRegistry.from_settings(settings)
    assert registry.accounts() == ["account_1", "account_2", "account_3"]
    for reading in registry.files.readings():
        assert reading.tenant == registry.get(reading.account_id)
        assert reading.tenant.version == 5


def _version(number: int, version: int) -> dict:
    return {"version": version, "integrations": {}, "name": f"Loja {number} v{version}"}


def test_a_killed_writer_keeps_the_door_shut_only_where_nothing_is_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = TenantRegistry.from_settings(settings)
    waited: list[float] = []
    publish_all = TenantRegistry.publish_all

    def noted(self: TenantRegistry, patience: float) -> object:
        waited.append(patience)
        return publish_all(self, 0.05)

    monkeypatch.setattr(TenantRegistry, "publish_all", noted)
    app._publish_tenants(settings)
    registry.apply(tenant_document())
    with registry._writer():
        lives = registry.store.pttl(keys.lease("config", "writer")) / 1000
    registry.store.set(keys.lease("config", "writer"), "killed", px=10_000)
    app._publish_tenants(settings)  # cannot write, and goes on
    nothing_published, published = waited
    assert published <= 1 < lives < nothing_published == PATIENCE
    assert registry.get("account_1").name == "Casa Teste"
