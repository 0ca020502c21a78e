"""One way in and one way out: what a caller may call, and what they are told when it fails."""

import json
import xmlrpc.client
from typing import Any

import pytest

from sidecar.settings import Settings
from sidecar.tenants.tool_names import READING, WRITING
from sidecar.tools.dispatch import run, tools_for
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.tools_house import ToolsHouse, call

SECRET = "pl4nted-upstream-text"
SEARCH = {"query": "sofá"}


def names(context: Any) -> set[str]:
    return {tool.name for tool in tools_for(context)}


def test_arguments_come_as_an_object_or_as_its_json(house: ToolsHouse) -> None:
    context = house.turn()
    assert run("product_metadata", context, '{"product_id": 5}') == run(
        "product_metadata_tool", context, {"product_id": 5}
    )


@pytest.mark.parametrize("raw", [None, "", "[]", "{", 5, ["a"], '"x"', "[" * 5000])
def test_other_arguments_are_refused(house: ToolsHouse, raw: Any) -> None:
    assert run("product_search", house.turn(), raw)["code"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("product_search", {}, "Argument query: Field required."),
        ("product_search", {"query": "x" * 201}, "Argument query: String should have at most"),
        ("product_metadata", {"product_id": 2**31}, "Argument product_id"),
        ("product_metadata", {"product_id": 0}, "Argument product_id"),
        ("product_metadata", {"product_id": SECRET}, "Argument product_id"),
        ("price_calculator", {"lines": [{"product_id": 5, "quantity": -1}]}, "lines.0.quantity"),
        ("price_calculator", {"lines": []}, "Argument lines"),
        ("order_status", {"limit": 99}, "Argument limit"),
        ("customer_profile", {"x": 1}, "There is no argument x; known: none."),
    ],
)
def test_the_first_wrong_argument_is_named(
    house: ToolsHouse, name: str, arguments: dict, says: str
) -> None:
    told = call(house.turn(), name, **arguments)
    assert told["code"] == "invalid_arguments"
    assert says in told["error"]
    assert SECRET not in told["error"]


def test_arguments_of_ten_megabytes_are_refused(house: ToolsHouse, odoo: OdooDouble) -> None:
    huge = "x" * 10_000_000
    assert run("product_search", house.turn(), {"query": huge})["code"] == "invalid_arguments"
    assert run("product_search", house.turn(), json.dumps({"query": huge}))["code"] == (
        "invalid_arguments"
    )
    assert odoo.calls == []


def test_an_unknown_tool_is_answered_with_those_there_are(house: ToolsHouse) -> None:
    told = run("sales_confirm", house.turn(tools=["product_search"]), {})
    assert told["code"] == "unknown_tool"
    assert told["error"].endswith("use one of: product_search.")


def test_an_agent_calls_only_its_own_tools(house: ToolsHouse) -> None:
    context = house.turn(tools=["product_search"])
    assert call(context, "company_info")["code"] == "not_allowed"
    assert names(context) == {"product_search"}


def test_a_customer_is_offered_what_customers_may(house: ToolsHouse) -> None:
    staff = {"record_search", "record_read", "record_group", "vector_db", "odoo_sync"}
    assert names(house.turn()) == {*READING, *WRITING} - staff
    assert staff <= names(house.key(write=True))


def test_a_key_reads_what_it_names_and_writes_only_where_both_say_so(
    house: ToolsHouse, settings: Settings, odoo: OdooDouble
) -> None:
    assert names(house.key()) == set(READING)
    assert names(house.key(tools=["stock_levels", "quotation_create"])) == {"stock_levels"}
    assert names(house.key(tools=["stock_levels", "quotation_create"], write=True)) == {
        "stock_levels",
        "quotation_create",
    }
    careful = ToolsHouse(settings, odoo, changes={"tools": {"writes": ["calendar_book"]}})
    assert names(careful.key(write=True)) == {*READING, "calendar_book"}
    told = call(house.key(tools=["stock_levels"]), "product_search", **SEARCH)
    assert told["code"] == "not_allowed"


@pytest.mark.parametrize("code", [503, 500])
def test_an_odoo_that_is_away_costs_one_sentence(
    house: ToolsHouse, odoo: OdooDouble, code: int
) -> None:
    odoo.fail = code
    told = call(house.turn(), "stock_levels", product_ids=[5])
    assert told["code"] == "unavailable"
    assert "cannot be reached" in told["error"]


