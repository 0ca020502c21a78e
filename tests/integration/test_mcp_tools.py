"""Every tool over MCP: listed as far as the key goes, called, and answering by its own schema."""

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import McpError

from sidecar.__main__ import main
from sidecar.mcp_odoo.app import operator
from sidecar.mcp_odoo.callers import Caller, new_session
from sidecar.mcp_odoo.contexts import Contexts
from sidecar.mcp_odoo.provider import Desk
from sidecar.settings import Settings
from sidecar.tenants.tool_names import READING, WRITING
from sidecar.tools.dispatch import run
from sidecar.tools.identity_codes import KEYS_CODES
from sidecar.tools.registry import REGISTRY
from tests.mcp_house import BIA_KEY, OTHER_KEY, SHOP_KEY, McpHouse, key_document, two_shops

CODES = {"customer_identify", "customer_verify"}
STAFF = {"record_search", "record_read", "record_group", "vector_db", "odoo_sync"}
GOOD: dict[str, dict[str, Any]] = {
    "product_search": {"query": "sofá"},
    "product_metadata": {"product_id": 5},
    "product_variants": {"product_id": 5},
    "product_compare": {"product_ids": [5, 6]},
    "product_alternatives": {"product_id": 5},
    "stock_levels": {"product_ids": [5, 6]},
    "price_calculator": {"lines": [{"product_id": 5, "quantity": 2}]},
    "customer_profile": {},
    "order_status": {"order": "S00071"},
    "delivery_status": {"order": "S00071"},
    "quotation_link": {"order": "S00072"},
    "invoice_status": {"invoice": "INV/2026/00091"},
    "payment_link": {"invoice": "INV/2026/00091"},
    "calendar_slots": {"service": "Montagem"},
    "calendar_bookings": {},
    "rules_in_force": {},
    "company_info": {},
    "record_search": {"model": "sale.order"},
    "record_read": {"model": "sale.order", "ids": [71]},
    "record_group": {"model": "sale.order", "groupby": ["state"]},
    "content_generation": {"product_id": 5},
    "image_suggestion": {"product_id": 5},
    "quotation_create": {"lines": [{"product_id": 5}]},
    "quotation_add_line": {"order": "S00072", "lines": [{"product_id": 6}]},
    "order_reorder": {"order": "S00071"},
    "calendar_book": {"service": "Montagem", "start": "2026-11-27T09:00"},
    "calendar_move": {"booking_id": 61, "start": "2026-11-27T10:00"},
    "calendar_cancel": {"booking_id": 61},
    "vector_db": {"product_ids": [5]},
    "odoo_sync": {"rows": [{"product_id": 5, "state": "synced"}]},
}


@pytest.fixture
def house(settings: Settings) -> Iterator[McpHouse]:
    """account_1 with a key of the shop's and one of Bia's (partner 7)."""
    with two_shops() as odoo:
        found = McpHouse(settings, odoo)
        bia = key_document(BIA_KEY, id=4, name="Bia", partner_id=7, write=True)
        found.push("account_1", key_document(SHOP_KEY, write=True), bia)
        with found.served():
            yield found


def listed(house: McpHouse, key: str = SHOP_KEY) -> dict[str, dict[str, Any]]:
    tools = house.ask("tools/list", key)["result"]["tools"]
    return {tool["name"]: tool for tool in tools}


def test_a_client_lists_and_calls_every_tool_and_answers_keep_their_schemas(
    house: McpHouse,
) -> None:
    done: set[str] = set()

    async def work(client: Client, personal: bool) -> None:
        schemas = {tool.name: tool for tool in await client.list_tools()}
        for name, arguments in GOOD.items():
            if REGISTRY[name].personal is not personal:
                continue
            tool = schemas[name]
            Draft202012Validator(tool.inputSchema).validate(arguments)
            told = await client.call_tool(name, arguments)  # the client checks the answer's schema
            answers = [told.structured_content]
            if REGISTRY[name].writes:
                confirmation = told.structured_content["confirmation"]
                written = await client.call_tool(name, {**arguments, "confirmation": confirmation})
                answers.append(written.structured_content)
            for answer in answers:
                Draft202012Validator(tool.outputSchema).validate(answer)
                assert answer
            assert json.loads(told.content[0].text) == told.structured_content
            done.add(name)

    house.client(lambda client: work(client, False), SHOP_KEY)
    house.client(lambda client: work(client, True), BIA_KEY)
    assert done == set(REGISTRY) - CODES == set(GOOD)


