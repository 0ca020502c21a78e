"""What search keeps of a tenant, removed when the tenant has gone."""

import redis
from qdrant_client import QdrantClient, models

from sidecar.search.tenant_collection import equals, translated
from sidecar.store import keys

_MANY = 1000


def forget_points(client: QdrantClient, account_id: str) -> int:
    """Removes every point of an account, whatever the collection and kind; how many there were.

    Raises as TenantCollection.
    """
    mine = models.Filter(must=[equals("account_id", account_id)])
    removed = 0
    with translated():
        for collection in client.get_collections().collections:
            number = client.count(collection.name, count_filter=mine, exact=True).count
            if number:
                client.delete(collection.name, models.FilterSelector(filter=mine), wait=True)
                removed += number
    return removed


def forget_kept(cache: redis.Redis, prefix: str) -> int:
    """Removes what was remembered and learned under a tenant's prefix; how many keys there were.

    Embeddings stay for their 90 days: they are named by text, not by tenant. Raises redis errors.
    """
    names = [
        keys.index_version(prefix).encode(),
        keys.stock_share(prefix).encode(),
        keys.choices(prefix).encode(),
    ]
    for pattern in (keys.search_result, keys.search_text, keys.chooser):
        names += cache.scan_iter(pattern(prefix, "*"), count=_MANY)
    return sum(cache.delete(*names[i : i + _MANY]) for i in range(0, len(names), _MANY))
