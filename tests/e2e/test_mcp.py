"""MCP clients against real Odoo: every tool listed and called, keys made and revoked in Odoo."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

from sidecar.tenants.tool_names import READING, WRITING
from sidecar.tools.registry import REGISTRY
from tests.e2e.conftest import BASE, PROGRAMS, Odoo, until

URL = f"http://127.0.0.1:{BASE + 1}/mcp"
CODES = {"customer_identify", "customer_verify"}
STAFF = {"record_search", "record_read", "record_group", "vector_db", "odoo_sync"}
CUSTOMERS = {"account_1": "Camila Nakamura", "account_2": "Dana Whitfield"}  # with an order each
SEARCHES = {"account_1": "mesa de centro", "account_2": "vitamin c serum"}
NO_PAYMENTS = "The company takes no payments online."  # the demo shops have no provider

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""(tool, arguments) → the answer, or {"error": sentence}."""


def on_a_loop(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of `work`, on a loop of its own: the browser's runs in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@dataclass
class Keys:
    """Makes keys in Odoo as an administrator does, and takes them back at the end."""

    odoo: Odoo
    made: list[int]

    def make(self, account_id: str, **values: Any) -> tuple[int, str]:
        """A new key: its record and, this once, the key itself; valid from now on."""
        tenant = self.odoo.tenant(account_id)
        named = {"name": "end to end", "tenant_id": tenant, **values}
        record = self.odoo.call("ai.mcp.key", "create", named)
        self.made.append(record)
        shown = self.odoo.call("ai.mcp.key", "action_make_key", [record])
        key = shown["context"]["default_key"]
        assert shown["context"]["default_url"] == URL
        until(lambda: status(key) == 200)
        return record, key

    def revoke(self, record: int) -> None:
        self.odoo.call("ai.mcp.key", "action_revoke", [record])


@pytest.fixture(scope="module")
def keys(odoo: Odoo) -> Iterator[Keys]:
    """Meanwhile both shops let every writing tool write."""
    writing = odoo.call("ai.tool", "search", [["effect", "!=", "read"]])
    tenants = [odoo.tenant(account_id) for account_id in CUSTOMERS]
    before = {tenant: odoo.read("ai.tenant", tenant, "writing_tool_ids") for tenant in tenants}
    found = Keys(odoo, [])
    odoo.call("ai.tenant", "write", tenants, {"writing_tool_ids": [[6, 0, writing]]})
    yield found
    odoo.call("ai.mcp.key", "action_revoke", found.made)
    for tenant, was in before.items():
        values = {"writing_tool_ids": [[6, 0, was["writing_tool_ids"]]]}
        odoo.call("ai.tenant", "write", [tenant], values)


def post(key: str, method: str, **params: Any) -> requests.Response:
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": "application/json, text/event-stream",
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return requests.post(URL, json=body, headers=headers, timeout=60)


def status(key: str) -> int:
    return post(key, "tools/list").status_code


def names(key: str) -> set[str]:
    return {tool["name"] for tool in post(key, "tools/list").json()["result"]["tools"]}


def inspect(key: str, *arguments: str) -> dict[str, Any]:
    """What the official inspector's command line prints."""
    program = os.environ["CHATWOOTAI_E2E_INSPECTOR"]
    command = ["node", program, "--cli", URL, "--transport", "http"]
    command += ["--header", f"Authorization: Bearer {key}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_inspector(key: str) -> Ask:
    """Every tool's first call; a confirmation is quicker sent by the other client."""

    def ask(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if "confirmation" in arguments:
            return by_client(key)(tool, arguments)
        told = ["--method", "tools/call", "--tool-name", tool]
        for name, value in arguments.items():
            text = value if isinstance(value, str) else json.dumps(value)
            told += ["--tool-arg", f"{name}={text}"]
        return answer_of(inspect(key, *told))

    return ask


def by_client(key: str) -> Ask:
    async def talk(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        async with Client(StreamableHttpTransport(URL, auth=key)) as client:
            told = await client.call_tool_mcp(tool, arguments)
            return answer_of(told.model_dump(by_alias=True))

    return lambda tool, arguments: on_a_loop(talk(tool, arguments))


def answer_of(result: dict[str, Any]) -> dict[str, Any]:
    if result.get("isError"):
        return {"error": result["content"][0]["text"]}
    return result["structuredContent"]


class Walk:
    """Calls every tool once, with what the tools before it have told."""

    def __init__(self, shop: Ask, customer: Ask):
        self.asks = {True: customer, False: shop}
        self.called: set[str] = set()
        self.drafts: list[str] = []  # numbers of the quotations that were made

    def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer; of a tool that writes, after its preview was confirmed."""
        ask = self.asks[REGISTRY[tool].personal]
        told = ask(tool, arguments)
        assert "error" not in told or told["error"] == NO_PAYMENTS, (tool, arguments, told)
        self.called.add(tool)
        if not REGISTRY[tool].writes:
            return told
        assert told["preview"]
        told = ask(tool, {**arguments, "confirmation": told["confirmation"]})
        assert "error" not in told, (tool, arguments, told)
        return told

    def products(self, words: str) -> None:
        found = [row["id"] for row in self.ask("product_search", query=words)["products"]]
        assert len(found) >= 2
        self.product = found[0]
        assert self.ask("product_metadata", product_id=found[0])["id"] == found[0]
        variants = self.ask("product_variants", product_id=found[0]).get("variants")
        self.line = {"product_id": found[0], "quantity": 1}
        if variants:
            self.line["variant_id"] = variants[0]["id"]
        assert len(self.ask("product_compare", product_ids=found[:2])["products"]) == 2
        self.ask("product_alternatives", product_id=found[0])
        assert self.ask("stock_levels", product_ids=found[:2])["products"]
        assert self.ask("price_calculator", lines=[self.line])["total"]["value"] > 0
        assert self.ask("content_generation", product_id=found[0], kind="title")["text"]
        self.ask("image_suggestion", product_id=found[0])

    def shop(self) -> None:
        assert self.ask("company_info")["name"]
        assert self.ask("rules_in_force")["rules"]
        rows = self.ask("record_search", model="sale.order", limit=2)["rows"]
        ids = [row["id"] for row in rows]
        read = self.ask("record_read", model="sale.order", ids=ids, fields=["name"])["rows"]
        assert [row["name"] for row in read] == [row["name"] for row in rows]
        assert self.ask("record_group", model="sale.order", groupby=["state"])["rows"]
        assert self.ask("vector_db", product_ids=[self.product])["counts"]["total"] == 1
        row = {"product_id": self.product, "state": "synced"}
        assert self.ask("odoo_sync", rows=[row])["counts"] == {"products": 1}

    def customer(self, name: str) -> None:
        assert self.ask("customer_profile")["name"] == name
        orders = [row["order"] for row in self.ask("order_status")["orders"]]
        self.ask("delivery_status", order=orders[0])
        self.ask("invoice_status")
        self.ask("payment_link", order=orders[0])
        again = self.ask("order_reorder", order=orders[0])["quotation"]["order"]
        made = self.ask("quotation_create", lines=[self.line])["quotation"]["order"]
        self.drafts += [again, made]
        more = self.ask("quotation_add_line", order=made, lines=[{**self.line, "quantity": 2}])
        assert sum(line["quantity"] for line in more["quotation"]["lines"]) == 3
        assert self.ask("quotation_link", order=made)["url"].startswith("http")

    def calendar(self) -> None:
        service = self.ask("calendar_slots")
        if services := service.get("services"):
            service = self.ask("calendar_slots", service=services[0]["name"])
        slots = [slot["start"] for day in service["days"] for slot in day["slots"]]
        told = service["service"]
        answers = dict.fromkeys(told.get("ask", ()), "end to end")
        self.ask("calendar_book", service=told["name"], start=slots[-1], answers=answers)
        (booked,) = self.ask("calendar_bookings")["bookings"]
        self.ask("calendar_move", booking_id=booked["booking_id"], start=slots[len(slots) // 2])
        self.ask("calendar_cancel", booking_id=booked["booking_id"])
        assert self.ask("calendar_bookings").get("bookings", []) == []


@pytest.mark.timeout(400)  # each of the inspector's calls starts a program
@pytest.mark.parametrize(
    ("account_id", "by"), [("account_1", by_inspector), ("account_2", by_client)]
)
def test_every_tool_is_listed_and_called(
    odoo: Odoo, keys: Keys, llm: Any, account_id: str, by: Callable[[str], Ask]
) -> None:
    partner = odoo.call("res.partner", "search", [["name", "=", CUSTOMERS[account_id]]])[0]
    _record, shop = keys.make(account_id, write_allowed=True)
    _record, customer = keys.make(account_id, write_allowed=True, partner_id=partner)
    tools = inspect(shop, "--method", "tools/list")["tools"]
    assert {tool["name"] for tool in tools} == set(READING + WRITING)  # it keeps its session
    assert names(customer) == set(READING + WRITING) - CODES - STAFF
    walk = Walk(by(shop), by(customer))
    try:
        walk.products(SEARCHES[account_id])
        walk.shop()
        walk.customer(CUSTOMERS[account_id])
        walk.calendar()
    finally:
        drafts = odoo.call("sale.order", "search", [["name", "in", walk.drafts]])
        odoo.call("sale.order", "unlink", drafts)
    assert walk.called == set(READING + WRITING) - CODES


def test_codes_go_to_a_known_address_and_wrong_ones_prove_nobody(keys: Keys) -> None:
    _record, key = keys.make("account_1")

    async def talk() -> None:
        async with Client(StreamableHttpTransport(URL, auth=key)) as client:
            address = {"email": "camila.nakamura@example.com"}
            said = await client.call_tool("customer_identify", address)
            assert "on its way" in said.structured_content["say"]
            wrong = await client.call_tool(
                "customer_verify", {"code": "000000"}, raise_on_error=False
            )
            assert wrong.is_error
            orders = await client.call_tool("order_status", {}, raise_on_error=False)
            assert orders.meta["code"] == "identify_first"

    on_a_loop(talk())


def test_a_key_reaches_its_own_shop_and_its_own_customer(odoo: Odoo, keys: Keys) -> None:
    partner = odoo.call("res.partner", "search", [["name", "=", CUSTOMERS["account_1"]]])[0]
    _record, mine = keys.make("account_1", partner_id=partner)
    _record, other = keys.make("account_2")
    product = odoo.product("Sofá Jacarandá")
    assert by_client(mine)("product_metadata", {"product_id": product})["id"] == product
    assert "error" in by_client(other)("product_metadata", {"product_id": product})
    company = odoo.read("ai.tenant", odoo.tenant("account_1"), "company_id")["company_id"][0]
    others = [["partner_id", "!=", partner], ["company_id", "=", company]]
    foreign = odoo.call("sale.order", "search_read", others, ["name"])
    assert foreign
    for order in foreign:
        assert "error" in by_client(mine)("order_status", {"order": order["name"]})
    read = by_client(other)("record_read", {"model": "sale.order", "ids": [foreign[0]["id"]]})
    assert not read.get("rows")
    assert "error" in by_client(other)("quotation_create", {"lines": [{"product_id": product}]})


def test_a_revoked_key_is_refused_soon(keys: Keys) -> None:
    record, key = keys.make("account_1")
    assert by_client(key)("company_info", {})["name"]
    keys.revoke(record)
    until(lambda: status(key) == 401, 30)
    _record, fresh = keys.make("account_1")
    assert status(fresh) == 200


def test_calls_are_in_odoos_audit_and_the_key_says_when_it_was_used(odoo: Odoo, keys: Keys) -> None:
    record, key = keys.make("account_1")
    by_client(key)("company_info", {})
    about = [["operation", "=", "tool"], ["service", "=", f"mcp/{record}"]]

    def rows() -> list[dict[str, Any]]:
        return odoo.call("ai.audit.log", "search_read", about, ["subject", "result", "ip"])

    (row,) = until(rows, 60)
    assert (row["subject"], row["result"], row["ip"]) == ("company_info", "ok", "127.0.0.1")
    assert odoo.read("ai.mcp.key", record, "last_used")["last_used"]


def test_wrong_calls_are_told_clearly(keys: Keys) -> None:
    tool = keys.odoo.call("ai.tool", "search", [["code", "=", "stock_levels"]])
    _record, key = keys.make("account_1", tool_ids=[[6, 0, tool]])
    assert names(key) == {"stock_levels"}
    unknown = post(key, "tools/call", name="drop_table", arguments={}).json()["error"]
    assert unknown["code"] == -32602
    wrong = by_client(key)("stock_levels", {"product_ids": ["five"]})
    assert wrong["error"].startswith("Argument product_ids.0")
    scope = by_client(key)("product_search", {"query": "sofá"})
    assert scope == {"error": "This tool is not among those you may use."}
    large = post(key, "tools/call", name="stock_levels", arguments={"x": "y" * 2_000_000})
    assert large.status_code == 413
    assert status(key + "x") == 401


def test_stdio_serves_the_operator() -> None:
    program = str(PROGRAMS / "sidecar")
    transport = StdioTransport(
        program, ["mcp", "--stdio", "--account", "account_1"], env=dict(os.environ),
        keep_alive=False,
    )  # fmt: skip

    async def talk() -> None:
        async with Client(transport) as client:
            assert {tool.name for tool in await client.list_tools()} == set(READING)
            told = await client.call_tool("company_info", {})
            assert told.structured_content["name"] == "Casa Ipê Móveis"

    on_a_loop(talk())
