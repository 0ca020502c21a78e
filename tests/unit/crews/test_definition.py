"""Crew definitions: the tenant's words over the sidecar's own, kept in Redis until a push."""

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.crews.definition import build, source_digest
from sidecar.errors import Unprocessable
from sidecar.hub.registry import DefinitionRegistry
from sidecar.hub.routing import CONVERSING
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.tenants.kinds import CREWS
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Tenant, parse_tenant
from sidecar.tools.registry import REGISTRY
from tests.documents import tenant_document


def tenant(language: str = "pt_BR", version: int = 1, **crews: dict) -> Tenant:
    return parse_tenant(tenant_document(language=language, version=version, crews=crews))


@pytest.mark.parametrize("language", ["pt_BR", "en_US"])
@pytest.mark.parametrize("crew", sorted(CONVERSING | {"product_management"}))
def test_every_built_crew_has_a_whole_definition_of_its_own(crew: str, language: str) -> None:
    definition = build(tenant(language), crew)
    assert definition.language == language[:2]
    for agent in definition.agents:
        assert agent.name
        assert agent.role
        assert agent.goal
        assert agent.backstory
        assert agent.tools
        for tool in agent.tools:
            assert crew in REGISTRY[tool].crews


def test_a_language_without_definitions_gets_english() -> None:
    assert build(tenant("fr_FR"), "sales").first == build(tenant("en_US"), "sales").first


@pytest.mark.parametrize("crew", ["social_media", "marketplace"])
def test_a_crew_that_is_only_a_name_says_so(crew: str) -> None:
    with pytest.raises(Unprocessable, match=crew):
        build(tenant(), crew)


def test_the_tenants_words_stand_over_the_sidecars_own() -> None:
    agents = [
        {"name": "ana", "role": "Chefe", "tools": []},
        {"name": "atendente", "goal": "Vender"},
    ]
    own = build(tenant(), "customer_service")
    told = build(tenant(customer_service={"name": "Balcão", "agents": agents}), "customer_service")
    assert (told.name, told.description) == ("Balcão", own.description)
    ana, attendant = told.agents
    assert (ana.name, ana.role, ana.tools) == ("ana", "Chefe", ())
    assert (ana.goal, ana.backstory) == (own.first.goal, own.first.backstory)
    assert (attendant.role, attendant.goal, attendant.tools) == (
        own.first.role,
        "Vender",
        own.first.tools,
    )


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_told_decides_the_digest(role: str, other: str) -> None:
    one = tenant(sales={"agents": [{"role": role}]}) if _storable(role) else tenant()
    two = tenant(sales={"agents": [{"role": other}]}) if _storable(other) else tenant()
    same = one.crews == two.crews
    assert (source_digest(one, "sales") == source_digest(two, "sales")) == same


def _storable(text: str) -> bool:
    return not any(
        ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 or ord(c) >= 0xFFFE for c in text
    )


@pytest.fixture
def registry(settings: Settings) -> DefinitionRegistry:
    return DefinitionRegistry(state_store(settings))


def test_a_definition_is_built_once_and_lives_as_long_as_the_tenant_says(
    registry: DefinitionRegistry,
) -> None:
    document = tenant_document()
    document["integrations"]["redis"] = {"config": {"prefix": "loja", "ttl": 600}}
    shop = parse_tenant(document)
    built = registry.get(shop, "sales")
    assert registry.get(shop, "sales") == built
    assert (registry.hits, registry.misses) == (1, 1)
    key = keys.crew("loja", "sales")
    assert 0 < registry.store.ttl(key) <= 600
    assert json.loads(registry.store.get(key)).keys() == {"version", "digest", "definition"}


def test_it_is_rebuilt_to_the_byte_after_redis_was_emptied(registry: DefinitionRegistry) -> None:
    shop = tenant(sales={"agents": [{"name": "rui", "role": "Vendedor"}]})
    kept = {}
    for crew in sorted(CONVERSING):
        registry.get(shop, crew)
        kept[crew] = registry.store.get(keys.crew("account_1", crew))
    registry.store.flushall()
    fresh = DefinitionRegistry(registry.store)  # as after a restart
    for crew in kept:
        fresh.get(shop, crew)
        assert registry.store.get(keys.crew("account_1", crew)) == kept[crew]


def test_a_push_takes_the_old_definition_away_in_its_own_transaction(
    registry: DefinitionRegistry, settings: Settings
) -> None:
    tenants = TenantRegistry.from_settings(settings)
    tenants.apply(tenant_document())
    registry.get(tenants.get("account_1"), "sales")
    told = {"sales": {"enabled": True, "agents": [{"role": "Novo"}]}}
    tenants.apply(tenant_document(version=2, crews=told))
    assert registry.store.get(keys.crew("account_1", "sales")) is None
    assert registry.get(tenants.get("account_1"), "sales").first.role == "Novo"


def test_a_slow_process_cannot_bring_an_old_definition_back(registry: DefinitionRegistry) -> None:
    old, new = tenant(sales={"name": "Velha"}), tenant(version=2, sales={"name": "Nova"})
    registry.get(new, "sales")
    registry.get(old, "sales")  # a worker that had read the tenant before the push
    assert registry.get(new, "sales").name == "Nova"
    edited = tenant(version=2, sales={"name": "À mão"})  # the same version, edited by hand
    assert registry.get(edited, "sales").name == "À mão"


@pytest.mark.parametrize("broken", ["", "{", "[]", "null", '{"version": 1}', '"x"', "\x80\x04N."])
def test_what_is_no_definition_is_replaced(registry: DefinitionRegistry, broken: str) -> None:
    shop = tenant()
    registry.store.set(keys.crew("account_1", "sales"), broken)
    assert registry.get(shop, "sales") == build(shop, "sales")
    assert registry.misses == 1


def test_another_tenants_definition_under_the_same_key_is_not_used(
    registry: DefinitionRegistry,
) -> None:
    document = tenant_document("account_2", crews={"sales": {"name": "Estranha"}})
    document["integrations"]["redis"] = {"config": {"prefix": "loja"}}
    registry.get(parse_tenant(document), "sales")
    mine = tenant_document(crews={})
    mine["integrations"]["redis"] = {"config": {"prefix": "loja"}}
    got = registry.get(parse_tenant(mine), "sales")
    assert (got.account_id, got.name) == ("account_1", "Vendas")


def test_counting_is_right_with_many_threads(registry: DefinitionRegistry) -> None:
    shop = tenant()
    threads = [
        threading.Thread(target=lambda: [registry.get(shop, "sales") for _ in range(50)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.hits + registry.misses == 400


def test_every_crew_is_built_or_only_a_name() -> None:
    built = CONVERSING | {"product_management"}
    assert set(CREWS) - built == {"social_media", "marketplace"}
