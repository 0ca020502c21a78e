"""The playground's tools: the same dispatcher, for demo tenants alone, in the API and the page."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import expect, sync_playwright
from pydantic import SecretStr

from sidecar.playground.app import close_app, create_app, make_playground
from sidecar.playground.tools_api import ToolDesk
from sidecar.settings import Settings
from sidecar.tenants.tool_names import READING
from sidecar.tools.registry import REGISTRY
from tests.mcp_house import McpHouse, two_shops

BIA = "+5511900000001"
CODES = {"customer_identify", "customer_verify"}
STAFF = {tool.name for tool in REGISTRY.values() if tool.staff}


@dataclass
class Tools:
    """The running playground, beside a house whose account_1 it is Chatwoot for."""

    base: str
    house: McpHouse

    def post(self, path: str, **body: Any) -> requests.Response:
        told = {"account_id": "account_1", **body}
        return requests.post(f"{self.base}/playground/api/tools/{path}", json=told, timeout=30)

    def names(self, **whose: Any) -> set[str]:
        tools = self.post("list", **whose).json()["data"]["tools"]
        return {tool["name"] for tool in tools}

    def call(self, tool: str, phone: str = "", **arguments: Any) -> dict[str, Any]:
        answer = self.post("call", tool=tool, phone=phone, arguments=arguments)
        assert answer.ok, answer.text
        return answer.json()["data"]["answer"]


@pytest.fixture
def tools(settings: Settings) -> Iterator[Tools]:
    settings = settings.model_copy(update={"playground_admin_token": SecretStr("admin")})
    with two_shops() as odoo:
        house = McpHouse(settings, odoo)
        app = create_app(settings, tools=ToolDesk(settings, lambda: house.services))
        server = make_playground(app, "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        house.push("account_1", chatwoot=base)
        house.audit()
        yield Tools(base, house)
        server.shutdown()
        server.server_close()
        close_app(app)


def test_only_tenants_of_this_playground_are_served(tools: Tools) -> None:
    answer = requests.get(f"{tools.base}/playground/api/tools/tenants", timeout=30).json()
    assert answer["data"] == [{"account_id": "account_1", "name": "Casa Teste"}]
    for account_id in ("account_2", "account_9", "../x"):
        for path in ("list", "call"):
            refused = tools.post(path, account_id=account_id, tool="company_info", arguments={})
            assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
    tools.house.push("account_1", chatwoot="https://chat.example.com")
    assert tools.post("list").status_code == 404


def test_the_shop_and_its_customer_have_their_tools(tools: Tools) -> None:
    assert tools.names() == set(REGISTRY) - CODES
    assert tools.names(phone=BIA) == set(REGISTRY) - CODES - STAFF
    tools.house.push("account_1", chatwoot=tools.base, tools={"writes": []})
    assert tools.names() == set(READING) - CODES


def test_a_number_proves_its_customer_and_a_strange_one_nobody(tools: Tools) -> None:
    assert tools.post("list", phone=BIA).json()["data"]["person"] == "Bia Moraes"
    orders = tools.call("order_status", BIA)["orders"]
    assert {row["order"] for row in orders} == {"S00071", "S00072"}
    assert tools.call("order_status", "+5511900000999")["code"] == "identify_first"
    assert tools.call("order_status")["code"] == "identify_first"
    assert tools.call("record_search", BIA, model="sale.order")["code"] == "not_allowed"


def test_a_write_previews_first_and_is_in_the_audit(tools: Tools) -> None:
    told = tools.call("order_reorder", BIA, order="S00071")
    assert tools.house.odoo.written == []
    token = told["confirmation"]
    done = tools.call("order_reorder", BIA, order="S00071", confirmation=token)
    assert done["quotation"]["order"]
    ((method, who),) = tools.house.odoo.written
    assert (method, who["name"], who["channel"]) == ("reorder", "Bia Moraes", "Playground")
    subjects = {row["subject"] for row in tools.house.audit() if row["result"] == "ok"}
    assert subjects == {"order_reorder for Bia Moraes (channel)"}


def test_what_is_no_request_is_refused(tools: Tools) -> None:
    assert tools.post("call", tool=5, arguments={}).status_code == 422
    assert tools.post("call", tool="company_info", phone=7).status_code == 422
    assert tools.call("nope")["code"] == "unknown_tool"
    assert tools.call("product_metadata", product_id="x")["code"] == "invalid_arguments"
    url = f"{tools.base}/playground/api/tools/call"
    body = {"account_id": "account_1", "tool": "company_info", "arguments": {}}
    foreign = {"Origin": "https://evil.example"}
    assert requests.post(url, json=body, headers=foreign, timeout=30).status_code == 403
    rebound = {"Host": "evil.example"}
    assert requests.post(url, json=body, headers=rebound, timeout=30).status_code == 403


def test_a_person_calls_a_tool_in_the_browser(tools: Tools) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\">"
    tools.house.odoo.products[2]["name"] = nasty
    problems: list[str] = []
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        assert chromium, "chromium is not installed: run `make test`"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(locale="pt-BR").new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.goto(tools.base)
        page.get_by_role("link", name="Ferramentas").click()
        page.get_by_role("button", name="product_metadata").click()
        assert page.locator("#arguments").input_value() == '{\n  "product_id": 1\n}'
        page.locator("#arguments").fill('{"product_id": 8}')
        page.get_by_role("button", name="Chamar").click()
        expect(page.locator("#answer")).to_contain_text("<img src=x")
        page.locator("#phone").fill(BIA)
        page.locator("#phone").blur()
        expect(page.locator("#person")).to_contain_text("Bia Moraes")
        expect(page.get_by_role("button", name="record_search")).to_have_count(0)
        page.get_by_role("button", name="order_reorder").click()
        page.locator("#arguments").fill('{"order": "S00071"}')
        page.get_by_role("button", name="Chamar").click()
        page.get_by_role("button", name="Confirmar").click()
        expect(page.locator("#answer")).to_contain_text("quotation")
        assert page.title() == "ChatwootAI playground"
        browser.close()
    assert len(tools.house.odoo.written) == 1
    assert problems == []