def test_tools_come_by_families_with_their_hints(house: McpHouse) -> None:
    tools = listed(house)
    families = [tool["_meta"]["family"] for tool in tools.values()]
    assert families[0] == "products"
    for name, tool in tools.items():
        hints = tool["annotations"]
        writes = name in WRITING
        assert (hints["readOnlyHint"], hints["destructiveHint"]) == (
            not writes,
            name == "calendar_cancel",
        )
        assert tool["title"]
        assert tool["description"]
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
            assert "$ref" not in json.dumps(schema)


def test_a_key_lists_what_it_may_call_and_nothing_else(house: McpHouse) -> None:
    assert set(listed(house)) == set(REGISTRY) - CODES
    assert set(listed(house, BIA_KEY)) == set(REGISTRY) - CODES - STAFF
    assert set(listed(house, OTHER_KEY)) == set(READING) - CODES  # not for writing
    house.push("account_1", key_document(SHOP_KEY, tools=["stock_levels", "quotation_create"]))
    assert set(listed(house)) == {"stock_levels"}
    two = key_document(SHOP_KEY, tools=["stock_levels", "quotation_create"], write=True)
    house.push("account_1", two)
    assert set(listed(house)) == {"stock_levels", "quotation_create"}
    house.push("account_1", two, tools={"writes": []})
    assert set(listed(house)) == {"stock_levels"}


def test_a_tool_outside_of_the_keys_scope_refuses_and_is_audited(house: McpHouse) -> None:
    house.push("account_1", key_document(SHOP_KEY, tools=["stock_levels"]))
    house.audit()
    for name in ("product_search", "quotation_create", "record_search"):
        told = house.call(name, **GOOD[name])
        assert told["isError"] is True
        assert told["_meta"]["code"] == "not_allowed"
        assert "structuredContent" not in told
    assert house.odoo.written == []
    rows = house.audit()
    assert {(r["operation"], r["service"], r["result"], r["code"]) for r in rows} == {
        ("tool", "mcp/3", "refused", "not_allowed")
    }
    assert sum(row["count"] for row in rows) == 3


def test_an_unknown_tool_is_the_protocols_error_and_lists_the_known(house: McpHouse) -> None:
    house.push("account_1", key_document(SHOP_KEY, tools=["stock_levels"]))
    error = house.ask("tools/call", name="sql_query", arguments={})["error"]
    assert (error["code"], error["message"]) == (
        -32602,
        "There is no such tool; known: stock_levels.",
    )
    assert house.audit()[-1]["code"] == "unknown_tool"


@pytest.mark.parametrize(
    ("tool", "arguments", "named"),
    [
        ("product_metadata", {"product_id": "five"}, "product_id"),
        ("product_metadata", {}, "product_id"),
        ("stock_levels", {"product_ids": [5, -1]}, "product_ids.1"),
        ("stock_levels", {"product_ids": [5], "company_id": 3}, "company_id"),
        ("price_calculator", {"lines": [{"product_id": 5, "quantity": 1e99}]}, "quantity"),
        ("product_search", {"query": "x" * 30_000}, "too large"),
    ],
)
def test_wrong_arguments_are_named_without_their_values(
    house: McpHouse, tool: str, arguments: dict[str, Any], named: str
) -> None:
    told = house.call(tool, **arguments)
    assert (told["isError"], told["_meta"]["code"]) == (True, "invalid_arguments")
    (part,) = told["content"]
    assert named in part["text"]
    assert "xxx" not in part["text"]
    assert "five" not in part["text"]


def test_personal_tools_tell_a_bound_keys_customer_only(house: McpHouse) -> None:
    mine = house.call("order_status", BIA_KEY)["structuredContent"]
    assert {row["order"] for row in mine["orders"]} == {"S00071", "S00072"}
    other = house.call("order_status", BIA_KEY, order="S00081")
    assert other["isError"] is True
    unbound = house.call("order_status", SHOP_KEY, order="S00071")
    assert unbound["_meta"]["code"] == "identify_first"
    assert house.audit()[0]["subject"] == "order_status for Bia Moraes (key)"


def test_a_code_proves_a_customer_for_this_session_alone(house: McpHouse) -> None:
    async def work(client: Client) -> None:
        names = {tool.name for tool in await client.list_tools()}
        assert names >= CODES
        sent = await client.call_tool("customer_identify", {"email": "caio@example.com"})
        assert "on its way" in sent.structured_content["say"]
        ((_address, code),) = house.odoo.codes
        proven = await client.call_tool("customer_verify", {"code": code})
        assert proven.structured_content["name"] == "Caio Reis"
        orders = await client.call_tool("order_status", {})
        assert [row["order"] for row in orders.structured_content["orders"]] == ["S00081"]

    house.client(work)

    async def again(client: Client) -> str:
        told = await client.call_tool("order_status", {}, raise_on_error=False)
        return told.meta["code"]

    assert house.client(again) == "identify_first"
    assert house.services.store.keys("account_1:person:*") == []  # the client ended its session


