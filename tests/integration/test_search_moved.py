"""A tenant's embedding model changes: its search goes on, by words, until the index is complete."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest

from sidecar.context import TenantContext
from sidecar.errors import Unavailable
from sidecar.hub.jobs import JobStore
from sidecar.hub.moving import IndexMoves
from sidecar.hub.routing import crew_for
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.rule_indexer import RuleIndexer, RuleStores
from sidecar.search.rule_store import RuleStore
from sidecar.search.rules import RuleSearch
from sidecar.search.store import ProductStore
from sidecar.search.whereabouts import Whereabouts
from sidecar.store import keys
from sidecar.tenants.registry import TenantRegistry
from tests.business_rules import fact
from tests.documents import tenant_document
from tests.furniture import furniture
from tests.vectors_process import VectorsProcess

CONTEXT = TenantContext("account_1", 1, "pt_BR", "UTC", "BRL")
RULES = [fact(id=1), fact(id=2, title="Devoluções", sentence="O frete da volta é nosso.")]


class Model:
    """A model of an API: it may be away."""

    model, dimension, away = "api", 4, False

    def embed(self, texts: list[str]) -> np.ndarray:
        if self.away:
            raise Unavailable("The embedding API cannot be reached.")
        return np.array([[1.0, 0.0, 0.0, len(text) % 3 * 1e-3] for text in texts], np.float32)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("moved") / "vectors").start()
    yield process
    process.stop()


def test_products_are_found_before_and_after_the_move(vectors: VectorsProcess) -> None:
    client, model, told = vectors.client(), Model(), []
    before, after = (ProductStore(client, CONTEXT, length) for length in (None, 4))
    Indexer(before, None, CONTEXT).sync(furniture(), complete=True)
    words = [hit.product_id for hit in HybridSearch(before, None, CONTEXT).search("sofá")]
    here = Whereabouts(told.append)
    search = HybridSearch(after, model, CONTEXT, whereabouts=here)
    assert [hit.product_id for hit in search.search("sofá")] == words != []
    assert told == ["account_1"]
    Model.away = True  # the model's key is wrong, say
    with pytest.raises(Unavailable):
        Indexer(after, model, CONTEXT).sync(furniture(), complete=True)
    assert [hit.product_id for hit in search.search("sofá")] == words
    Model.away = False
    Indexer(after, model, CONTEXT).sync(furniture()[:2], complete=False)  # half of the way
    assert [hit.product_id for hit in search.search("sofá")] == words
    Indexer(after, model, CONTEXT).sync(furniture(), complete=True)
    assert len(told) == 3
    assert len(search.search("sofá", 100)) == len(furniture())  # by meaning, which knows no end
    assert len(told) == 3
    assert before.count() == 0


def test_another_tenant_that_stays_is_not_looked_for_elsewhere(vectors: VectorsProcess) -> None:
    other = TenantContext("account_2", 1, "pt_BR", "UTC", "BRL")
    store = ProductStore(vectors.client(), other, 4)
    Indexer(ProductStore(vectors.client(), CONTEXT, None), None, CONTEXT).sync(furniture(), True)
    assert Whereabouts().of(store) is store


def test_rules_and_documents_are_found_before_and_after_the_move(vectors: VectorsProcess) -> None:
    def stores(length: int | None) -> RuleStores:
        rules, documents = (
            RuleStore(vectors.client(), CONTEXT, length, base) for base in ("rules", "documents")
        )
        return RuleStores(rules, documents)

    RuleIndexer(stores(None), None, CONTEXT).sync(RULES, None)
    search = RuleSearch(stores(4), Model(), CONTEXT)
    assert len(search.kept()) == 2
    assert search.rank("posso trocar?", RULES)[0].record_id == 1
    RuleIndexer(stores(4), Model(), CONTEXT).sync(RULES, None)
    assert len(search.kept()) == 2
    assert stores(None).rules.count() == 0


def test_a_complete_sync_is_asked_for_once_an_hour(settings) -> None:
    registry = TenantRegistry.from_settings(settings)
    registry.apply(tenant_document())
    document = tenant_document(version=2)
    document["integrations"]["control"] = document["integrations"]["mcp"]
    registry.apply(document)
    now = [datetime(2026, 11, 25, 6, 30, tzinfo=UTC)]
    moves = IndexMoves(JobStore(registry.store, settings), registry, lambda: now[0])
    for _ in range(3):
        moves.ask("account_1")
    asked = registry.store.zrange(keys.due("jobs"), 0, -1)
    assert sorted(asked) == [
        "account_1|moved-reconcile_products-2026112506-account_1",
        "account_1|moved-sync_rules-2026112506-account_1",
    ]
    for item in asked:
        job = moves._jobs.get("account_1", item.partition("|")[2])
        crew_for(job.envelope["metadata"]["source"], job.envelope["metadata"]["action"])
    now[0] = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    moves.ask("account_1")
    assert registry.store.zcard(keys.due("jobs")) == 4
    moves.ask("account_9")  # gone meanwhile: nothing is asked, nothing raised
