"""Customers who say it otherwise than the shop find it all the same; the shop's own words first."""

from collections.abc import Iterator

import pytest

from sidecar.context import TenantContext
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.store import ProductStore
from sidecar.search.word_store import Lexicons, WordStore
from tests.facts import product_facts
from tests.furniture import furniture
from tests.vectors_process import VectorsProcess

CONTEXT = TenantContext("account_1", 1, "pt_BR", "America/Sao_Paulo", "BRL")
ENGLISH = TenantContext("account_2", 2, "en_US", "UTC", "USD")


def computers() -> list[dict[str, object]]:
    """Ten laptops that no text calls so, and what goes with laptops."""
    sold = [(f"ProBook 4{n}0 notebook 15.6 inch", "Computers / Notebook") for n in range(10)]
    sold += [(f"MicroSaver laptop lock {n}", "Accessories / Locks") for n in range(3)]
    sold += [("Slim laptop sleeve", "Accessories / Sleeves"), ("Desk lamp", "Lamps")]
    plain = {"sale_text": "", "attributes": [], "tags": [], "default_code": ""}
    return [
        product_facts(id=number, name=name, category=category, **plain)
        for number, (name, category) in enumerate(sold, 1)
    ]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("synonyms") / "vectors").start()
    yield process
    process.stop()


def made(vectors: VectorsProcess, context: TenantContext, facts: list) -> HybridSearch:
    client = vectors.client()
    store, words = ProductStore(client, context, None), WordStore(client, context)
    Indexer(store, None, context, words=words).sync(facts, complete=True)
    return HybridSearch(store, None, context, (words, Lexicons()))


@pytest.fixture(scope="module")
def furniture_shop(vectors: VectorsProcess) -> HybridSearch:
    return made(vectors, CONTEXT, furniture())


@pytest.fixture(scope="module")
def computer_shop(vectors: VectorsProcess) -> HybridSearch:
    return made(vectors, ENGLISH, computers())


@pytest.mark.parametrize(
    ("question", "word"),
    [("roupeiro", "guarda-roupa"), ("estofado", "sofá"), ("mesinha de cabeceira", "criado")],
)
def test_another_word_finds_it_and_says_why(furniture_shop, question, word):
    best = furniture_shop.search(question)[0]
    assert word in best.name.lower()
    assert any(reason.startswith(("name: ", "category: ")) for reason in best.why)


def test_the_thing_comes_before_what_goes_with_it(computer_shop):
    found = [hit.product_id for hit in computer_shop.search("laptop", limit=14)]
    assert set(found[:10]) == set(range(1, 11))
    assert set(found[10:]) == {11, 12, 13, 14}


def test_what_goes_with_it_is_found_when_it_is_asked_for(computer_shop):
    assert [h.product_id for h in computer_shop.search("laptop lock", limit=3)] == [11, 12, 13]
    assert computer_shop.search("laptop sleeve")[0].product_id == 14


def test_a_part_of_the_catalog_adds_its_concepts(vectors):
    context = TenantContext("account_3", 3, "en_US", "UTC", "USD")
    client = vectors.client()
    store, words = ProductStore(client, context, None), WordStore(client, context)
    indexer = Indexer(store, None, context, words=words)
    plain = {"sale_text": "", "attributes": [], "tags": [], "category": ""}
    indexer.sync([product_facts(id=1, name="Oak desk", **plain)], complete=True)
    search = HybridSearch(store, None, context, (words, Lexicons()))
    assert search.search("couch") == []
    indexer.sync([product_facts(id=2, name="Linen sofa", **plain)], complete=False)
    search = HybridSearch(store, None, context, (words, Lexicons()))
    assert [hit.product_id for hit in search.search("couch")] == [2]
    assert words.load().marks["=sofa"] == 1
