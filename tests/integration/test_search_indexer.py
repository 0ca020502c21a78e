"""The index follows the products: what changed is written, what did not costs nothing."""

from collections.abc import Iterator

import numpy as np
import pytest
from qdrant_client import QdrantClient

from sidecar.context import TenantContext
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.store import ProductStore
from sidecar.search.word_store import WordStore
from tests.facts import product_facts
from tests.furniture import furniture
from tests.vectors_process import VectorsProcess

CONTEXT = TenantContext("account_1", 1, "pt_BR", "America/Sao_Paulo", "BRL", collection="own")


class Counting:
    """Any vectors; counts the texts it was asked for."""

    dimension = 4

    def __init__(self, model: str = "counting"):
        self.model = model
        self.texts = 0

    def embed(self, texts: list[str]) -> np.ndarray:
        self.texts += len(texts)
        made = np.array([[len(t), t.count("a"), t.count("e"), 1] for t in texts], np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


class Recording(ProductStore):
    """The real store; remembers which writing it was asked to do."""

    def __init__(self, *arguments: object):
        super().__init__(*arguments)
        self.written: list[tuple[str, int]] = []

    def upsert(self, points):
        self.written += [("points", len(points))] if points else []
        super().upsert(points)

    def change_payloads(self, payloads):
        self.written += [("payloads", len(payloads))] if payloads else []
        super().change_payloads(payloads)

    def change_sparse(self, vectors):
        self.written += [("sparse", len(vectors))] if vectors else []
        super().change_sparse(vectors)

    def delete(self, record_ids):
        self.written += [("deleted", len(record_ids))] if record_ids else []
        super().delete(record_ids)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("indexer") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def client(vectors: VectorsProcess) -> QdrantClient:
    client = vectors.client()
    for collection in client.get_collections().collections:
        client.delete_collection(collection.name)
    return client


@pytest.fixture
def store(client: QdrantClient) -> Recording:
    return Recording(client, CONTEXT, Counting.dimension)


def means(store: ProductStore) -> set[float]:
    """The mean lengths of descriptions that points were written with."""
    return {p["means"]["description"] for p in store.payloads(["means"]).values()}


def counts(report: dict[str, object]) -> tuple[object, ...]:
    return tuple(report[key] for key in ("embedded", "upserted", "deleted", "unchanged"))


def test_first_sync_writes_everything_and_tells_the_points(store, client):
    facts, model = furniture(), Counting()
    report = Indexer(store, model, CONTEXT).sync(facts, complete=True)
    assert report["total"] == len(facts)
    assert counts(report) == (62, 62, 0, 0)
    assert model.texts == 62
    assert report["points"] == {str(f["id"]): store.point_id(f["id"]) for f in facts}
    assert client.count("own_4").count == 62
    found = client.retrieve("own_4", [report["points"]["1"]])[0]
    assert found.payload["account_id"] == "account_1"
    assert found.payload["codes"] == ["7890000000001", "sof3l"]


def test_unchanged_products_cost_nothing(store):
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    store.written.clear()
    model = Counting()
    report = Indexer(store, model, CONTEXT).sync(furniture(), complete=True)
    assert counts(report) == (0, 0, 0, 62)
    assert len(report["points"]) == 62
    assert model.texts == 0
    assert store.written == []


def test_words_that_a_crash_left_behind_are_made_up_for(store, client, monkeypatch):
    words = WordStore(client, CONTEXT)
    with monkeypatch.context() as broken:
        broken.setattr(words, "save", lambda _lexicon: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Indexer(store, None, CONTEXT, words=words).sync(furniture(), complete=True)
    assert words.load() is None
    store.written.clear()
    report = Indexer(store, None, CONTEXT, words=words).sync(furniture(), complete=True)
    assert counts(report) == (0, 0, 0, 62)
    assert words.load().documents == 62
    monkeypatch.setattr(words, "save", lambda _lexicon: 1 / 0)
    Indexer(store, None, CONTEXT, words=words).sync(furniture(), complete=True)
    assert store.written == []


def test_stock_and_price_change_the_payload_only(store):
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    store.written.clear()
    model, facts = Counting(), furniture()
    facts[0]["price"] = 1.0
    facts[1]["in_stock"] = False
    facts[2]["available"] = 99.0  # no one searches for a quantity: nothing to write
    report = Indexer(store, model, CONTEXT).sync(facts[:3], complete=False)
    assert counts(report) == (0, 2, 0, 1)
    assert model.texts == 0
    assert store.written == [("payloads", 2)]
    known = store.payloads(["price", "in_stock"])
    assert known[1]["price"] == 1.0
    assert known[2]["in_stock"] is False


def test_a_changed_text_is_embedded_anew_and_alone(store):
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    store.written.clear()
    model, facts = Counting(), furniture()
    facts[4]["sale_text"] = "Poltrona para ver o entardecer."
    report = Indexer(store, model, CONTEXT).sync(facts, complete=True)
    assert counts(report) == (1, 1, 0, 61)
    assert model.texts == 1
    assert store.written == [("points", 1)]
    found = HybridSearch(store, None, CONTEXT).search("entardecer")
    assert [hit.product_id for hit in found] == [5]


def test_another_model_embeds_everything_again(store):
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    model = Counting("another")
    report = Indexer(store, model, CONTEXT).sync(furniture(), complete=True)
    assert counts(report) == (62, 62, 0, 0)
    assert model.texts == 62


def test_archived_products_lose_their_points(store, client):
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    archived = product_facts(id=7, active=False)
    report = Indexer(store, Counting(), CONTEXT).sync([archived], complete=False)
    assert counts(report) == (0, 0, 1, 0)
    assert report["points"] == {}
    assert client.count("own_4").count == 61


def test_only_a_complete_list_removes_what_is_missing(store, client):
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    some = furniture()[:10]
    partial = Indexer(store, Counting(), CONTEXT).sync(some, complete=False)
    assert counts(partial) == (0, 0, 0, 10)
    assert client.count("own_4").count == 62
    complete = Indexer(store, Counting(), CONTEXT).sync(some, complete=True)
    assert complete["deleted"] == 52
    assert sorted(store.payloads([])) == list(range(1, 11))


def test_products_the_erp_no_longer_shows_are_removed(store):
    indexer = Indexer(store, None, CONTEXT)
    Indexer(store, Counting(), CONTEXT).sync(furniture(), complete=True)
    assert indexer.remove({1, 2, 999}) == 2
    assert not {1, 2} & store.payloads([]).keys()


def test_a_catalog_that_became_wordier_is_weighed_anew_without_embedding(store):
    facts = furniture()
    Indexer(store, Counting(), CONTEXT).sync(facts, complete=True)
    before = means(store)
    wordy = [
        product_facts(
            id=1000 + n, name=f"Produto {n}", sale_text=" ".join(f"w{n}x{i}" for i in range(200))
        )
        for n in range(40)
    ]
    store.written.clear()
    partial = Indexer(store, Counting(), CONTEXT).sync(wordy, complete=False)
    assert counts(partial) == (40, 40, 0, 0)
    assert means(store) == before

    store.written.clear()
    model = Counting()
    report = Indexer(store, model, CONTEXT).sync(facts + wordy, complete=True)
    assert model.texts == report["embedded"] == 0
    assert store.written == [("sparse", 102), ("payloads", 102)]
    after = means(store)
    assert len(after) == 1
    assert after.pop() > before.pop() * 1.25
    assert counts(Indexer(store, Counting(), CONTEXT).sync(facts + wordy, complete=True)) == (
        0,
        0,
        0,
        102,
    )


def test_a_tenant_that_gets_a_model_leaves_no_points_behind(client):
    sparse = ProductStore(client, CONTEXT, None)
    Indexer(sparse, None, CONTEXT).sync(furniture(), complete=True)
    other = TenantContext("account_2", 2, "pt_BR", "UTC", "BRL", collection="own")
    Indexer(ProductStore(client, other, None), None, other).sync(furniture()[:3], complete=True)
    dense = ProductStore(client, CONTEXT, Counting.dimension)
    Indexer(dense, Counting(), CONTEXT).sync(furniture(), complete=True)
    assert client.count("own_4").count == 62
    assert client.count("own_sparse").count == 3


def test_a_failure_in_the_middle_loses_nothing_done(store):
    facts = furniture()
    Indexer(store, Counting(), CONTEXT).sync(facts[:20], complete=False)
    model = Counting()
    report = Indexer(store, model, CONTEXT).sync(facts, complete=True)
    assert model.texts == report["embedded"] == 42


def test_an_empty_shop_is_no_error(store):
    assert counts(Indexer(store, Counting(), CONTEXT).sync([], complete=True)) == (0, 0, 0, 0)
    assert HybridSearch(store, Counting(), CONTEXT).search("sofá") == []


def test_all_products_are_weighed_anew_in_requests_of_bounded_size(store, client):
    facts = [product_facts(id=n, name=f"Cadeira {n}") for n in range(1, 451)]
    Indexer(store, None, CONTEXT).sync(facts, complete=True)
    sizes: list[int] = []

    def measured(request, call_next):
        sizes.append(len(request.content))
        return call_next(request)

    client.http.client.add_middleware(measured)
    store.change_sparse({n: ([1, 2, n + 10], [1.0, 2.0, 3.0]) for n in range(1, 451)})
    assert len(sizes) == 3
    assert max(sizes) < 100_000
