"""What a customer is shown is active, can be had and costs what was asked, at this very moment."""

import threading
from collections.abc import Iterator

import pytest

from sidecar.context import TenantContext
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.search.filters import Filters
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.store import ProductStore
from tests.facts import product_facts
from tests.furniture import furniture
from tests.vectors_process import VectorsProcess

CONTEXT = TenantContext("account_1", 1, "pt_BR", "America/Sao_Paulo", "BRL")


class Erp:
    """An ERP whose facts may change at any time; counts the reads."""

    name = "odoo"

    def __init__(self, facts: list[dict[str, object]]):
        self.facts = {f["id"]: f for f in facts}
        self.reads: list[list[int]] = []
        self.before_read = lambda: None

    def ping(self):
        return {}

    def product_ids(self, after_id=0, limit=500):
        return sorted(i for i in self.facts if i > after_id)[:limit]

    def product_facts(self, ids, lang=None):
        self.reads.append(ids)
        self.before_read()
        return [self.facts[i] for i in ids if i in self.facts]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("availability") / "vectors").start()
    yield process
    process.stop()


def proxy(vectors: VectorsProcess, facts: list[dict[str, object]], **options) -> DataProxyAgent:
    store = ProductStore(vectors.client(), CONTEXT, None)
    Indexer(store, None, CONTEXT).sync(facts, complete=True)
    return DataProxyAgent(CONTEXT, Erp(facts), HybridSearch(store, None, CONTEXT), **options)


def chairs(count: int, in_stock) -> list[dict[str, object]]:
    return [
        product_facts(
            id=n, name=f"Cadeira modelo {n}", price=100.0 + n, in_stock=in_stock(n), default_code=""
        )
        for n in range(1, count + 1)
    ]


def test_one_read_and_ranked_order(vectors):
    agent = proxy(vectors, furniture())
    found = agent.find_products("sofá", 5)
    assert len(agent.erp.reads) == 1
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(one.facts["in_stock"] for one in found)


def test_sold_out_since_the_index_was_written(vectors):
    agent = proxy(vectors, furniture())
    first = agent.find_products("sofá", 1)[0].facts["id"]
    sold = dict(agent.erp.facts[first], in_stock=False, available=0.0)

    def sell() -> None:  # in the middle of the search, after the index has answered
        agent.erp.facts[first] = sold

    agent.erp.before_read = sell
    assert first not in [one.facts["id"] for one in agent.find_products("sofá", 5)]
    assert first in [one.facts["id"] for one in agent.find_products("sofá", 5, availability="any")]


def test_no_sold_out_product_is_shown_while_stock_changes(vectors):
    agent = proxy(vectors, chairs(60, lambda n: n % 2 == 0))
    stop, read = threading.Event(), {}

    def trade() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            for n in range(1, 61):
                agent.erp.facts[n] = agent.erp.facts[n] | {"in_stock": (n + turn) % 3 == 0}

    genuine = agent.erp.product_facts

    def remembered(ids, lang=None):
        answer = genuine(ids, lang)
        read.clear()
        read.update({f["id"]: f["in_stock"] for f in answer})
        return answer

    agent.erp.product_facts = remembered
    trader = threading.Thread(target=trade)
    trader.start()
    try:
        for _ in range(100):
            found = agent.find_products("cadeira", 5)
            assert all(one.facts["in_stock"] and read[one.facts["id"]] for one in found)
    finally:
        stop.set()
        trader.join()


def test_a_shop_with_little_in_stock_still_shows_what_it_has(vectors):
    agent = proxy(vectors, chairs(200, lambda n: n % 20 == 0))
    found = agent.find_products("cadeira", 5)
    assert len(found) == 5
    assert len(agent.erp.reads) == 1
    assert len(agent.erp.reads[0]) > 100
    everything = proxy(vectors, chairs(200, lambda n: True))
    everything.find_products("cadeira", 5)
    assert len(everything.erp.reads[0]) == 30


def test_the_policy_any_shows_what_is_sold_out(vectors):
    facts = chairs(20, lambda n: False)
    assert proxy(vectors, facts).find_products("cadeira", 5) == []
    assert len(proxy(vectors, facts, availability="any").find_products("cadeira", 5)) == 5


def test_services_and_what_is_made_to_order_can_always_be_had(vectors):
    facts = [
        product_facts(id=1, name="Montagem de mesa", type="service", in_stock=False),
        product_facts(id=2, name="Mesa sob medida", is_storable=False, in_stock=False),
        product_facts(id=3, name="Mesa redonda", in_stock=False),
        product_facts(id=4, name="Mesa velha", active=True),
    ]
    agent = proxy(vectors, facts)
    agent.erp.facts[4] = facts[3] | {"active": False}
    assert {one.facts["id"] for one in agent.find_products("mesa", 5)} == {1, 2}


def test_a_price_that_changed_is_checked_live(vectors):
    agent = proxy(vectors, chairs(10, lambda n: True))
    agent.erp.facts[3] = agent.erp.facts[3] | {"price": 5000.0}
    found = agent.find_products("cadeira até R$ 105", 10)
    assert sorted(one.facts["id"] for one in found) == [1, 2, 4, 5]
    tighter = agent.find_products("cadeira até R$ 105", 10, Filters(min_price=104))
    assert sorted(one.facts["id"] for one in tighter) == [4, 5]


def test_categories_and_attributes_limit_both_halves(vectors):
    agent = proxy(vectors, furniture())
    sofas = agent.find_products("azul", 30, Filters(category="sofas"), availability="any")
    assert all("Sofás" in one.facts["category"] for one in sofas)
    blue = agent.find_products("sofá", 30, Filters(attributes={"cor": "AZUL"}), availability="any")
    assert blue
    for one in blue:
        colors = {v.lower() for a in one.facts["attributes"] for v in a["values"]}
        assert "azul" in colors


def test_what_is_shown_of_a_product(vectors):
    agent = proxy(vectors, [product_facts(image_url="http://127.0.0.1/image")])
    shown = agent.find_products("sofá jacarandá", 1)[0].as_dict()
    assert shown.pop("score") > 0
    assert shown == {
        "id": 5,
        "name": "Sofá Jacarandá",
        "description": "Sofá de 3 lugares em linho. Mede 220 x 90 cm.",
        "price": 2790.0,
        "currency": "BRL",
        "stock": 4.0,
        "image_url": "http://127.0.0.1/image",
        "why": ["name: sofá jacarandá", "category: sofá"],
    }


def test_a_thousand_products_are_read_in_few_calls():
    calls = []

    class Rpc:
        takes_ids = True

        def call(self, model, method, *, read_only, repeatable, **named):
            calls.append(method)
            if method == "product_ids":
                after, most = named["after_id"], named["limit"]
                return list(range(after + 1, min(after + most, 1000) + 1))
            return [product_facts(id=n) for n in named["ids"]]

    agent = DataProxyAgent(CONTEXT, OdooAdapter(Rpc(), CONTEXT), None)
    assert len(agent.products(list(range(1, 1001)))) == 1000
    assert len(calls) <= 20
    calls.clear()
    assert len(agent.all_products()) == 1000
    assert len(calls) <= 20
