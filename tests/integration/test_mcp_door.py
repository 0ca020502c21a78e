"""The MCP server's door: only known keys, from known places, so often and with so much."""

import http.client
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from sidecar.errors import ConfigInvalid
from sidecar.settings import Settings
from tests.conftest import RedisServer
from tests.mcp_house import (
    BIA_KEY,
    OTHER_KEY,
    SHOP_KEY,
    McpHouse,
    key_document,
    settings_in,
    two_shops,
)

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


STRICT = {"max_body_bytes": 20_000, "mcp_origins": "https://app.example.com", "mcp_rate": 10_000}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpHouse]:
    """One for all tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("mcp")
    store = RedisServer(folder)
    store.start()
    with two_shops() as odoo:
        found = McpHouse(settings_in(folder, store).model_copy(update=STRICT), odoo)
        with found.served():
            yield found
    store.kill()


@pytest.fixture
def house(settings: Settings) -> Iterator[McpHouse]:
    with two_shops() as odoo:
        found = McpHouse(settings.model_copy(update=STRICT), odoo)
        with found.served():
            yield found


def names(answer: requests.Response) -> set[str]:
    return {tool["name"] for tool in answer.json()["result"]["tools"]}


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic abc", f"Basic {SHOP_KEY}", SHOP_KEY, "Bearer x" * 60,
     f"Bearer {BIA_KEY}", f"Bearer {SHOP_KEY[:-1]}", f"Bearer {SHOP_KEY} {SHOP_KEY}", "Bearer é"],
)  # fmt: skip
def test_every_wrong_key_gets_the_same_answer(door: McpHouse, authorization: str) -> None:
    wrong = door.post(LIST, Authorization=authorization.encode("latin-1"))  # type: ignore[arg-type]
    none = door.post(LIST, Authorization=None)
    assert wrong.status_code == none.status_code == 401
    assert wrong.text == none.text
    assert wrong.headers["WWW-Authenticate"].startswith("Bearer ")
    assert wrong.json()["error"]["data"] == {"code": "unauthorized"}


def test_refusals_are_in_the_audit_without_a_key(house: McpHouse) -> None:
    house.post(LIST, BIA_KEY)
    (row,) = house.services.audit.unknown()
    told = (row["operation"], row["subject"], row["service"], row["code"], row["ip"])
    assert told == ("request", "unknown MCP key", "mcp", "unknown_key", "127.0.0.1")
    assert BIA_KEY not in json.dumps(row)


def test_a_key_ends_at_its_hour_and_the_audit_says_whose(house: McpHouse) -> None:
    house.push("account_1", key_document(SHOP_KEY, expires="2026-11-25T15:00:30Z"))
    assert house.post(LIST).status_code == 200
    house.now += 30
    assert house.post(LIST).status_code == 401
    (row,) = house.audit()
    assert (row["subject"], row["code"]) == ("expired MCP key Ana's computer", "unknown_key")


def test_a_revoked_key_is_refused_from_the_next_request_on(house: McpHouse) -> None:
    assert house.post(LIST).status_code == 200
    house.push("account_1")
    assert house.post(LIST).status_code == 401
    house.push("account_1", key_document(SHOP_KEY))
    assert house.post(LIST).status_code == 200


def test_a_changed_key_has_its_new_rights_at_once(house: McpHouse) -> None:
    assert "quotation_create" in names(house.post(LIST))
    house.push("account_1", key_document(SHOP_KEY, tools=["product_search_tool"]))
    assert names(house.post(LIST)) == {"product_search"}


def test_one_tenant_cannot_claim_the_key_of_another(house: McpHouse) -> None:
    with pytest.raises(ConfigInvalid, match=r"mcp_keys\[0\]\.sha256"):
        house.push("account_2", key_document(SHOP_KEY, id=9))
    told = house.call("company_info")["structuredContent"]
    assert told["name"] == "Casa Ipê"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8001", "127.0.0.1.evil.example", "localhost.evil.example",
     "127.0.0.1@evil.example", "[::1", "", "10.0.0.1"],
)  # fmt: skip
def test_a_foreign_host_is_refused_before_the_key(door: McpHouse, host: str) -> None:
    for path in ("/mcp", "/health"):
        link = http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)
        link.putrequest("GET" if path == "/health" else "POST", path, skip_host=True)
        link.putheader("Host", host)
        link.putheader("Authorization", f"Bearer {SHOP_KEY}")
        link.endheaders()
        answer = link.getresponse()
        assert answer.status in (400, 403)  # 400: the web server's own, for what is no host
        assert b"result" not in answer.read()
        link.close()


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:8001", "http://localhost",
     "https://app.example.com.evil.example", "http://app.example.com"],
)  # fmt: skip
def test_a_page_that_nobody_named_is_refused(door: McpHouse, origin: str) -> None:
    answer = door.post(LIST, Origin=origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_named_page_may_call_and_read(door: McpHouse) -> None:
    page = {"Origin": "https://app.example.com"}
    asked = requests.options(door.url, headers=page, timeout=30)
    assert asked.status_code == 204
    assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
    answer = door.post(LIST, **page)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == page["Origin"]
    assert door.post(LIST, BIA_KEY, **page).status_code == 401


def test_a_large_request_is_refused_with_its_limit(door: McpHouse) -> None:
    text = "x" * 500_000
    params = {"name": "product_search", "arguments": {"query": text}}
    answer = door.post({**LIST, "method": "tools/call", "params": params})
    assert answer.status_code == 413
    assert "larger than 20000 bytes" in answer.json()["error"]["message"]
    assert door.post(b"x" * 500_000, BIA_KEY).status_code == 401


def test_ten_megabytes_are_refused_and_the_server_lives(door: McpHouse) -> None:
    told = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"product_search",'
    body = told + b'"arguments":{"query":"' + b"x" * 10_000_000 + b'"}}}'
    with suppress(requests.ConnectionError):  # it may hang up while the client still sends
        assert door.post(body).status_code == 413
    assert door.post(LIST).status_code == 200


def test_chunks_do_not_pass_the_limit(door: McpHouse) -> None:
    headers = {"Authorization": f"Bearer {SHOP_KEY}", "Content-Type": "application/json"}
    chunks = (b"x" * 10_000 for _ in range(10))
    answer = requests.post(door.url, data=chunks, headers=headers, timeout=30)
    assert answer.status_code == 413


def test_too_many_requests_of_one_key_wait_for_the_next_minute(settings: Settings) -> None:
    with two_shops() as odoo:
        house = McpHouse(settings.model_copy(update={"mcp_rate": 3}), odoo)
        with house.served():
            assert [house.post(LIST).status_code for _ in range(4)] == [200, 200, 200, 429]
            refused = house.post(LIST)
            assert refused.headers["Retry-After"] == "60"
            assert "3 requests a minute" in refused.json()["error"]["message"]
            assert house.post(LIST, OTHER_KEY).status_code == 200
            house.now += 60
            assert house.post(LIST).status_code == 200


def test_the_health_needs_no_key_and_tells_nothing(door: McpHouse) -> None:
    answer = requests.get(door.url.replace("/mcp", "/health"), timeout=30)
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    other = requests.get(door.url.replace("/mcp", "/docs"), timeout=30)
    assert (other.status_code, other.json()["error"]["data"]) == (404, {"code": "not_found"})


def test_without_the_store_nobody_is_let_in(settings: Settings, tmp_path: Path) -> None:
    own = RedisServer(tmp_path)
    own.start()
    told = settings.model_copy(update={"state_url": SecretStr(own.url)})
    with two_shops() as odoo:
        house = McpHouse(told, odoo)
        with house.served():
            assert house.post(LIST).status_code == 200
            own.kill()
            health = requests.get(house.url.replace("/mcp", "/health"), timeout=30)
            answers = [house.post(LIST), health]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all("redis" not in answer.text.lower() for answer in answers)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, -32700),
        (b"{", 400, -32700),
        (b"\xff\xfe", 400, -32700),
        (b"[" * 5000, 400, -32700),
        (b'"initialize"', 400, -32600),
        (b"[]", 400, -32600),
        ([LIST, LIST], 400, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "tools/list"}, 400, -32600),
        ({**LIST, "id": None}, 400, -32600),
        ({**LIST, "id": {}}, 400, -32600),
        ({**LIST, "id": 1.5}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1}, 400, -32600),
        (b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"ping"}', 400, -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"\\ud800"}}', 400, -32700),
    ],
)
def test_what_is_no_request_is_the_protocols_error(
    door: McpHouse, body: Any, status: int, code: int
) -> None:
    answer = door.post(body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert "Traceback" not in answer.text
    assert door.post(LIST).status_code == 200


def test_unknown_methods_and_wrong_parameters_are_named(door: McpHouse) -> None:
    def error(method: str, **params: Any) -> tuple[int, str]:
        told = door.ask(method, **params)["error"]
        return told["code"], told["message"]

    assert error("tools/lust") == (-32601, "There is no such method.")
    code, sentence = error("tools/call", name=["x"])
    assert code == -32602
    assert sentence.startswith("params.name: ")
    code, sentence = error("tools/call", name="order_status", arguments="secret words")
    assert code == -32602
    assert sentence.startswith("params.arguments: ")
    assert "secret words" not in sentence


def test_a_nested_argument_costs_nobody_else(door: McpHouse) -> None:
    nested = b"[" * 900 + b"]" * 900
    told = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"stock_levels",'
    answer = door.post(told + b'"arguments":{"x":' + nested + b"}}}").json()
    assert "error" in answer or answer["result"]["isError"]
    assert door.post(LIST).status_code == 200


def test_whole_characters_beyond_the_first_plane_are_words(door: McpHouse) -> None:
    answer = door.call("product_search", query="sof\u00e1 \U0001f6cb")
    assert answer["isError"] is False


def test_a_wish_for_a_task_is_ignored_and_an_answer_accepted(door: McpHouse) -> None:
    asked = door.ask("tools/call", name="company_info", arguments={}, task={"ttl": 1000})
    assert asked["result"]["structuredContent"]["name"] == "Casa Ipê"
    assert door.post({"jsonrpc": "2.0", "id": 7, "result": {}}).status_code == 202
    for method in ("tasks/list", "resources/subscribe", "completion/complete"):
        assert door.ask(method)["error"]["code"] in (-32601, -32602)


def test_notifications_have_no_answer_and_there_is_no_stream(door: McpHouse) -> None:
    assert door.post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
    headers = {"Authorization": f"Bearer {SHOP_KEY}", "Accept": "text/event-stream"}
    answer = requests.get(door.url, headers=headers, timeout=30)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, DELETE")
    assert door.post(LIST, Accept="text/html").status_code == 406
    assert door.post(LIST, MCP_Protocol_Version="1999-01-01").status_code == 400


def test_a_session_is_its_keys_own(door: McpHouse) -> None:
    session = door.post(HELLO).headers["Mcp-Session-Id"]
    assert session != door.post(HELLO).headers["Mcp-Session-Id"]
    assert door.post(LIST, Mcp_Session_Id=session).status_code == 200
    assert door.post(LIST, OTHER_KEY, Mcp_Session_Id=session).status_code == 404
    assert door.post(LIST, Mcp_Session_Id=f"{session[:-1]}0x").status_code == 404
    assert door.post(LIST, Mcp_Session_Id="x").status_code == 404
    headers = {"Authorization": f"Bearer {SHOP_KEY}", "Mcp-Session-Id": session}
    assert requests.delete(door.url, headers=headers, timeout=30).status_code == 204
