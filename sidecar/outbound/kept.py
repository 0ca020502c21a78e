"""Clients that are kept while what they were made of stays the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

_Client = TypeVar("_Client")


class KeptClients(Generic[_Client]):
    """At most `size` clients, one per name; the longest unused goes. Safe to share by threads."""

    def __init__(self, size: int = 256):
        self._size = size
        self._kept: OrderedDict[tuple[str, ...], tuple[tuple, _Client]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: tuple[str, ...], made_of: tuple, make: Callable[[], _Client]) -> _Client:
        """The client of that name; made anew when `made_of` (address, key…) changed."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or kept[0] != made_of:
                kept = (made_of, make())
                self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return kept[1]

    def drop(self, name: tuple[str, ...]) -> None:
        """Forget a client, and the key that it holds."""
        with self._lock:
            self._kept.pop(name, None)