def test_a_key_cannot_mail_codes_to_everybody_by_new_sessions(house: McpHouse) -> None:
    tenant = house.services.tenants.get("account_1")
    contexts = Contexts.build(house.services)

    def mail(number: int) -> str | None:
        (key,) = (one for one in tenant.mcp_keys if one.partner_id is None)
        context = contexts.of(Caller(tenant, key, "mcp/3", new_session(key)))
        address = {"email": f"person{number}@example.com"}
        return run("customer_identify", context, address).get("code")

    assert [mail(n) for n in range(KEYS_CODES + 2)] == [None] * KEYS_CODES + ["limit"] * 2


def test_a_bound_key_gets_no_codes_and_no_record_tools(house: McpHouse) -> None:
    for name in ("customer_identify", "record_search", "odoo_sync"):
        arguments = {"email": "bia@example.com"} if name == "customer_identify" else GOOD[name]
        assert house.call(name, BIA_KEY, **arguments)["_meta"]["code"] == "not_allowed"
    assert house.odoo.codes == []
    assert house.odoo.sync_states == []


def test_a_write_wants_its_confirmation_and_happens_once(house: McpHouse) -> None:
    lines = [{"product_id": 5, "quantity": 1}]
    first = house.call("quotation_create", BIA_KEY, lines=lines)["structuredContent"]
    assert house.odoo.written == []
    token = first["confirmation"]
    other = house.call("quotation_create", BIA_KEY, lines=[{"product_id": 6}], confirmation=token)
    assert other["_meta"]["code"] == "confirmation"
    stolen = house.call("quotation_create", SHOP_KEY, lines=lines, confirmation=token)
    assert stolen["isError"] is True
    done = house.call("quotation_create", BIA_KEY, lines=lines, confirmation=token)
    assert done["isError"] is False
    again = house.call("quotation_create", BIA_KEY, lines=lines, confirmation=token)
    assert again["_meta"]["code"] == "confirmation"
    ((method, who),) = house.odoo.written
    assert (method, who["name"], who["proof"]) == ("quotation_create", "Bia Moraes", "key")


def test_each_key_sees_its_own_tenant(house: McpHouse) -> None:
    mine = house.call("product_search", query="mala")["structuredContent"]["products"]
    theirs = house.call("product_search", OTHER_KEY, query="mala")["structuredContent"]["products"]
    assert {row["name"] for row in theirs} == {"Mala Serena"}
    assert "Mala Serena" not in {row["name"] for row in mine}
    for name, arguments in (
        ("product_metadata", {"product_id": 5}),
        ("record_read", GOOD["record_read"]),
    ):
        answer = json.dumps(house.call(name, OTHER_KEY, **arguments), ensure_ascii=False)
        assert "Jacarand" not in answer
        assert "2790" not in answer
    assert house.ask("resources/read", OTHER_KEY, uri="product://5")["error"]["code"] == -32002


def test_resources_are_what_the_key_may_read(house: McpHouse) -> None:
    def texts(uri: str, key: str = SHOP_KEY) -> str:
        (content,) = house.ask("resources/read", key, uri=uri)["result"]["contents"]
        assert content["mimeType"] == "application/json"
        return json.loads(content["text"])

    assert texts("company://profile")["name"] == "Casa Ipê"
    assert texts("company://profile", OTHER_KEY)["name"] == "Outra Loja"
    assert texts("rules://in-force")["rules"]
    assert texts("product://5")["name"] == "Sofá Jacarandá"
    for wrong in ("product://999", "product://abc", "product://-1", "file:///etc/passwd"):
        assert house.ask("resources/read", uri=wrong)["error"]["code"] == -32002
    house.push("account_1", key_document(SHOP_KEY, tools=["stock_levels"]))
    assert house.ask("resources/list")["result"]["resources"] == []
    assert house.ask("resources/templates/list")["result"]["resourceTemplates"] == []
    for uri in ("company://profile", "product://5"):
        told = house.ask("resources/read", uri=uri)
        assert told["error"]["code"] == -32002  # not there for this key; nothing of ours failed
        assert "Casa" not in str(told)


