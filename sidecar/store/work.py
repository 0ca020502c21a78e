"""Work that must not be lost: due times, leases and fencing.

The sorted set `due:{kind}` is the truth: an item stays in it until its work is finished. A
message in the broker is only a hint to look. Whoever works on an item holds its lease, a key
that expires unless renewed; every lease carries a fencing number larger than all before it, and
finishing is refused to a holder whose lease was lost. So a killed worker delays its item by one
`lease_ttl` and never loses or doubles it.
"""

import threading
import time
from collections.abc import Callable
from types import TracebackType

import redis

from sidecar.errors import Conflict
from sidecar.store import keys

_RENEW = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""

_GIVE_BACK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

# KEYS: lease, due, hint   ARGV: holder, item, next due time or ''
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[3])
if ARGV[3] == '' then redis.call('ZREM', KEYS[2], ARGV[2])
else redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2]) end
return 1
"""


class LeaseLost(Conflict):
    """Somebody else may be working on the item now; nothing more may be written for it."""

    code = "lease_lost"


class WorkQueue:
    """Due items of one kind (`conversations`, `jobs`). Items are text without spaces."""

    def __init__(self, store: redis.Redis, kind: str, lease_ttl: float):
        self.store = store
        self.kind = kind
        self.lease_ttl = lease_ttl
        self._renew = store.register_script(_RENEW)
        self._give_back = store.register_script(_GIVE_BACK)
        self._release = store.register_script(_RELEASE)

    def mark(self, item: str, due_at: float | None = None) -> None:
        """Make `item` due at `due_at` (unix seconds; now when None), replacing its due time."""
        self.store.zadd(keys.due(self.kind), {item: time.time() if due_at is None else due_at})

    def due_at(self, item: str) -> float | None:
        """When `item` is due, or None when there is nothing to do for it."""
        return self.store.zscore(keys.due(self.kind), item)

    def due(self, now: float, limit: int = 100) -> list[str]:
        """Items due at `now`, the longest waiting first."""
        return self.store.zrangebyscore(keys.due(self.kind), "-inf", now, start=0, num=limit)

    def pending(self) -> int:
        """How many items are not finished."""
        return self.store.zcard(keys.due(self.kind))

    def should_hint(self, item: str, quiet: float) -> bool:
        """True at most once in `quiet` seconds per item, and never while somebody works on it."""
        if self.store.exists(keys.lease(self.kind, item)):
            return False
        return bool(self.store.set(keys.hint(self.kind, item), "1", nx=True, px=int(quiet * 1000)))

    def acquire(self, item: str) -> "Lease | None":
        """The lease of `item`, or None while somebody else holds it."""
        holder = str(self.store.incr(keys.FENCE))
        taken = self.store.set(
            keys.lease(self.kind, item), holder, nx=True, px=int(self.lease_ttl * 1000)
        )
        return Lease(self, item, holder) if taken else None


class Lease:
    """Exclusive work on one item; renewed by a thread of its own while used as a context manager.

    Leaving the block without `finish` or `postpone` gives the lease back and leaves the item due,
    so that an unexpected error is retried by the sweeper.
    """

    def __init__(self, queue: WorkQueue, item: str, holder: str):
        self.queue = queue
        self.item = item
        self.holder = holder
        self._stop = threading.Event()
        self._renewer: threading.Thread | None = None
        self._released = False

    @property
    def key(self) -> str:
        return keys.lease(self.queue.kind, self.item)

    def __enter__(self) -> "Lease":
        self._renewer = threading.Thread(target=self._keep, name=f"lease-{self.item}", daemon=True)
        self._renewer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._renewer:
            self._renewer.join(timeout=self.queue.lease_ttl)
        if not self._released:
            self.queue._give_back(keys=[self.key], args=[self.holder])

    def _keep(self) -> None:
        while not self._stop.wait(self.queue.lease_ttl / 3):
            try:
                if not self.renew():
                    return
            except redis.RedisError:
                continue  # the store may be back before the lease runs out; `check` decides

    def renew(self) -> bool:
        """Extend the lease; False when it was lost."""
        ttl = int(self.queue.lease_ttl * 1000)
        return bool(self.queue._renew(keys=[self.key], args=[self.holder, ttl]))

    def check(self) -> None:
        """Extend the lease right before an effect outside; raise LeaseLost when it is gone."""
        if not self.renew():
            raise LeaseLost("Another worker took this item over.")

    def finish(self) -> None:
        """The work is done: the item leaves the queue. Raises LeaseLost."""
        self._end("")

    def postpone(self, due_at: float) -> None:
        """Give the item back, due at `due_at`. Raises LeaseLost."""
        self._end(repr(due_at))

    def finish_with(self, script: Callable[..., int], more_keys: list[str], args: list) -> None:
        """End by a transaction of the caller's.

        KEYS: lease, due, hint, *more_keys. ARGV: holder, item, *args. The script must check the
        holder itself and return 0 when the lease was lost.
        """
        self._stop.set()
        done = script(
            keys=[
                self.key,
                keys.due(self.queue.kind),
                keys.hint(self.queue.kind, self.item),
                *more_keys,
            ],
            args=[self.holder, self.item, *args],
        )
        if not done:
            raise LeaseLost("Another worker took this item over.")
        self._released = True

    def _end(self, next_due: str) -> None:
        self.finish_with(self.queue._release, [], [next_due])
