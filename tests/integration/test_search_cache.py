"""Answers are remembered until the index changes, per tenant; without Redis search is slower."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sidecar.context import TenantContext
from sidecar.search.filters import Filters
from sidecar.search.service import SearchService
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import cache_store
from tests.furniture import furniture
from tests.vectors_process import KEY, VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("cache") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def configured(settings: Settings, vectors: VectorsProcess) -> Settings:
    named = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)}
    return settings.model_copy(update=named)


def tenant(name: str) -> TenantContext:
    return TenantContext(name, 1, "pt_BR", "UTC", "BRL", collection=name)


def asking(service: SearchService, context: TenantContext, monkeypatch: pytest.MonkeyPatch):
    """A search of the tenant's, and the questions that reached Qdrant."""
    search, asked = service.hybrid(context), []
    genuine = search.store.halves

    def halves(*arguments):
        asked.append(arguments)
        return genuine(*arguments)

    monkeypatch.setattr(search.store, "halves", halves)
    return search, asked


def test_the_same_question_is_answered_from_memory(configured, monkeypatch):
    service = SearchService(configured)
    service.indexer(tenant("first")).sync(furniture(), complete=True)
    search, asked = asking(service, tenant("first"), monkeypatch)
    once = search.search("sofá")
    assert search.search("sofá") == once
    assert once[0].name.startswith("Sofá")
    assert once[0].category
    assert len(asked) == 1
    for other in (
        lambda: search.search("sofá azul"),
        lambda: search.search("sofá", 3),
        lambda: search.search("sofá", filters=Filters(category="Sala")),
        lambda: search.search("sofá", in_stock=True),
    ):
        before = len(asked)
        other()
        assert len(asked) == before + 1


def test_a_sync_that_changed_something_forgets_the_answers(configured, monkeypatch):
    service, context = SearchService(configured), tenant("second")
    service.indexer(context).sync(furniture(), complete=True)
    search, asked = asking(service, context, monkeypatch)
    first = search.search("sofá de canto")[0].product_id
    service.indexer(context).sync(furniture(), complete=True)  # nothing changed
    search.search("sofá de canto")
    assert len(asked) == 1
    archived = next(f for f in furniture() if f["id"] == first) | {"active": False}
    service.indexer(context).sync([archived], complete=False)
    assert first not in [hit.product_id for hit in search.search("sofá de canto")]
    service.indexer(context).remove([1])
    search.search("sofá de canto")
    assert len(asked) == 3


def test_tenants_do_not_share_answers(configured, monkeypatch):
    service = SearchService(configured)
    service.indexer(tenant("third")).sync(furniture(), complete=True)
    service.indexer(tenant("fourth")).sync(furniture()[:2], complete=True)
    assert len(service.hybrid(tenant("third")).search("sofá", 30)) > 2
    assert len(service.hybrid(tenant("fourth")).search("sofá", 30)) == 2


def test_answers_live_five_minutes_and_hold_no_stock_or_price(configured):
    service, store = SearchService(configured), cache_store(configured)
    service.indexer(tenant("fifth")).sync(furniture(), complete=True)
    service.hybrid(tenant("fifth")).search("sofá")
    (name,) = store.keys(keys.search_result("fifth", "*"))
    assert 0 < store.ttl(name) <= 300
    assert not {b"price", b"stock", b"available"} & set(store.get(name).split(b'"'))


def test_a_mistyped_word_is_understood_as_soon_as_the_catalog_has_it(configured):
    service, context = SearchService(configured), tenant("sixth")
    service.indexer(context).sync(furniture(), complete=True)
    search = service.hybrid(context)
    assert search.search("samovarr") == []
    new = furniture()[0] | {"id": 999, "name": "Samovar", "variants": []}
    service.indexer(context).sync([new], complete=False)
    assert search.search("samovarr")[0].product_id == 999
    assert search.search("poltorna")


def test_without_redis_it_is_only_slower(configured):
    away = configured.model_copy(update={"cache_url": SecretStr("redis://127.0.0.1:1/0")})
    service, context = SearchService(away), tenant("seventh")
    service.indexer(context).sync(furniture(), complete=True)
    search = service.hybrid(context)
    assert search.search("poltorna") == search.search("poltorna") != []
    assert 0 < search.share_in_stock() < 1
