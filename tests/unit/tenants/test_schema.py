"""The tenant document is checked strictly; the first wrong field is named."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import ConfigInvalid
from sidecar.tenants.kinds import CREWS
from sidecar.tenants.schema import Tenant, parse_tenant
from sidecar.tenants.values import references
from sidecar.tools.registry import REGISTRY
from tests.documents import tenant_document

CHANNEL = "integrations.chatwoot.channels[0]"
OPTION = "conversation.menu.options[0]"


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


def conversation(**changes: Any) -> dict[str, Any]:
    return tenant_document(conversation=changes)


def keys(*more: dict[str, Any], **changes: Any) -> dict[str, Any]:
    key = {"id": 3, "name": "Ana", "sha256": "a" * 64, "expires": "2026-12-31T00:00:00Z"}
    return tenant_document(mcp_keys=[key | changes, *(key | other for other in more)])


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
        (channel(mode="silent"), f"{CHANNEL}.mode"),
        (tenant_document(tools={"writes": ["order_status"]}), "tools.writes[0]"),
        (tenant_document(tools={"writes": ["sales_confirm"]}), "tools.writes[0]"),
        (tenant_document(tools={"identity_codes": "yes"}), "tools.identity_codes"),
        (keys(sha256="short"), "mcp_keys[0].sha256"),
        (keys(tools=["hack"]), "mcp_keys[0].tools[0]"),
        (keys(write=1), "mcp_keys[0].write"),
        (keys(partner_id=0), "mcp_keys[0].partner_id"),
        (keys(expires="soon"), "mcp_keys[0].expires"),
        (keys(expires="0001-01-01T00:00:00+10:00"), "mcp_keys[0].expires"),
        (keys(token="pl4nted"), "mcp_keys[0].token"),
        (keys({"id": 3, "sha256": "b" * 64}), "mcp_keys[1].id"),
        (keys({"id": 4}), "mcp_keys[1].sha256"),
        (conversation(mode="maybe"), "conversation.mode"),
        (conversation(acts_on="open"), "conversation.acts_on"),
        (conversation(returns=True), "conversation.returns"),
        (conversation(menu={"enabled": True}), "conversation.menu"),
        (conversation(menu={"options": [{"label": "A", "crew": "x"}]}), f"{OPTION}.crew"),
        (conversation(menu={"options": [{"label": "", "crew": "sales"}]}), f"{OPTION}.label"),
        (
            conversation(menu={"options": [{"label": "A", "crew": "sales"}] * 10}),
            "conversation.menu.options",
        ),
        (conversation(handoff={"team_id": "5"}), "conversation.handoff.team_id"),
        (conversation(handoff={"labels": ["a b"]}), "conversation.handoff.labels[0]"),
        (conversation(handoff={"after_failures": 0}), "conversation.handoff.after_failures"),
        (conversation(handoff={"when_closed": "sleep"}), "conversation.handoff.when_closed"),
        (conversation(closing={"ask_rating": 1}), "conversation.closing.ask_rating"),
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


def test_without_settings_the_desk_answers_what_is_pending_and_writes_nothing() -> None:
    tenant = parse_tenant(tenant_document())
    desk = tenant.conversation
    assert (desk.mode, desk.acts_on, desk.returns) == ("answer", "pending", "pending")
    assert (desk.menu.enabled, desk.handoff.after_failures, desk.closing.resolve) == (
        False,
        2,
        True,
    )
    assert (tenant.tools.writes, tenant.mcp_keys, tenant.channels[0].mode) == ([], [], None)


def test_an_mcp_key_ends_at_an_instant_in_whatever_zone_it_is_written() -> None:
    ends = {
        parse_tenant(keys(expires=text)).mcp_keys[0].expires_at
        for text in ("2026-12-31T00:00:00Z", "2026-12-30T21:00:00-03:00", "2026-12-31 00:00:00")
    }
    assert ends == {datetime(2026, 12, 31, tzinfo=UTC).timestamp()}


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
