"""Search and indexing of rules for any tenant, of what the search of products is built of."""

from sidecar.context import TenantContext
from sidecar.search.embeddings.base import Embedder
from sidecar.search.rule_indexer import RuleIndexer, RuleStores
from sidecar.search.rule_store import RuleStore
from sidecar.search.rules import RuleSearch
from sidecar.search.service import SearchService


class RuleService:
    """One per process; safe to share between threads."""

    def __init__(self, search: SearchService):
        self._search = search

    def search(self, context: TenantContext) -> RuleSearch:
        """The tenant's search of rules."""
        stores, embedder = self._parts(context)
        return RuleSearch(stores, embedder, context, self._search.whereabouts)

    def indexer(self, context: TenantContext) -> RuleIndexer:
        """The tenant's indexer of rules."""
        stores, embedder = self._parts(context)
        return RuleIndexer(stores, embedder, context)

    def _parts(self, context: TenantContext) -> tuple[RuleStores, Embedder | None]:
        client, embedder = self._search.client(context), self._search.embedder(context)
        dimension = embedder.dimension if embedder else None
        stores = RuleStores(
            RuleStore(client, context, dimension, "rules"),
            RuleStore(client, context, dimension, "documents"),
        )
        return stores, embedder
