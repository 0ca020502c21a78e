"""The tenant document is checked strictly; the first wrong field is named."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ConfigInvalid
from sidecar.tenants.schema import CREWS, Tenant, parse_tenant
from sidecar.tenants.values import references
from sidecar.tools.registry import REGISTRY
from tests.documents import tenant_document

CHANNEL = "integrations.chatwoot.channels[0]"


def channel(**changes: Any) -> dict[str, Any]:
    document = tenant_document()
    document["integrations"]["chatwoot"]["channels"][0].update(changes)
    return document


def agent(**told: Any) -> dict[str, Any]:
    return tenant_document(crews={"sales": {"agents": [told]}})


def integration(name: str, **config: Any) -> dict[str, Any]:
    document = tenant_document()
    document["integrations"][name] = {"config": config}
    return document


def hook(**changes: Any) -> dict[str, Any]:
    return {"id": 1, "kind": "agent_bot", "token_sha256": "a" * 64, "secret_ref": "s"} | changes


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (tenant_document(domain="../../etc"), "domain"),
        (tenant_document(language="klingon!"), "language"),
        (tenant_document(timezone="America/Atlantis"), "timezone"),
        (tenant_document(timezone="../../etc/passwd"), "timezone"),
        (tenant_document(currency="reais"), "currency"),
        (tenant_document(company_id=0), "company_id"),
        (tenant_document(company_id="2"), "company_id"),
        (tenant_document(version=0), "version"),
        (tenant_document(version=True), "version"),
        (tenant_document(include_shared_records="yes"), "include_shared_records"),
        (tenant_document(name=""), "name"),
        (tenant_document(name="a\x00b"), "name"),
        (tenant_document(note="\ud800"), "note"),
        (tenant_document(note=float("nan")), "note"),
        (tenant_document(crews={"cooking": {}}), "crews.cooking"),
        (tenant_document(crews={"support": {}, "customer_service": {}}), "crews.support"),
        (tenant_document(crews={"sales": {"enabled": "no"}}), "crews.sales.enabled"),
        (agent(tools=["product_search", "hack"]), "crews.sales.agents[0].tools[1]"),
        (agent(llm="gpt"), "crews.sales.agents[0].llm"),
        (agent(verbose=1), "crews.sales.agents[0].verbose"),
        (channel(crew="cooking"), f"{CHANNEL}.crew"),
        (channel(owner_phones=["11 99999-0000"]), f"{CHANNEL}.owner_phones[0]"),
        (channel(owner_phones=["+5511999990000\n"]), f"{CHANNEL}.owner_phones[0]"),
        (channel(url="ftp://chat"), f"{CHANNEL}.url"),
        (channel(url="https://user:pass@chat"), f"{CHANNEL}.url"),
        (channel(url="http://[::1"), f"{CHANNEL}.url"),
        (channel(signature="maybe"), f"{CHANNEL}.signature"),
        (channel(bot_token_ref="not a name"), f"{CHANNEL}.bot_token_ref"),
        (channel(bot_token_ref=None), f"{CHANNEL}.bot_token_ref"),
        (channel(hooks=[hook(kind="telegram")]), f"{CHANNEL}.hooks[0].kind"),
        (channel(hooks=[hook(token_sha256="short")]), f"{CHANNEL}.hooks[0].token_sha256"),
        (channel(hooks=[hook(token_sha256=None)]), f"{CHANNEL}.hooks[0].token_sha256"),
        (channel(hooks=[hook(), hook(id=2)]), f"{CHANNEL}.hooks[1].token_sha256"),
        (integration("redis", host="localhost"), "integrations.redis.config.host"),
        (integration("redis", db=0), "integrations.redis.config.db"),
        (integration("redis", prefix="a:b"), "integrations.redis.config.prefix"),
        (integration("redis", prefix="account_2"), "integrations.redis.config.prefix"),
        (integration("redis", ttl=0), "integrations.redis.config.ttl"),
        (integration("qdrant", url="localhost"), "integrations.qdrant.config.url"),
        (integration("mcp", url="http://h", db="d"), "integrations.mcp.config.username"),
        (integration("shopee", password="pl4nted"), "integrations.shopee.config.password"),
        (
            integration("shopee", a=[{"access_token": "x"}]),
            "integrations.shopee.config.a[0].access_token",
        ),
        (integration("shopee", key_ref="../x"), "integrations.shopee.config.key_ref"),
    ],
)
def test_the_wrong_field_is_named_and_its_value_is_not(
    document: dict[str, Any], field: str
) -> None:
    with pytest.raises(ConfigInvalid) as raised:
        parse_tenant(document)
    assert raised.value.details == {"field": field}
    assert field in raised.value.message
    assert "pl4nted" not in raised.value.message


def test_two_channels_cannot_share_an_id() -> None:
    document = tenant_document()
    channels = document["integrations"]["chatwoot"]["channels"]
    channels.append({**channels[0], "hooks": []})
    with pytest.raises(ConfigInvalid) as raised:
        parse_tenant(document)
    assert raised.value.details["field"] == "integrations.chatwoot.channels[1].id"


def test_aliases_and_suffixes_are_read_as_the_names_they_stand_for() -> None:
    document = tenant_document(
        crews={"support": {"agents": [{"tools": ["product_search_tool", "order_status"]}]}}
    )
    crew = parse_tenant(document).crews["customer_service"]
    assert crew.agents[0].tools == ["product_search", "order_status"]
    assert parse_tenant(channel(crew="support")).channels[0].crew == "customer_service"


def test_the_context_knows_company_prefix_and_qdrant() -> None:
    document = tenant_document(company_id=None)
    document["integrations"]["qdrant"] = {
        "config": {
            "collection": "mine",
            "url": "https://q.example",
            "api_key_ref": "qdrant_api_key",
        }
    }
    context = parse_tenant(document).context
    assert (context.company_id, context.prefix) == (None, "account_1")
    assert (context.qdrant_url, context.qdrant_key_ref) == ("https://q.example", "qdrant_api_key")
    document["integrations"]["redis"] = {"config": {"prefix": "shop"}}
    assert parse_tenant(document).context.prefix == "shop"


def test_keys_nobody_knows_are_kept() -> None:
    tenant = parse_tenant(tenant_document(my_key={"deep": [1]}))
    assert tenant.model_extra == {"my_key": {"deep": [1]}}
    assert Tenant.model_validate_json(tenant.model_dump_json()) == tenant


def test_references_are_found_at_any_depth() -> None:
    document = tenant_document()
    document["integrations"]["ml"] = {"config": {"a": [{"client_secret_ref": "ml_secret"}]}}
    found = dict(references(document))
    assert found["integrations.ml.config.a[0].client_secret_ref"] == "ml_secret"
    assert found[f"{CHANNEL}.hooks[0].secret_ref"] == "hook_secret"


def test_every_tool_serves_crews_that_exist() -> None:
    for name, tool in REGISTRY.items():
        assert tool.name == name
        assert tool.description
        assert set(tool.crews) <= set(CREWS)


def test_a_document_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}
    with pytest.raises(ConfigInvalid, match="nested too deeply"):
        parse_tenant(tenant_document(deep=deep))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(tenant_document())), _json)
def test_whatever_stands_in_a_field_the_answer_is_a_tenant_or_a_named_error(
    key: str, value: Any
) -> None:
    field = ""
    try:
        tenant = parse_tenant(tenant_document() | {key: value})
    except ConfigInvalid as error:
        tenant, field = None, error.details["field"]
    if tenant is None:
        assert field
    else:
        assert Tenant.model_validate_json(tenant.model_dump_json()) == tenant
