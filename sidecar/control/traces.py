"""Traces of turns: kept in Redis for two weeks, and until Odoo has them in a queue.

A row is what `ai.facade.turn_traces` takes (docs/conversations.md). Its uuid follows from the turn,
so that a turn that was finished twice after a crash is one row.
"""

import json
import time
import uuid
from typing import Any

import redis
import structlog

from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import WorkQueue

log = structlog.get_logger(__name__)

KIND = "traces"
BATCH = 100
CAP = 10_000  # rows that wait for an Odoo that does not take them; older ones stay in Redis only
_NAMESPACE = uuid.UUID("6f4c2c0e-4a53-4d0f-9d6e-0f6f5a2f8f11")

# KEYS: trace, waiting, due, forgotten   ARGV: row, its seconds, uuid, now, account, cap, at
# What was said before its contact was erased comes too late.
_KEEP = """
local forgotten = string.match(redis.call('GET', KEYS[4]) or '0', '^%S+')
if tonumber(forgotten) >= tonumber(ARGV[7]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -tonumber(ARGV[6]) - 1)
redis.call('ZADD', KEYS[3], 'NX', ARGV[4], ARGV[5])
return 1
"""

# KEYS: lease, due, hint, waiting   ARGV: holder, item. Ends the lease; due again for the rest
FINISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local first = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
if first[2] then redis.call('ZADD', KEYS[2], first[2], ARGV[2])
else redis.call('ZREM', KEYS[2], ARGV[2]) end
redis.call('DEL', KEYS[1], KEYS[3])
return 1
"""


class TraceLog:
    """Traces of any account. One per process; safe to share between threads."""

    def __init__(self, store: redis.Redis):
        self.store = store
        self._keep = store.register_script(_KEEP)

    def keep(self, account_id: str, row: dict[str, Any]) -> None:
        """Keep a row under its uuid and queue it for Odoo. Never raises: the log tells.

        Not where the conversation's contact was erased since.
        """
        conversation = f"{row.get('channel_id')}-{row.get('conversation')}"
        try:
            self._keep(
                keys=[
                    keys.trace(account_id, row["uuid"]),
                    keys.traces(account_id),
                    keys.due(KIND),
                    keys.forgotten(account_id, conversation),
                ],
                args=[
                    json.dumps(row, ensure_ascii=False),
                    keys.TRACE_TTL,
                    row["uuid"],
                    f"{time.time():.3f}",
                    account_id,
                    CAP,
                    row.get("at") or time.time(),
                ],
            )
        except redis.RedisError as error:
            log.error("trace.not_kept", account=account_id, error=type(error).__name__)

    def read(self, account_id: str, identity: str) -> dict[str, Any] | None:
        """The row of that uuid, or None when it is too old."""
        kept = self.store.get(keys.trace(account_id, identity))
        return json.loads(kept) if kept else None

    def take(self, account_id: str) -> tuple[list[str], list[dict[str, Any]]]:
        """(uuids, rows) that Odoo does not have yet, at most 100, oldest first.

        A row that ended its life meanwhile is among the uuids only.
        """
        waiting = self.store.zrange(keys.traces(account_id), 0, BATCH - 1)
        if not waiting:
            return [], []
        kept = self.store.mget([keys.trace(account_id, one) for one in waiting])
        return waiting, [json.loads(row) for row in kept if row]

    def shipped(self, account_id: str, identities: list[str]) -> None:
        """Odoo has these."""
        if identities:
            self.store.zrem(keys.traces(account_id), *identities)


def trace_id(account_id: str, turn_id: str) -> str:
    """The uuid of a turn's row."""
    return str(uuid.uuid5(_NAMESPACE, f"{account_id}:{turn_id}"))


def trace_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of accounts whose traces wait; an item is an account id."""
    return WorkQueue(store, KIND, settings.lease_ttl)
