"""The index of rules: whose they are, what changes cost, what goes and what an outage leaves."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sidecar.context import TenantContext
from sidecar.embedding_agents.documents import LONGEST, passages
from sidecar.errors import Unavailable
from sidecar.search.rule_indexer import RuleIndexer, RuleStores
from sidecar.search.rule_store import RuleStore
from sidecar.search.rules import RuleSearch
from tests.business_rules import fact
from tests.conftest import free_port
from tests.vectors_process import VectorsProcess


class Flat:
    """A model to which all texts are alike; it counts what it is asked for."""

    model = "flat"
    dimension = 4

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.full((len(texts), 4), 0.5, np.float32)


class Failing(Flat):
    def embed(self, texts: list[str]) -> np.ndarray:
        raise Unavailable("The model cannot be reached.")


class Tenant:
    """One tenant's index."""

    def __init__(self, client: Any, number: int, embedder: Any = None, **more: Any) -> None:
        language = more.pop("language", "pt_BR")
        self.context = TenantContext(f"account_{number}", number, language, "UTC", "BRL", **more)
        dimension = embedder.dimension if embedder else None
        self.stores = RuleStores(
            RuleStore(client, self.context, dimension, "rules"),
            RuleStore(client, self.context, dimension, "documents"),
        )
        self.embedder = embedder
        self.search = RuleSearch(self.stores, embedder, self.context)

    def sync(self, *facts: dict[str, Any], asked: Any = None) -> dict[str, Any]:
        return RuleIndexer(self.stores, self.embedder, self.context).sync(facts, asked)

    def refs(self) -> set[tuple[str, int, int]]:
        stores = (self.stores.rules, self.stores.documents)
        found = [p for store in stores for p in store.payloads(["account_id"])]
        assert all(p["account_id"] == self.context.account_id for p in found)
        return {(p["kind"], p["record_id"], p["part"]) for p in found}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("index") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def client(vectors: VectorsProcess) -> Iterator[Any]:
    client = vectors.client()
    yield client
    for collection in client.get_collections().collections:
        client.delete_collection(collection.name)


def document(record: int = 1, *texts: str) -> dict[str, Any]:
    chunks = [{"page": page, "text": text} for page, text in enumerate(texts or ("Um texto.",), 1)]
    return fact(
        kind="document", id=record, group="document", subkind="support", title="Manual",
        sentence="", structure={}, chunks=chunks,
    )  # fmt: skip


def test_unchanged_rules_cost_nothing(client: Any) -> None:
    model = Flat()
    shop = Tenant(client, 1, model)
    first = shop.sync(fact(), document(1, "Página um.", "Página dois."))
    counts = ("total", "embedded", "upserted", "deleted", "unchanged")
    assert [first[name] for name in counts] == [2, 2, 2, 0, 0]
    assert first["points"].keys() == {"rule/5", "document/1"}
    asked = len(model.asked)
    again = shop.sync(
        fact(write_date="2027-01-01 00:00:00"), document(1, "Página um.", "Página dois.")
    )
    assert [again[name] for name in counts] == [2, 0, 0, 0, 2]
    assert again["points"] == first["points"]
    assert len(model.asked) == asked
    assert shop.sync(fact(priority="critical"), asked=[("rule", 5)])["upserted"] == 1


def test_a_document_is_replaced_and_never_doubled(client: Any) -> None:
    shop = Tenant(client, 1)
    shop.sync(document(1, "Um.", "Dois.", "Três."))
    assert shop.refs() == {("document", 1, part) for part in (1, 2, 3)}
    shop.sync(document(1, "Página nova."), asked=[("document", 1)])
    assert shop.refs() == {("document", 1, 1)}
    (hit,) = shop.search.rank("página nova", [])
    assert (hit.kind, hit.text, hit.page) == ("document", "Página nova.", 1)


def test_what_is_not_told_any_more_goes_and_nothing_else(client: Any) -> None:
    shop = Tenant(client, 1)
    shop.sync(fact(id=1), fact(id=2), document(1))
    partial = shop.sync(asked=[("rule", 1)])
    assert partial["deleted"] == 1
    assert shop.refs() == {("rule", 2, 0), ("document", 1, 1)}
    nothing = shop.sync(asked=[])
    assert (nothing["total"], nothing["deleted"]) == (0, 0)
    assert shop.sync(fact(id=3))["deleted"] == 2
    assert shop.refs() == {("rule", 3, 0)}


def test_what_goes_goes_first(client: Any) -> None:
    shop = Tenant(client, 1, Flat())
    shop.sync(fact(id=1), fact(id=2))
    shop.embedder = Failing()
    with pytest.raises(Unavailable):
        shop.sync(fact(id=2, title="Outra"))
    assert shop.refs() == {("rule", 2, 0)}


