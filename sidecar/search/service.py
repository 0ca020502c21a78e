"""Search for any tenant, by the settings: the client, the embedder, and what is built of them."""

from qdrant_client import QdrantClient

from sidecar.context import TenantContext
from sidecar.search.embeddings.base import Embedder
from sidecar.search.embeddings.cache import RedisCache
from sidecar.search.embeddings.choice import embedder_for
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.store import ProductStore
from sidecar.settings import Settings
from sidecar.store.connection import cache_store

_TIMEOUT = 10


class SearchService:
    """One per process; safe to share between threads."""

    def __init__(self, settings: Settings):
        key = settings.qdrant_api_key.get_secret_value()
        self._settings = settings
        self._cache = RedisCache(cache_store(settings))
        self._client = QdrantClient(
            url=settings.url_of_vectors(),
            # as a header: qdrant-client warns about every key over plain http, loopback or not
            headers={"api-key": key} if key else None,
            timeout=_TIMEOUT,
            check_compatibility=False,
        )

    def hybrid(self, context: TenantContext) -> HybridSearch:
        """The tenant's search."""
        store, embedder = self._parts(context)
        return HybridSearch(store, embedder, context)

    def indexer(self, context: TenantContext) -> Indexer:
        """The tenant's indexer."""
        store, embedder = self._parts(context)
        return Indexer(store, embedder, context)

    def _parts(self, context: TenantContext) -> tuple[ProductStore, Embedder | None]:
        embedder = embedder_for(self._settings, context, self._cache)
        dimension = embedder.dimension if embedder else None
        return ProductStore(self._client, context, dimension), embedder
