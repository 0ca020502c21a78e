"""What the sidecar has to report for Odoo's audit, kept until Odoo took it.

Rows are filed under their account, `{account}:trail`, and shipped by the `audit` queue. Equal
refusals (account, operation, code, network; of tools also who called which) of one minute become
one row with a count, so a flood costs one script call each and a handful of rows. What names no
account of ours goes into a list
for the operator. A full trail first stops taking refusals, then drops its oldest rows; either is
counted, and reported as a row of its own.
"""

import hashlib
import ipaddress
import json
import time
import uuid
from typing import Any, Literal

import redis
import structlog

from sidecar.context import ACCOUNT_ID
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import WorkQueue

log = structlog.get_logger(__name__)

KIND = "audit"
BATCH = 200
CAP, UNKNOWN_CAP = 10_000, 1_000
FOLD_MS = 60_000
_UNKNOWN_DAYS = 30
_LONGEST = 200

Result = Literal["ok", "refused", "error"]

# KEYS: trail, rows, fold, due; the same three of unknown accounts; config, binding
# ARGV: uuid, row, now, refusal?, account, fold ms, cap, cap of unknown ones, their seconds
# Rows: <uuid> the row, n:<uuid> how often again, t:<uuid> being shipped, dropped, wait.
_RECORD = """
local trail, rows, fold, cap = KEYS[5], KEYS[6], KEYS[7], tonumber(ARGV[8])
local known = ARGV[5] ~= '' and redis.call('EXISTS', KEYS[8], KEYS[9]) > 0
if known then trail, rows, fold, cap = KEYS[1], KEYS[2], KEYS[3], tonumber(ARGV[7]) end
local ready = tonumber(ARGV[3])
if ARGV[4] == '1' then
  local same = redis.call('GET', fold)
  if same and redis.call('HEXISTS', rows, same) == 1
      and redis.call('HEXISTS', rows, 't:' .. same) == 0 then
    redis.call('HINCRBY', rows, 'n:' .. same, 1)
    return 0
  end
  if known and redis.call('ZCARD', trail) >= cap * 0.9 then
    redis.call('HINCRBY', rows, 'dropped', 1)
    return 0
  end
  if same then
    ready = ready + math.max(redis.call('PTTL', fold), 0) / 1000
    redis.call('SET', fold, ARGV[1], 'KEEPTTL')
  else
    redis.call('SET', fold, ARGV[1], 'PX', ARGV[6])
  end
end
while redis.call('ZCARD', trail) >= cap do
  local old = redis.call('ZPOPMIN', trail)[1]
  redis.call('HDEL', rows, old, 'n:' .. old, 't:' .. old)
  redis.call('HINCRBY', rows, 'dropped', 1)
end
redis.call('ZADD', trail, string.format('%.6f', ready), ARGV[1])
redis.call('HSET', rows, ARGV[1], ARGV[2])
if known then
  local wait = tonumber(redis.call('HGET', rows, 'wait') or '0')
  local due = math.floor(math.max(ready, wait) * 1000) / 1000  -- never after it is ready
  redis.call('ZADD', KEYS[4], 'LT', string.format('%.3f', due), ARGV[5])
else
  redis.call('EXPIRE', trail, ARGV[9])
  redis.call('EXPIRE', rows, ARGV[9])
end
return 1
"""

# KEYS: trail, rows   ARGV: now, limit. Their counts are final: later refusals are rows of their own
_TAKE = """
local told = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  redis.call('HSET', KEYS[2], 't:' .. id, '1')
  local again = redis.call('HGET', KEYS[2], 'n:' .. id)
  table.insert(told, {id, redis.call('HGET', KEYS[2], id), again or '0'})
end
return told
"""

