"""How every client of Qdrant is made: by URL, and on connections that stay open."""

from typing import Any

import httpx
from qdrant_client import QdrantClient

# qdrant-client opens a connection for each request to a loopback address unless it is told
# otherwise. Shorter than the server's own patience (75 s in `sidecar vectors`), so that a request
# does not meet a closing door.
_LIMITS = httpx.Limits(max_keepalive_connections=20, keepalive_expiry=30)


def qdrant_client(url: str, key: str | None, timeout: int, **options: Any) -> QdrantClient:
    """A client of the Qdrant at `url`; nothing is asked of it yet.

    timeout: seconds for one request. options: qdrant-client's.
    """
    return QdrantClient(
        url=url,
        # as a header: qdrant-client warns about every key over plain http, loopback or not
        headers={"api-key": key} if key else None,
        timeout=timeout,
        check_compatibility=False,
        **{"limits": _LIMITS, **options},
    )
