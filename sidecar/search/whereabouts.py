"""Where a tenant's points are: after its model changed, elsewhere until a complete sync has run."""

import time
from collections.abc import Callable
from typing import TypeVar

from sidecar.search.tenant_collection import TenantCollection

_REMEMBERED = 60.0  # seconds for which points at home are believed to stay there

Store = TypeVar("Store", bound=TenantCollection)


Moved = Callable[[str], None]
"""Told the account id of a tenant that needs a complete sync."""


class Whereabouts:
    """One per process; safe to share between threads."""

    def __init__(self, moved: Moved | None = None, clock: Callable[[], float] = time.monotonic):
        self._moved = moved
        self._clock = clock
        self._home: dict[tuple[str, str, str | None], float] = {}

    def of(self, store: Store) -> Store:
        """`store`, or the one to read instead: the collection the tenant was complete in last.

        Its vectors are another model's, so only its words can be searched. Raises what the store
        raises.
        """
        context = store.context
        name = (context.account_id, store.collection, context.qdrant_url)
        if self._clock() < self._home.get(name, 0.0):
            return store
        if former := store.elsewhere():
            if self._moved is not None:
                self._moved(context.account_id)
            return store.at(former[0])
        self._home[name] = self._clock() + _REMEMBERED
        return store
