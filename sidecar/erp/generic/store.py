"""What a tenant's ERP has sent, in the Redis that must not lose data. The tenant is in every key.

Several processes write; one script decides for each row, so nobody ever sees half a row, and a
change that comes late or twice changes nothing. Blobs are compressed JSON.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import redis

from sidecar.context import check_account_id
from sidecar.erp.generic.records import Kept, record_of
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import RedisError, connect, unavailable
from sidecar.tenants.pushing import KINDS, Kind

PUSHED = "pushed"  # the kind of work: products that the index does not know yet
_AT_ONCE = 200  # rows of one script: it holds Redis for that long
_SETTLE = 2.0  # seconds after the first change of a burst until the index is written
_DONE = 86_400  # seconds
_END = b"\xff"

Outcome = Literal["accepted", "unchanged", "outdated", "full", "erased"]

# KEYS: known, rows, live, index, last number, changed, change counter, due, erased customers
# ARGV: account, when the index is due, most records, "1" for products;
#       then of each row: id, stamp, hash, blob, live, index entries, its customer's digest
_WRITE = """
local out, touched = {}, false
for i = 5, #ARGV, 7 do
  local id, stamp, hash = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local text = redis.call('HGET', KEYS[1], id)
  local old = text and cjson.decode(text) or nil
  local outcome = 'accepted'
  if redis.call('SISMEMBER', KEYS[9], ARGV[i + 6]) == 1 then
    outcome = ARGV[i + 3] == '' and 'unchanged' or 'erased'
  elseif old == nil then
    if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then outcome = 'full' end
  elseif stamp ~= '' and string.sub(stamp, 1, 1) == string.sub(old.s, 1, 1)
      and string.sub(stamp, 2) < string.sub(old.s, 2) then
    outcome = 'outdated'
  elseif old.h == hash then
    outcome = 'unchanged'
  end
  if outcome == 'accepted' then
    local n = old and old.n or redis.call('INCR', KEYS[5])
    for _, entry in ipairs(old and old.i or {}) do redis.call('ZREM', KEYS[4], entry .. n) end
    local entries = cjson.decode(ARGV[i + 5])
    for _, entry in ipairs(entries) do redis.call('ZADD', KEYS[4], 0, entry .. n) end
    if ARGV[i + 3] == '' then redis.call('HDEL', KEYS[2], n)
    else redis.call('HSET', KEYS[2], n, ARGV[i + 3]) end
    if ARGV[i + 4] == '1' then redis.call('ZADD', KEYS[3], n, n)
    else redis.call('ZREM', KEYS[3], n) end
    redis.call('HSET', KEYS[1], id, cjson.encode({s = stamp, h = hash, n = n, i = entries}))
    if ARGV[4] == '1' then
      redis.call('ZADD', KEYS[6], redis.call('INCR', KEYS[7]), n)
      touched = true
    end
  elseif outcome == 'unchanged' and stamp ~= '' and stamp ~= old.s then
    old.s = stamp
    redis.call('HSET', KEYS[1], id, cjson.encode(old))
  end
  out[#out + 1] = outcome
end
if touched then redis.call('ZADD', KEYS[8], 'NX', ARGV[2], ARGV[1]) end
return out
"""

# KEYS: known, rows, live, index   ARGV: ids. Nothing of them stays, not even that they were there
_DROP = """
local gone = 0
for _, id in ipairs(ARGV) do
  local text = redis.call('HGET', KEYS[1], id)
  if text then
    local old = cjson.decode(text)
    for _, entry in ipairs(old.i) do redis.call('ZREM', KEYS[4], entry .. old.n) end
    redis.call('HDEL', KEYS[2], old.n)
    redis.call('ZREM', KEYS[3], old.n)
    redis.call('HDEL', KEYS[1], id)
    gone = gone + 1
  end
end
return gone
"""

# KEYS: lease, due, hint, changed   ARGV: holder, item
# Work ends only where nothing has changed since.
FINISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[3])
if redis.call('ZCARD', KEYS[4]) == 0 then redis.call('ZREM', KEYS[2], ARGV[2])
else redis.call('ZADD', KEYS[2], 0, ARGV[2]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class Changed:
    """Products (our numbers) that changed, and the last change that was seen of each."""

    seen: dict[int, int]

    @property
    def numbers(self) -> list[int]:
        return sorted(self.seen)


class PushedRecords:
    """One tenant's. Raises Unavailable where Redis cannot be reached. Safe to share by threads.

    most: records of one kind, the removed ones included.
    """

    def __init__(self, store: redis.Redis, account_id: str, most: int = 200_000):
        self._store = store  # of bytes
        self._account_id = check_account_id(account_id)
        self._most = most

    @classmethod
    def of(cls, settings: Settings, account_id: str) -> "PushedRecords":
        """The records of an account, where the settings say."""
        store = connect(settings.state_url.get_secret_value(), decode=False)
        return cls(store, account_id, settings.push_records)

    # -- writing --------------------------------------------------------------------------------

    def write(self, kind: Kind, rows: Sequence[Kept]) -> list[Outcome]:
        """Keep rows, in their order; what became of each. Changed products become due."""
        outcomes: list[Outcome] = []
        try:
            for start in range(0, len(rows), _AT_ONCE):
                outcomes += self._write(kind, rows[start : start + _AT_ONCE])
        except RedisError as error:
            raise unavailable(error) from None
        return outcomes

    def _write(self, kind: Kind, rows: Sequence[Kept]) -> list[Outcome]:
        account = self._account_id
        places = [
            *(keys.pushed(account, kind, part) for part in ("known", "rows", "live", "index")),
            keys.pushed(account, kind, "last"),
            *(keys.pushed(account, "products", part) for part in ("changed", "changes")),
            keys.due(PUSHED),
            keys.pushed(account, "customers", "erased"),
        ]
        told: list[Any] = [account, time.time() + _SETTLE, self._most, int(kind == "products")]
        for row in rows:
            told += [row.own_id, row.stamp, row.hash, row.blob, int(row.live)]
            told += [json.dumps(row.index), self._digest(row.customer)]
        return [one.decode() for one in self._store.eval(_WRITE, len(places), *places, *told)]

    def refuse(self, customer: str) -> None:
        """Keep nothing of this customer (the ERP's id) from now on; a hash of it stays."""
        erased = keys.pushed(self._account_id, "customers", "erased")
        self._asked("sadd", erased, self._digest(customer))

    def readmit(self, customer: str) -> bool:
        """Keep what the ERP sends of them again; whether it was refused."""
        erased = keys.pushed(self._account_id, "customers", "erased")
        return bool(self._asked("srem", erased, self._digest(customer)))

    def drop(self, kind: Kind, own_ids: Sequence[str]) -> int:
        """Remove records whole, so that nothing tells they were there; how many."""
        parts = ("known", "rows", "live", "index")
        places = [keys.pushed(self._account_id, kind, part) for part in parts]
        return int(self._asked("eval", _DROP, len(places), *places, *own_ids))

    def _digest(self, customer: str) -> str:
        said = f"{self._account_id}\0{customer}"
        return hashlib.sha256(said.encode()).hexdigest() if customer else ""

    # -- reading --------------------------------------------------------------------------------

    def numbers(self, kind: Kind, after: int, limit: int) -> list[int]:
        """Numbers of active records above `after`, ascending."""
        key = keys.pushed(self._account_id, kind, "live")
        found = self._asked("zrangebyscore", key, f"({after}", "+inf", start=0, num=limit)
        return [int(number) for number in found]

    def count(self, kind: Kind) -> int:
        """How many are active."""
        return self._asked("zcard", keys.pushed(self._account_id, kind, "live"))

    def records(self, kind: Kind, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
        """Records by number, in the order asked for; unknown ones are left out."""
        wanted = list(dict.fromkeys(numbers))
        if not wanted:
            return {}
        blobs = self._asked("hmget", keys.pushed(self._account_id, kind, "rows"), wanted)
        pairs = zip(wanted, blobs, strict=True)
        return {number: record_of(blob) for number, blob in pairs if blob is not None}

    def number_of(self, kind: Kind, own_ids: Sequence[str]) -> dict[str, int]:
        """Our numbers of the ERP's ids; unknown ones are left out."""
        if not own_ids:
            return {}
        found = self._asked("hmget", keys.pushed(self._account_id, kind, "known"), list(own_ids))
        pairs = zip(own_ids, found, strict=True)
        return {own: json.loads(text)["n"] for own, text in pairs if text is not None}

    def found(self, kind: Kind, begin: str, limit: int, newest: bool = False) -> list[int]:
        """Numbers of the records with an index entry that begins so, in its order or backwards."""
        key = keys.pushed(self._account_id, kind, "index")
        low, high = b"[" + begin.encode(), b"[" + begin.encode() + _END
        if newest:
            told = self._asked("zrevrangebylex", key, high, low, start=0, num=limit)
        else:
            told = self._asked("zrangebylex", key, low, high, start=0, num=limit)
        return [int(entry.rpartition(b"\0")[2]) for entry in told]

    def counted(self, kind: Kind, begin: str) -> int:
        """How many records have an index entry that begins so."""
        key = keys.pushed(self._account_id, kind, "index")
        return self._asked("zlexcount", key, b"[" + begin.encode(), b"[" + begin.encode() + _END)

    # -- what was written to the ERP ------------------------------------------------------------

    def done(self, digest: str) -> int | None:
        """The order that a write made, by the write's key."""
        found = self._asked("get", keys.push_done(self._account_id, digest))
        return None if found is None else int(found)

    def keep_done(self, digest: str, number: int) -> None:
        """Remember for a day what a write made."""
        self._asked("set", keys.push_done(self._account_id, digest), number, ex=_DONE)

    # -- what the index does not know yet -------------------------------------------------------

    def changed(self, limit: int) -> Changed:
        """The products that changed first."""
        key = keys.pushed(self._account_id, "products", "changed")
        told = self._asked("zrange", key, 0, limit - 1, withscores=True)
        return Changed({int(number): int(change) for number, change in told})

    def waiting(self) -> int:
        """How many products the index does not know yet."""
        return self._asked("zcard", keys.pushed(self._account_id, "products", "changed"))

    def indexed(self, done: Changed) -> None:
        """The index knows these now; what changed again meanwhile stays."""
        key = keys.pushed(self._account_id, "products", "changed")
        script = "for i = 1, #ARGV, 2 do if redis.call('ZSCORE', KEYS[1], ARGV[i]) == ARGV[i + 1]"
        script += " then redis.call('ZREM', KEYS[1], ARGV[i]) end end"
        pairs = [part for pair in done.seen.items() for part in pair]
        self._asked("eval", script, 1, key, *pairs)

    def all_changed(self) -> int:
        """Have the index written anew from everything that is kept; how many products."""
        changed = keys.pushed(self._account_id, "products", "changed")
        counter = keys.pushed(self._account_id, "products", "changes")
        after = total = 0
        while numbers := self.numbers("products", after, 1000):
            change = self._asked("incr", counter)
            self._asked("zadd", changed, {str(number): change for number in numbers})
            after, total = numbers[-1], total + len(numbers)
        if total:
            self._asked("zadd", keys.due(PUSHED), {self._account_id: time.time()}, nx=True)
        return total

    def forget(self) -> None:
        """Remove everything."""
        parts = ("known", "rows", "live", "index", "last", "changed", "changes", "erased")
        every = [keys.pushed(self._account_id, kind, part) for kind in KINDS for part in parts]
        self._asked("unlink", *every)
        self._asked("zrem", keys.due(PUSHED), self._account_id)

    def _asked(self, command: str, *args: Any, **named: Any) -> Any:
        try:
            return getattr(self._store, command)(*args, **named)
        except RedisError as error:
            raise unavailable(error) from None
