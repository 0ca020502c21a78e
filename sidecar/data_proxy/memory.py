"""What an ERP said a moment ago, shared by the turns of one process.

Kept as JSON text, so nobody can change what another turn reads. Reads that are alike and begin
while one is under way wait for its answer. A write makes all of the tenant's answers unknown again,
also those of reads that began before it.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sidecar.erp.methods import Kind

LIVES: dict[Kind, float] = {"stock": 3.0, "price": 5.0, "rules": 4.0, "details": 300.0}
"""Seconds an answer is believed; other kinds are believed within one piece of work only."""

SIZE = 20_000  # answers; a product is about 1 KB

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A value, and when it was read (unix seconds)."""

    value: Any
    at: float


class ReadMemory:
    """Answers of any tenant's ERP; keys begin with the account id. Safe to share by threads."""

    def __init__(self, size: int = SIZE, clock: Callable[[], float] = time.time):
        self.clock = clock
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[float, str]] = OrderedDict()
        self._flights: dict[Key, Future[Told]] = {}
        self._writes: dict[str, int] = {}

    def moment(self, account_id: str) -> int:
        """How many writes there were; part of every key, so that a write ends what was known."""
        return self._writes.get(account_id, 0)

    def get(self, key: Key, life: float) -> Told | None:
        """What is known and younger than `life` seconds."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is None or not 0 <= self.clock() - kept[0] < life:
            return None
        return Told(json.loads(kept[1]), kept[0])

    def put(self, key: Key, told: Told) -> None:
        """Remember; the longest untouched answers go when there are too many."""
        text = json.dumps(told.value)
        with self._lock:
            self._kept[key] = (told.at, text)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def forget(self, account_id: str) -> None:
        """Something was written in the tenant's ERP."""
        with self._lock:
            self._writes[account_id] = self._writes.get(account_id, 0) + 1
            for key in [key for key in self._kept if key[0] == account_id]:
                del self._kept[key]

    def once(self, key: Key, read: Callable[[], Any]) -> Told:
        """The answer of `read`, or of the same read that is under way. Raises what it raises."""
        with self._lock:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if not leads:
            told = flight.result()
            return Told(json.loads(json.dumps(told.value)), told.at)
        try:
            told = Told(read(), self.clock())
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
            raise
        self._land(key)
        flight.set_result(told)
        return told

    def _land(self, key: Key) -> None:
        with self._lock:
            self._flights.pop(key, None)
