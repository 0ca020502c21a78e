"""A tenant that has gone leaves nothing in the index or the cache; the others keep all theirs."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sidecar.commands.search import forget
from sidecar.context import TenantContext
from sidecar.errors import BadRequest, Conflict
from sidecar.search.service import SearchService
from sidecar.settings import Settings
from sidecar.store.connection import cache_store
from sidecar.tenants.registry import TenantRegistry
from tests.documents import tenant_document
from tests.furniture import furniture
from tests.vectors_process import KEY, VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("forgotten") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def configured(settings: Settings, vectors: VectorsProcess) -> Settings:
    named = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY)}
    return settings.model_copy(update=named)


def tenant(name: str, collection: str | None = None) -> TenantContext:
    return TenantContext(name, 1, "pt_BR", "UTC", "BRL", collection=collection)


def lived(service: SearchService, context: TenantContext) -> None:
    """Index, a remembered answer, a choice."""
    service.indexer(context).sync(furniture()[:6], complete=True)
    service.hybrid(context).search("sofá")
    service.choices(context).note("chesterfield", "Sala / Sofás", "a person")


def kept(settings: Settings, prefix: str) -> set[bytes]:
    return set(cache_store(settings).scan_iter(f"{prefix}:*"))


def test_a_tenant_that_has_gone_leaves_nothing(configured, vectors, capsys):
    service = SearchService(configured)
    gone, own, stays = tenant("account_1"), tenant("account_2", "own"), tenant("account_10")
    for context in (gone, own, stays):
        lived(service, context)
    others = kept(configured, "account_10")
    cache_store(configured).set("account_1:config", "not ours to remove")
    for context in (gone, own):
        assert forget(configured, context.account_id, None) == 0
        assert service.hybrid(context).store.payloads([]) == {}
    assert "7 points" in capsys.readouterr().out  # six products and the lexicon
    assert kept(configured, "account_1") == {b"account_1:config"}
    assert kept(configured, "account_10") == others != set()
    assert len(service.hybrid(stays).store.payloads([])) == 6
    forget(configured, "account_1", None)
    assert "0 points and 0 kept keys" in capsys.readouterr().out
    assert SearchService(configured).hybrid(gone).search("sofá") == []


def test_a_tenant_that_is_served_is_not_forgotten(configured):
    TenantRegistry.from_settings(configured).apply(tenant_document())
    for account, prefix in (("account_1", None), ("account_9", "account_1")):
        with pytest.raises(Conflict):
            forget(configured, account, prefix)


@pytest.mark.parametrize(("account", "prefix"), [("*", None), ("account_9", "*"), ("A/B", None)])
def test_names_that_are_none_are_refused(configured, account, prefix):
    with pytest.raises(BadRequest):
        forget(configured, account, prefix)