def test_what_the_shop_says_to_a_mistake_is_passed_on(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.faults["stock_levels"] = xmlrpc.client.Fault(2, "Pick another product.\nTraceback: x")
    told = call(house.turn(), "stock_levels", product_ids=[5])
    assert told["code"] == "refused"
    assert told["error"].startswith("Pick another product.")
    assert "Traceback" not in told["error"]


@pytest.mark.parametrize(
    "fault",
    [
        xmlrpc.client.Fault(1, f"Traceback (most recent call last):\n{SECRET}\nKeyError: 'x'"),
        xmlrpc.client.Fault(4, f"odoo.exceptions.AccessError: {SECRET}"),
        xmlrpc.client.Fault(3, f"AccessDenied {SECRET}"),
    ],
)
def test_a_traceback_is_never_passed_on(
    house: ToolsHouse, odoo: OdooDouble, fault: xmlrpc.client.Fault, capsys: Any
) -> None:
    odoo.faults["stock_levels"] = fault
    told = call(house.turn(), "stock_levels", product_ids=[5])
    assert set(told) == {"error", "code"}
    assert SECRET not in json.dumps(told)
    assert SECRET not in capsys.readouterr().out


@pytest.mark.parametrize("answer", [[{"id": 5}], {"a": 1}, "x", [SECRET]])
def test_an_erp_that_answers_in_another_shape(
    house: ToolsHouse, odoo: OdooDouble, answer: Any, capsys: Any
) -> None:
    odoo._orders = lambda **_named: answer  # type: ignore[method-assign]
    told = call(house.turn(), "order_status")
    assert told["code"] == "failed"
    assert SECRET not in json.dumps(told) + capsys.readouterr().out


def test_a_shop_that_lacks_something_says_so(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.missing = {"stock_levels", "find_partners", "rules_in_force", "promotion_prices"}
    assert call(house.turn(), "stock_levels", product_ids=[5])["code"] == "unsupported"
    assert call(house.turn(), "order_status")["code"] == "identify_first"
    told = call(house.turn(), "price_calculator", lines=[{"product_id": 5}])
    assert told["total"]["value"] == 2790.0


def test_answers_are_capped_and_say_so(house: ToolsHouse, odoo: OdooDouble) -> None:
    odoo.records["sale.order"] = [
        {"id": n, "name": f"S{n:05d}", "state": "sale", "amount_total": 1.0} for n in range(1, 200)
    ]
    told = call(house.key(), "record_search", model="sale.order", limit=100)
    assert len(told["rows"]) == house.settings.tool_rows
    assert told["more"]["rows"] == 100 - house.settings.tool_rows
    odoo.products[:] = [product_facts(id=n, sale_text="x " * 3000) for n in range(1, 11)]
    told = call(house.turn(), "product_search", query="x", limit=10)
    assert len(json.dumps(told, ensure_ascii=False)) <= house.settings.tool_characters + 100


def test_evidence_is_what_was_told_without_tokens(house: ToolsHouse) -> None:
    context = house.turn()
    told = call(
        context, "calendar_book", service="Montagem", start="2026-11-27T09:00",
        answers={"Telefone": "um preço de 77777"},
    )  # fmt: skip
    (kept,) = [f for s, _at, f in context.proxy.evidence.facts if s == "tool:calendar_book"]
    assert kept["preview"]["start"] == told["preview"]["start"]
    assert told["confirmation"] not in str(context.proxy.evidence.facts)
    assert "77777" not in context.proxy.evidence.figures()


def test_the_audit_knows_who_and_which_tool_and_no_values(house: ToolsHouse) -> None:
    call(house.turn(), "order_status", order="S00071")
    call(house.turn(), "product_search", **SEARCH)
    call(house.turn(conversation="7-2", phone=""), "order_status")
    call(house.key(), "product_search", **SEARCH)
    call(house.key(), "product_search")
    call(house.turn(), "quotation_create", lines=[{"product_id": 5}])
    assert house.rows == [
        ("order_status for Bia Moraes (channel, 7-1)", "ok", ""),
        ("order_status", "refused", "identify_first"),
        ("product_search", "ok", ""),
        ("product_search", "refused", "invalid_arguments"),
        ("quotation_create for Bia Moraes (channel, 7-1)", "ok", ""),
    ]
    kept = house.store.hvals("trail:unknown:rows")
    rows = [json.loads(row) for row in kept if row.startswith("{")]
    assert {row["operation"] for row in rows} == {"tool"}
    assert {row["service"] for row in rows} == {"test", "mcp/3"}


def test_a_store_that_is_away_is_said_in_a_sentence(house: ToolsHouse, redis_server: Any) -> None:
    context = house.turn()
    redis_server.kill()
    try:
        told = call(context, "order_status")
        assert told["code"] == "unavailable"
        assert "sofá" not in json.dumps(told)
    finally:
        redis_server.start()
