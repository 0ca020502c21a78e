"""Search for any tenant, by the settings: the client, the embedder, and what is built of them."""

from collections.abc import Callable

from qdrant_client import QdrantClient

from sidecar.context import TenantContext
from sidecar.embedding_agents.product_mass import SearchTextWriter
from sidecar.errors import SidecarError, Unavailable
from sidecar.llm.gateway import LlmGateway
from sidecar.outbound.kept import KeptClients
from sidecar.outbound.transport import GuardedTransport
from sidecar.search.cache import SearchCache
from sidecar.search.choices import Choices, LearnedWords
from sidecar.search.client import qdrant_client
from sidecar.search.embeddings.base import Embedder
from sidecar.search.embeddings.cache import RedisCache
from sidecar.search.embeddings.choice import attention_for, embedder_for
from sidecar.search.forgetting import forget_kept, forget_points
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.store import ProductStore
from sidecar.search.whereabouts import Moved, Whereabouts
from sidecar.search.word_store import Lexicons, WordStore
from sidecar.settings import Settings
from sidecar.store.connection import RedisError, cache_store

_TIMEOUT = 10

SecretOf = Callable[[str, str | None], str | None]
"""(account id, reference) → the secret, or None."""


class SearchService:
    """One per process; safe to share between threads.

    house:     the client of the house's Qdrant.
    secret_of: finds the key of a tenant's own Qdrant; the house's key never goes there.
    moved:     told the account whose index waits for a complete sync, at each of its searches.
    """

    def __init__(
        self, settings: Settings, secret_of: SecretOf | None = None, moved: Moved | None = None
    ):
        key = settings.qdrant_api_key.get_secret_value()
        self._settings = settings
        self._secret_of = secret_of
        self._redis = cache_store(settings)
        self._cache = RedisCache(self._redis)
        self._lexicons = Lexicons()
        self._learned = LearnedWords()
        self.whereabouts = Whereabouts(moved)
        self._own: KeptClients[QdrantClient] = KeptClients()
        self.house = qdrant_client(settings.url_of_vectors(), key, _TIMEOUT)

    def client(self, context: TenantContext) -> QdrantClient:
        """The tenant's own Qdrant, or the house's."""
        name, url = (context.account_id,), context.qdrant_url
        if url is None:
            self._own.drop(name)
            return self.house
        key = None
        if self._secret_of is not None:
            try:
                key = self._secret_of(context.account_id, context.qdrant_key_ref)
            except SidecarError:
                self._own.drop(name)
                raise

        def make() -> QdrantClient:
            return qdrant_client(
                url,
                key,
                _TIMEOUT,
                transport=GuardedTransport(self._settings.private_hosts()),
                trust_env=False,  # a proxy of the environment would go around the guard
            )

        return self._own.get(name, (url, key), make)

    def hybrid(self, context: TenantContext) -> HybridSearch:
        """The tenant's search."""
        store, embedder = self._parts(context)
        words = WordStore(self.client(context), context)
        cache = SearchCache(self._redis, context)
        learned = (self.choices(context), self._learned)
        return HybridSearch(
            store, embedder, context, (words, self._lexicons), cache, learned, self.whereabouts
        )

    def choices(self, context: TenantContext) -> Choices:
        """What the tenant's people chose after their questions."""
        return Choices(self._redis, context)

    def indexer(self, context: TenantContext, gateway: LlmGateway | None = None) -> Indexer:
        """The tenant's indexer; with a gateway, search texts are enriched by its model."""
        store, embedder = self._parts(context)
        writer = None
        if gateway is not None:
            seconds = self._settings.llm_timeout
            writer = SearchTextWriter(
                gateway, self._cache, context.language, context.prefix, seconds
            )
        words = WordStore(self.client(context), context)
        cache = SearchCache(self._redis, context)
        attention = attention_for(self._settings, context)
        return Indexer(store, embedder, context, writer, words, cache, attention)

    def forget(self, account_id: str, prefix: str) -> tuple[int, int]:
        """Removes what search keeps of a tenant that has gone: points, and keys of the cache.

        Once more costs nothing. A Qdrant of the tenant's own is left to the tenant. Raises
        Unavailable and what Qdrant refuses.
        """
        try:
            kept = forget_kept(self._redis, prefix)
        except RedisError:
            raise Unavailable("The cache cannot be reached.") from None
        return forget_points(self.house, account_id), kept

    def embedder(self, context: TenantContext) -> Embedder | None:
        """What makes the tenant's dense vectors; None where there are only sparse ones."""
        return embedder_for(self._settings, context, self._cache)

    def _parts(self, context: TenantContext) -> tuple[ProductStore, Embedder | None]:
        embedder = self.embedder(context)
        dimension = embedder.dimension if embedder else None
        return ProductStore(self.client(context), context, dimension), embedder
