"""Twenty tenants in one collection: nobody reads, changes or deletes another's products."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.context import TenantContext
from sidecar.errors import BadRequest
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.query import Wanted
from sidecar.search.store import ProductStore
from sidecar.search.word_store import Lexicons, WordStore
from tests.furniture import furniture
from tests.vectors_process import VectorsProcess

TENANTS = 20
DIMENSION = 4
WORDS = [
    "sofá",
    "estofado",
    "cadera",
    "mesa",
    "cadeira",
    "SOF-3L",
    "azul",
    "branco",
    "montagem",
    "tv",
    "7890000000033",
]


class Flat:
    """A model to which all texts are nearly alike: the dense half returns whatever it may."""

    model = "flat"
    dimension = DIMENSION

    def embed(self, texts: list[str]) -> np.ndarray:
        made = np.array([[1, len(t) % 3, len(t) % 5, 1] for t in texts], np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


def context(number: int) -> TenantContext:
    return TenantContext(f"account_{number}", number, "pt_BR", "UTC", "BRL")


def products_of(number: int) -> list[dict[str, object]]:
    """The same texts and codes for all, ids that tell the tenant; even tenants share ids too."""
    shared = [] if number % 2 else furniture()[:2]
    return shared + [facts | {"id": number * 1000 + facts["id"]} for facts in furniture()[:20]]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("tenants") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def searches(vectors: VectorsProcess) -> dict[int, HybridSearch]:
    client, lexicons = vectors.client(), Lexicons()
    made = {}
    for number in range(TENANTS):
        store = ProductStore(client, context(number), DIMENSION)
        words = WordStore(client, context(number))
        Indexer(store, Flat(), context(number), words=words).sync(products_of(number), True)
        made[number] = HybridSearch(store, Flat(), context(number), (words, lexicons))
    return made


@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    number=st.integers(0, TENANTS - 1),
    text=st.one_of(
        st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), st.text(max_size=30)
    ),
    limit=st.integers(1, 100),
    most=st.one_of(st.none(), st.floats(0, 6000)),
    in_stock=st.sampled_from([None, True, False]),
)
def test_a_search_finds_only_the_tenants_own(searches, number, text, limit, most, in_stock):
    own = {facts["id"] for facts in products_of(number)}
    hits = searches[number].search(text, limit, Wanted(text, None, most), in_stock)
    assert {hit.product_id for hit in hits} <= own
    assert len(hits) == len({hit.product_id for hit in hits}) <= limit


def test_every_tenant_finds_all_of_its_own(searches):
    for number, search in searches.items():
        found = {hit.product_id for hit in search.search("sofá", 100)}
        assert found == {facts["id"] for facts in products_of(number)}


def test_ranking_does_not_depend_on_other_shops(vectors):
    own = TenantContext("alone", TENANTS, "pt_BR", "UTC", "BRL", collection="alone")
    alone = ProductStore(vectors.client(), own, None)
    Indexer(alone, None, alone.context).sync(products_of(TENANTS), complete=True)
    shared = ProductStore(vectors.client(), context(TENANTS), None)
    Indexer(shared, None, context(TENANTS)).sync(products_of(TENANTS), complete=True)
    noise = ProductStore(vectors.client(), context(TENANTS + 1), None)
    many = [
        facts | {"id": 90_000 + facts["id"]} for facts in furniture() if "Sofá" in facts["name"]
    ]
    Indexer(noise, None, context(TENANTS + 1)).sync(many, complete=True)
    for question in ("sofá azul", "mesa de centro", "poltrona couro"):
        one = HybridSearch(alone, None, alone.context).search(question)
        two = HybridSearch(shared, None, context(TENANTS)).search(question)
        assert [hit.product_id for hit in one] == [hit.product_id for hit in two]
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in two])


def test_one_tenants_sync_and_deletion_leave_the_others(vectors, searches):
    client = vectors.client()
    store = ProductStore(client, context(4), DIMENSION)
    # id 1 belongs to every even tenant, id 5001 to tenant 5
    Indexer(store, Flat(), context(4)).remove({1, 5001})
    assert 1 not in store.payloads([])
    assert 1 in ProductStore(client, context(6), DIMENSION).payloads([])
    assert 5001 in ProductStore(client, context(5), DIMENSION).payloads([])
    Indexer(store, Flat(), context(4)).sync([], complete=True)
    assert store.payloads([]) == {}
    assert len(ProductStore(client, context(6), DIMENSION).payloads([])) == 22
    Indexer(store, Flat(), context(4)).sync(products_of(4), complete=True)
    assert len(store.payloads([])) == 22


def test_the_same_record_of_two_tenants_is_two_points():
    first = ProductStore(None, context(1), DIMENSION).point_id(7)
    second = ProductStore(None, context(2), DIMENSION).point_id(7)
    assert first != second
    assert first == ProductStore(None, context(1), None).point_id(7)


def test_there_is_no_store_without_a_tenant():
    with pytest.raises(TypeError):
        ProductStore(None, dimension=DIMENSION)
    with pytest.raises(BadRequest):
        TenantContext("", 1, "pt_BR", "UTC", "BRL")