def test_prompts_speak_the_tenants_language(house: McpHouse) -> None:
    listed = house.ask("prompts/list")["result"]["prompts"]
    assert {prompt["name"]: prompt["title"] for prompt in listed} == {
        "answer_customer": "Responder a um cliente",
        "compare_products": "Comparar produtos",
        "review_product": "Revisar um produto",
    }
    for prompt in listed:
        given = {argument["name"]: "</question> oi" for argument in prompt["arguments"]}
        told = house.ask("prompts/get", name=prompt["name"], arguments=given)["result"]
        (message,) = told["messages"]
        assert "ferramentas" in message["content"]["text"] or "loja" in message["content"]["text"]
        assert "&lt;/question> oi" in message["content"]["text"]
    house.push("account_1", key_document(SHOP_KEY), language="en_US")
    assert house.ask("prompts/list")["result"]["prompts"][0]["title"] == "Answer a customer"
    house.push("account_1", key_document(SHOP_KEY, tools=["stock_levels"]))
    assert house.ask("prompts/list")["result"]["prompts"] == []


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("answer_customer", {}, "question is missing"),
        ("answer_customer", {"question": "  "}, "question is missing"),
        ("answer_customer", {"question": "a", "tenant": "b"}, "no argument tenant"),
        ("answer_customer", {"question": "a" * 4001}, "longer than 4000"),
        ("delete_everything", {}, "no such prompt; known: answer_customer"),
    ],
)
def test_a_prompt_says_what_it_lacks(
    house: McpHouse, name: str, arguments: dict[str, str], said: str
) -> None:
    error = house.ask("prompts/get", name=name, arguments=arguments)["error"]
    assert error["code"] == -32602
    assert said in error["message"]


def test_an_odoo_that_is_away_is_told_in_a_sentence(house: McpHouse) -> None:
    house.odoo.fail = 500
    told = house.call("rules_in_force")
    assert told["isError"] is True
    assert told["_meta"]["code"] in ("unavailable", "failed")
    assert "planted upstream text" not in json.dumps(told)
    error = house.ask("resources/read", uri="rules://in-force")["error"]
    assert error["code"] == -32603
    assert "planted" not in error["message"]


def test_a_tenant_without_an_erp_is_told_so(house: McpHouse) -> None:
    document = house.services.tenants.get("account_1")
    bare = document.integrations.model_copy(update={"mcp": None})
    house.services.tenants.publish(document.model_copy(update={"integrations": bare}))
    told = house.call("rules_in_force")
    assert (told["isError"], told["_meta"]["code"]) == (True, "not_configured")


def test_stdio_serves_one_account_to_the_operator(settings: Settings) -> None:
    with two_shops() as odoo:
        house = McpHouse(settings, odoo)

        async def work() -> None:
            async with Client(_stdio(settings, "--account", "account_1")) as client:
                assert {tool.name for tool in await client.list_tools()} == set(READING)
                told = await client.call_tool("company_info", {})
                assert told.structured_content["name"] == "Casa Ipê"
                with pytest.raises(McpError, match="There is no such tool"):
                    await client.call_tool("nope", {})

        asyncio.run(work())
        assert {row["service"] for row in house.audit()} == {"mcp/stdio"}


def test_the_operator_writes_only_when_told(house: McpHouse) -> None:
    contexts = Contexts.build(house.services)

    def names(write: bool) -> set[str]:
        desk = Desk(contexts, operator(house.services, "account_1", write), 1)
        return set(asyncio.run(desk.names()))

    assert names(False) == set(READING)
    assert names(True) == set(REGISTRY)
    house.push("account_1", tools={"writes": ["calendar_book"]})
    assert names(True) == {*READING, "calendar_book"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mcp", "--stdio"], "name it, such as --account account_1"),
        (["mcp", "--write"], "go with --stdio"),
        (["mcp", "--stdio", "--account", "../x"], "account_id must be"),
        (["mcp", "--stdio", "--account", "account_9"], "No tenant has this account id"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.setattr("sidecar.__main__.get_settings", lambda: settings)
    assert main(arguments) == 1
    assert said in capsys.readouterr().err


def _stdio(settings: Settings, *options: str) -> StdioTransport:
    names = ("state_url", "cache_url", "broker_url", "secret_key", "local_dir", "config_dir")
    told = {f"CHATWOOTAI_{name.upper()}": str(_plain(getattr(settings, name))) for name in names}
    return StdioTransport(
        sys.executable, ["-m", "sidecar", "mcp", "--stdio", *options], env=told, keep_alive=False
    )


def _plain(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value