# KEYS: lease, due, hint, trail, rows   ARGV: holder, item. Ends the lease; due again for the rest
FINISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[5], 'wait')
local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
if first[2] then redis.call('ZADD', KEYS[2], first[2], ARGV[2])
else redis.call('ZREM', KEYS[2], ARGV[2]) end
redis.call('DEL', KEYS[1], KEYS[3])
return 1
"""


class AuditLog:
    """The reports of one process; `service` says which (`web`, `worker`, `cli`)."""

    def __init__(self, store: redis.Redis, service: str):
        self.store = store
        self.service = service
        self._record = store.register_script(_RECORD)
        self._take = store.register_script(_TAKE)

    def record(
        self,
        account_id: str | None,
        operation: str,
        subject: str,
        result: Result = "ok",
        code: str = "",
        *,
        ip: str = "",
        count: int = 1,
    ) -> None:
        """Report one event. `account_id` None or unknown: for the operator only.

        Never a secret in `subject`: names, references and ids. Never raises: the log tells what
        could not be kept.
        """
        now = time.time()
        named = account_id if account_id and ACCOUNT_ID.fullmatch(account_id) else ""
        row = {
            "at": round(now, 3),
            "operation": operation,
            "subject": _plain(subject),
            "service": self.service,
            "ip": ip,
            "result": result,
            "code": code,
            "count": count,
        }
        if named:
            row["account"] = named
        like = f"{operation}|{code}|{_network(ip)}"
        if operation == "tool":  # a key's or a person's: nobody's refusals count as another's
            like = f"{like}|{self.service}|{row['subject']}"
        same = hashlib.sha256(like.encode()).hexdigest()[:16]
        try:
            self._record(
                keys=[
                    keys.trail(named),
                    keys.trail_rows(named),
                    keys.trail_fold(named, same),
                    keys.due(KIND),
                    keys.UNKNOWN_TRAIL,
                    keys.UNKNOWN_TRAIL_ROWS,
                    keys.unknown_trail_fold(same),
                    keys.config(named),
                    keys.binding(named),
                ],
                args=[
                    str(uuid.uuid4()),
                    json.dumps(row),
                    now,
                    int(result == "refused"),
                    named,
                    FOLD_MS,
                    CAP,
                    UNKNOWN_CAP,
                    _UNKNOWN_DAYS * 86400,
                ],
            )
        except redis.RedisError as error:
            log.error("audit.not_kept", **row, error=type(error).__name__)

    def take(self, account_id: str) -> list[dict[str, Any]]:
        """Up to 200 rows that may be sent now, oldest first, as Odoo's `audit_rows` wants them."""
        self._report_dropped(account_id)
        told = self._take(
            keys=[keys.trail(account_id), keys.trail_rows(account_id)], args=[time.time(), BATCH]
        )
        return [_row(*each) for each in told]

    def shipped(self, account_id: str, rows: list[dict[str, Any]]) -> None:
        """Odoo has these: forget them."""
        ids = [row["uuid"] for row in rows]
        with self.store.pipeline() as pipe:
            pipe.zrem(keys.trail(account_id), *ids)
            pipe.hdel(
                keys.trail_rows(account_id), *(f"{p}{i}" for i in ids for p in ("", "n:", "t:"))
            )
            pipe.execute()

    def wait(self, account_id: str, until: float) -> None:
        """Odoo could not be told: new rows do not hurry before `until` (unix seconds)."""
        self.store.hset(keys.trail_rows(account_id), "wait", repr(until))

    def pending(self, account_id: str) -> int:
        """How many rows Odoo does not have yet."""
        return self.store.zcard(keys.trail(account_id))

    def unknown(self, limit: int = UNKNOWN_CAP) -> list[dict[str, Any]]:
        """Refusals of nobody's account, newest first."""
        ids = self.store.zrevrange(keys.UNKNOWN_TRAIL, 0, limit - 1)
        if not ids:
            return []
        kept = self.store.hmget(keys.UNKNOWN_TRAIL_ROWS, *(p + i for i in ids for p in ("", "n:")))
        pairs = zip(ids, kept[::2], kept[1::2], strict=True)
        return [_row(i, row, again or "0") for i, row, again in pairs if row]

    def _report_dropped(self, account_id: str) -> None:
        dropped = int(self.store.hget(keys.trail_rows(account_id), "dropped") or 0)
        if dropped:
            self.record(account_id, "audit", "rows without a place", "error", "full", count=dropped)
            self.store.hincrby(keys.trail_rows(account_id), "dropped", -dropped)


def audit_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of accounts whose rows wait; an item is an account id."""
    return WorkQueue(store, KIND, settings.lease_ttl)


def _row(identity: str, row: str, again: str) -> dict[str, Any]:
    told = json.loads(row)
    return {"uuid": identity, **told, "count": told["count"] + int(again)}


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])


def _network(ip: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if address.version == 4:
        return ip
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