def test_a_document_that_was_half_written_is_written_again(client: Any) -> None:
    shop = Tenant(client, 1)
    whole = document(1, "Um.", "Dois.", "Três.")
    shop.sync(whole)
    shop.stores.documents.delete_parts_after(("document", 1), 1)  # as after a crash
    assert shop.sync(whole)["upserted"] == 1
    assert len(shop.refs()) == 3


def test_two_tenants_with_the_same_ids_never_mix(client: Any) -> None:
    one, other = Tenant(client, 1), Tenant(client, 2)
    mine = fact(title="Troca", sentence="Trocas em 7 dias.")
    theirs = fact(title="Troca", sentence="Trocas em 90 dias.")
    points = [
        shop.sync(rule, document(5, text))["points"]
        for shop, rule, text in ((one, mine, "Segredo um."), (other, theirs, "Segredo dois."))
    ]
    assert points[0]["rule/5"] != points[1]["rule/5"]
    assert points[0]["document/5"] != points[1]["document/5"]
    assert [f["sentence"] for f in one.search.kept()] == ["Trocas em 7 dias."]
    assert [f["sentence"] for f in other.search.kept()] == ["Trocas em 90 dias."]
    assert [hit.text for hit in one.search.rank("segredo", [])] == ["Segredo um."]
    assert [hit.text for hit in other.search.rank("segredo", [])] == ["Segredo dois."]
    one.sync()
    assert one.refs() == set()
    assert other.refs() == {("rule", 5, 0), ("document", 5, 1)}


def test_kinds_with_the_same_id_never_collide(client: Any) -> None:
    shop = Tenant(client, 1)
    service = fact(kind="scheduling", group="scheduling", subkind="event", structure={})
    profile = fact(kind="profile", group="profile", subkind="profile", structure={"profile": {}})
    points = shop.sync(fact(), service, profile, document(5))["points"]
    assert len(set(points.values())) == 4
    shop.sync(asked=[("scheduling", 5)])
    assert shop.refs() == {("rule", 5, 0), ("profile", 5, 0), ("document", 5, 1)}


def test_another_language_or_model_is_written_anew(client: Any) -> None:
    Tenant(client, 1).sync(fact())
    assert Tenant(client, 1, language="en_US").sync(fact())["upserted"] == 1
    dense = Tenant(client, 1, Flat())
    assert dense.sync(fact())["upserted"] == 1
    names = {c.name for c in client.get_collections().collections}
    assert {"rules_4", "rules_sparse", "documents_4"} <= names
    assert Tenant(client, 1).refs() == set()  # left nowhere else


def test_a_collection_of_ones_own(client: Any) -> None:
    shop = Tenant(client, 1, collection="casa_ipe")
    shop.sync(fact())
    assert {c.name for c in client.get_collections().collections} == {
        "casa_ipe_rules_sparse",
        "casa_ipe_documents_sparse",
    }


def test_a_store_cannot_be_made_without_a_tenant(client: Any) -> None:
    with pytest.raises(AttributeError):
        RuleStore(client, None, None, "rules")  # type: ignore[arg-type]


def test_documents_that_may_not_be_told_are_not_found(client: Any) -> None:
    shop = Tenant(client, 1)
    shop.sync(document(1, "O prazo é segredo."), document(2, "O segredo é outro."))
    assert {h.record_id for h in shop.search.rank("segredo", [])} == {1, 2}
    assert {h.record_id for h in shop.search.rank("segredo", [], documents={2})} == {2}
    assert shop.search.rank("segredo", [], documents=set()) == []


def test_an_index_that_is_down_costs_documents_not_rules() -> None:
    from qdrant_client import QdrantClient

    dead = QdrantClient(url=f"http://127.0.0.1:{free_port()}", check_compatibility=False, timeout=2)
    shop = Tenant(dead, 1)
    (hit,) = shop.search.rank("qual o prazo de troca?", [fact()])
    assert (hit.kind, hit.record_id) == ("rule", 5)


def test_meaning_counts_where_there_is_a_model(client: Any) -> None:
    shop = Tenant(client, 1, Flat())
    shop.sync(fact())
    (hit,) = shop.search.rank("xyz", [fact()])
    assert hit.meaning == pytest.approx(1.0)
    assert shop.search.rank("xyz", [fact(sentence="Mudou.")]) == []  # its vector is an old one


def test_passages_fit_into_a_message_and_keep_their_page() -> None:
    long = "Uma frase bem comum. " * 100 + "x" * 2000
    found = passages(document(1, "Curta.\n\nOutra.", long))
    assert [p.number for p in found] == list(range(1, len(found) + 1))
    assert [(p.page, p.text.body) for p in found[:2]] == [(1, "Curta."), (1, "Outra.")]
    assert all(len(p.text.body) <= LONGEST and p.text.body for p in found)
    assert {p.page for p in found[2:]} == {2}
    kept = "".join("".join(p.text.body.split()) for p in found[2:])
    assert kept == "".join(long.split())
