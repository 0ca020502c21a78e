"""The one door to data: what is remembered, for whom and how long, what is asked together, and what
the evidence says of it. Over the double's real sockets.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sidecar.context import TenantContext
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.memory import LIVES, ReadMemory, Told
from sidecar.erp.base import Declines
from sidecar.erp.methods import METHODS, call_of
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.errors import NotOffered, Unavailable, Unprocessable
from sidecar.odoo_rpc import OdooRpc
from tests.doubles.odoo import DB, OdooDouble
from tests.facts import product_facts
from tests.shop_facts import invoice, order, partner

WHO = {"name": "Bia", "channel": "WhatsApp", "conversation": "7-1", "proof": "channel"}
LINES = [{"product_id": 5, "quantity": 1}]


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class House:
    """One process: its memory, and agents for its tenants."""

    odoo: OdooDouble
    clock: Clock
    memory: ReadMemory

    def agent(self, account_id: str = "account_1", language: str = "pt_BR") -> DataProxyAgent:
        _uid, tenant = self.odoo.tenants[f"ai-service-{account_id}"]
        rpc = OdooRpc(
            self.odoo.url,
            DB,
            f"ai-service-{account_id}",
            lambda _renew: tenant.api_key,
            5,
            ["127.0.0.1"],
        )
        context = TenantContext(account_id, tenant.company_id, language, "America/Sao_Paulo", "BRL")
        return DataProxyAgent(context, OdooAdapter(rpc, context), None, memory=self.memory)

    def asked(self, method: str) -> list[tuple[Any, ...]]:
        return [arguments for name, arguments in self.odoo.calls if name == method]


@pytest.fixture
def house() -> Iterator[House]:
    products = [product_facts(id=n, name=f"Produto {n}") for n in range(1, 41)]
    with OdooDouble(products=products, partners=[partner()]) as odoo:
        odoo.orders += [order()]
        odoo.invoices += [invoice()]
        odoo.rules = []
        odoo.add_tenant(
            "account_2",
            "the-others-key",
            products=[product_facts(id=5, name="Outro", price=1.0)],
            partners=[partner(name="Outra Bia")],
            rules=[],
        )
        clock = Clock()
        yield House(odoo, clock, ReadMemory(clock=clock))


def test_every_method_of_the_facade_is_there_under_its_name(house: House) -> None:
    """But what only the index and the product writer read."""
    others = {"product_ids", "writing_briefs", "product_image"}
    for name, method in METHODS.items():
        if method.reads and name not in others:
            assert callable(getattr(DataProxyAgent, name)), name


def test_stock_and_prices_are_remembered_for_seconds_and_details_for_minutes(house: House) -> None:
    assert LIVES["stock"] <= 5
    assert LIVES["price"] <= 5
    agent = house.agent()
    for _ in range(3):
        agent.stock_levels([5, 6])
        agent.price_quotes(LINES)
        agent.product_details([5])
    names = ("stock_levels", "price_quotes", "product_details")
    assert [len(house.asked(name)) for name in names] == [1, 1, 1]
    house.clock.now += 5.1
    house.odoo.products[4]["available"] = 1.0
    assert house.agent().stock_levels([5])[0]["free"] == 1.0
    house.agent().price_quotes(LINES)
    house.agent().product_details([5])
    assert [len(house.asked(name)) for name in names] == [2, 2, 1]
    house.clock.now += 301
    house.agent().product_details([5])
    assert len(house.asked("product_details")) == 2


def test_only_ids_that_are_not_known_are_asked_for(house: House) -> None:
    agent = house.agent()
    agent.stock_levels([1, 2, 3])
    rows = agent.stock_levels([4, 3, 999, 1, 4])
    assert [row["id"] for row in rows] == [4, 3, 1]
    assert house.asked("stock_levels") == [([1, 2, 3],), ([4, 999],)]
    agent.stock_levels([999])  # that there is no such product is known too
    assert len(house.asked("stock_levels")) == 2


def test_what_is_about_a_person_is_remembered_for_one_piece_of_work(house: House) -> None:
    def read(agent: DataProxyAgent) -> None:
        agent.orders(7)
        agent.invoices(7)
        agent.partner_profile(7)
        agent.find_partners(phone="+5511900000001")

    agent = house.agent()
    read(agent)
    read(agent)
    names = ("orders", "invoices", "partner_profile", "find_partners")
    assert [len(house.asked(name)) for name in names] == [1, 1, 1, 1]
    assert "Bia" not in repr(house.memory._kept)
    read(house.agent())
    assert [len(house.asked(name)) for name in names] == [2, 2, 2, 2]


def test_nothing_is_shared_between_tenants_languages_and_partners(house: House) -> None:
    house.odoo.partners.append(partner(id=8, name="Caio", discount=10, phone="+5511900000002"))
    mine, theirs = house.agent(), house.agent("account_2")
    assert mine.stock_levels([5])[0]["name"] == "Produto 5"
    assert theirs.stock_levels([5])[0]["name"] == "Outro"
    assert mine.partner_profile(7)["name"] == "Bia Moraes"
    assert theirs.partner_profile(7)["name"] == "Outra Bia"
    mine.product_details([5])
    house.agent(language="en_US").product_details([5])
    mine.product_details([5], "es_ES")
    assert [lang for _ids, lang in house.asked("product_details")] == ["pt_BR", "en_US", "es_ES"]
    whole, reduced = (mine.price_quotes(LINES, who)[0]["unit_price"] for who in (7, 8))
    assert (whole, reduced) == (2790.0, 2511.0)
    assert mine.price_quotes(LINES)[0]["unit_price"] == 2790.0


def test_nobody_changes_what_another_turn_reads(house: House) -> None:
    house.agent().product_details([5])[0]["name"] = "planted"
    assert house.agent().product_details([5])[0]["name"] == "Produto 5"


def test_a_write_makes_the_tenants_answers_unknown(house: House) -> None:
    mine, theirs = house.agent(), house.agent("account_2")
    for agent in (mine, theirs):
        agent.stock_levels([5])
        agent.orders(7)
    made = mine.write("quotation_create", 7, LINES, "key-1", WHO)
    assert made["id"] in {row["id"] for row in mine.orders(7)}
    mine.stock_levels([5])
    theirs.stock_levels([5])
    assert len(house.asked("stock_levels")) == 3
    assert len(house.asked("orders")) == 3


def test_a_write_whose_answer_was_lost_makes_them_unknown_too(house: House) -> None:
    agent = house.agent()
    agent.orders(7)
    house.odoo.die = ["after"] * 3
    with pytest.raises(Unavailable):
        agent.write("quotation_create", 7, LINES, "key-1", WHO)
    assert len(agent.orders(7)) == 2
    assert len(house.odoo.written) == 1


def test_a_read_that_began_before_a_write_is_not_remembered_after_it(house: House) -> None:
    reader, writer = house.agent(), house.agent()
    begun, hold = threading.Event(), threading.Event()
    genuine = house.odoo._stock_levels

    def slowly(ids: list[int]) -> list[dict[str, Any]]:
        told = [dict(row) for row in genuine(ids)]
        begun.set()
        return told

    # the answer is on its way while the write happens
    erp_read = reader.erp.rpc.call

    def late(*args: Any, **named: Any) -> Any:
        told = erp_read(*args, **named)
        hold.wait(20)
        return told

    house.odoo._stock_levels = slowly  # type: ignore[method-assign]
    reader.erp.rpc.call = late
    thread = threading.Thread(target=lambda: reader.stock_levels([5]))
    thread.start()
    assert begun.wait(20)
    house.odoo.products[4]["available"] = 3.0
    writer.write("quotation_create", 7, LINES, "key-1", WHO)
    hold.set()
    thread.join(20)
    assert house.agent().stock_levels([5])[0]["free"] == 3.0


def test_refused_writes_and_reads_in_disguise(house: House) -> None:
    agent = house.agent()
    with pytest.raises(Unprocessable, match="no writing method"):
        agent.write("orders", 7)
    with pytest.raises(Unprocessable, match="no method"):
        agent.write("unlink", [1])
    with pytest.raises(Unprocessable, match="between 1 and 10,000"):
        agent.write("quotation_create", 7, [{"product_id": 5, "quantity": 0}], "key", WHO)
    assert house.odoo.written == []


def test_reads_that_are_alike_are_one_while_it_is_under_way(house: House) -> None:
    agent = house.agent()
    agent.company_profile()  # logged in
    house.odoo.calls.clear()
    house.odoo.slow = threading.Event()
    rows: list[Any] = []
    threads = [
        threading.Thread(target=lambda: rows.append(house.agent().stock_levels([1, 2])))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while not house.asked("stock_levels"):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    time.sleep(0.1)  # the others arrive and wait; a late one would find it in memory
    house.odoo.slow.set()
    for thread in threads:
        thread.join(20)
    assert len(house.asked("stock_levels")) == 1
    assert len(rows) == 8
    assert all(row == rows[0] for row in rows)
    assert len({id(row[0]) for row in rows}) == 8


def test_a_failed_read_fails_for_all_who_wait_and_is_not_remembered(house: House) -> None:
    agent = house.agent()
    house.odoo.fail = 500
    with pytest.raises(Unavailable):
        agent.stock_levels([5])
    house.odoo.fail = 0
    assert agent.stock_levels([5])[0]["id"] == 5


def test_a_prefetch_is_one_round_trip_and_answers_what_is_read_later(house: House) -> None:
    agent = house.agent()
    agent.company_profile()
    house.odoo.calls.clear()
    ids = list(range(1, 31))
    calls = [
        call_of("stock_levels", ids),
        call_of("price_quotes", [{"product_id": n, "quantity": 1} for n in ids]),
        call_of("orders", 7, None, 5),
        call_of("open_state"),
        call_of("payment_link", 7, "order", 999),
    ]
    stock, prices, orders, opened, link = agent.prefetch(calls)
    assert [name for name, _ in house.odoo.calls] == ["batch"]
    assert [row["id"] for row in stock] == ids
    assert [row["unit_price"] for row in prices] == [2790.0] * 30
    assert orders[0]["name"] == "S00071"
    assert opened["reason"] == "unknown"
    assert isinstance(link, Unprocessable)
    assert link.message == "There is nothing left to pay."
    assert agent.stock_levels(ids) == stock
    assert agent.orders(7) == orders
    assert agent.open_state() == opened
    assert agent.prefetch(calls[:4]) == [stock, prices, orders, opened]
    assert [name for name, _ in house.odoo.calls] == ["batch"]


def test_a_prefetch_takes_its_time_limit_and_no_longer(house: House) -> None:
    agent = house.agent()
    agent.stock_levels([5])
    house.odoo.slow = threading.Event()
    try:
        begun = time.monotonic()
        (late,) = agent.prefetch([call_of("orders", 7)], limit=0.1)
        assert time.monotonic() - begun < 8  # Odoo's own limit is 10
        assert isinstance(late, Unavailable)
        (known,) = agent.prefetch([call_of("stock_levels", [5])], limit=10)
        assert known[0]["id"] == 5
    finally:
        house.odoo.slow.set()


def test_a_prefetch_tells_what_is_known_when_odoo_is_away(house: House) -> None:
    agent = house.agent()
    agent.stock_levels([5])
    house.odoo.down()
    known, away = agent.prefetch([call_of("stock_levels", [5]), call_of("orders", 7)])
    assert known[0]["id"] == 5
    assert isinstance(away, Unavailable)


def test_the_evidence_says_what_was_read_when_and_from_where(house: House) -> None:
    first = house.agent()
    first.stock_levels([5])
    read_at = house.clock.now
    house.clock.now += 2
    agent = house.agent()
    agent.stock_levels([5])
    agent.orders(7)
    agent.price_quotes(LINES)
    agent.write("quotation_create", 7, LINES, "key-1", WHO)
    agent.mail_identity_code("bia@example.com", "483920")
    told = [(source, at) for source, at, _fact in agent.evidence.facts]
    assert told == [
        ("odoo:stock/5", read_at),
        ("odoo:sale.order/71", read_at + 2),
        ("odoo:price/5", read_at + 2),
        ("odoo:sale.order/72", read_at + 2),
    ]
    assert {"2790", "4"} <= agent.evidence.figures()
    assert "483920" not in str(agent.evidence.facts)
    assert house.odoo.codes == [("bia@example.com", "483920")]


def test_rules_are_told_by_their_models(house: House) -> None:
    house.odoo.rules = [
        {"kind": kind, "id": 4, "valid_from": False, "valid_to": False, "group": "permanent"}
        | {"subkind": "", "structure": {}}
        for kind in ("rule", "scheduling")
    ]
    agent = house.agent()
    assert agent.rule_ids()["scheduling"] == [4]
    agent.rule_facts([("scheduling", 4)])
    agent.rules_in_force()
    sources = [source for source, _at, _fact in agent.evidence.facts]
    assert sources == ["odoo:ai.scheduling.rule/4", "odoo:ai.business.rule/4"]


class Sending(Declines):
    """An ERP that sends its data."""

    name, origin, called = "erp", "rest-generic", "It"

    def stock_levels(self, ids: list[int]) -> list[dict[str, Any]]:
        return [{"id": one, "free": 3.0} for one in ids]


def test_the_evidence_names_the_system_that_said_it(house: House) -> None:
    ours = house.agent()
    house.odoo.rules = [
        {"kind": "rule", "id": 4, "valid_from": False, "valid_to": False, "group": "permanent"}
        | {"subkind": "", "structure": {}}
    ]
    agent = DataProxyAgent(ours.context, Sending(), None, house=ours.erp)  # type: ignore[arg-type]
    agent.stock_levels([5])
    agent.rules_in_force()
    agent.prefetch([call_of("stock_levels", [6]), call_of("company_profile")])
    sources = [source for source, _at, _fact in agent.evidence.facts]
    assert sources == [
        "erp:stock/5", "odoo:ai.business.rule/4", "erp:stock/6", "odoo:company_profile",
    ]  # fmt: skip


def test_the_memory_has_an_end() -> None:
    memory = ReadMemory(size=100)
    for number in range(300):
        memory.put(("account_1", number), Told({"n": number}, memory.clock()))
    assert len(memory._kept) == 100
    assert memory.get(("account_1", 0), 60) is None
    assert memory.get(("account_1", 299), 60) == Told({"n": 299}, pytest.approx(time.time(), 60))


def test_what_the_erp_lacks_is_said_in_a_sentence(house: House) -> None:
    house.odoo.missing = {"orders", "invoices"}
    agent = house.agent()
    with pytest.raises(NotOffered, match="does not offer orders: an addon is missing"):
        agent.orders(7)
    (one, other) = agent.prefetch([call_of("invoices", 7), call_of("stock_levels", [5])])
    assert isinstance(one, NotOffered)
    assert other[0]["id"] == 5
    assert not agent.offers("orders")
    assert agent.offers("stock_levels")


def test_a_remembered_read_costs_less_than_a_millisecond(house: House) -> None:
    agent, ids = house.agent(), list(range(1, 31))
    agent.stock_levels(ids)
    best = float("inf")
    for _ in range(50):
        begun = time.perf_counter()
        agent.stock_levels(ids[:1])
        best = min(best, time.perf_counter() - begun)
    assert best < 0.001
