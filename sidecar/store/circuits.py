"""Circuits that are open: Odoos that do not answer and are left alone for seconds at a time.

Each process has breakers of its own; here they say so to operators (`sidecar doctor`,
`/health/ready`). A note ends when the circuit closes, or soon after nobody calls any more.
"""

import time
from collections.abc import Iterable

import redis

from sidecar.store import keys

_PAUSES = 12  # a note outlives so many pauses
_LEAST = 60  # seconds


def note_open(store: redis.Redis, account_id: str, where: str, pause: float) -> None:
    """A breaker of this tenant opened, or its try failed. `where`: host and database."""
    with store.pipeline() as pipe:
        pipe.hsetnx(keys.circuits(account_id), where, repr(time.time()))
        pipe.expire(keys.circuits(account_id), max(_LEAST, round(_PAUSES * pause)))
        pipe.execute()


def note_closed(store: redis.Redis, account_id: str, where: str) -> None:
    """It answers again."""
    store.hdel(keys.circuits(account_id), where)


def open_circuits(store: redis.Redis, account_ids: Iterable[str]) -> dict[str, dict[str, float]]:
    """By account: what is left alone, and since when (unix seconds)."""
    wanted = list(account_ids)
    with store.pipeline(transaction=False) as pipe:
        for account_id in wanted:
            pipe.hgetall(keys.circuits(account_id))
        told = pipe.execute()
    return {
        account_id: {where: float(since) for where, since in noted.items()}
        for account_id, noted in zip(wanted, told, strict=True)
        if noted
    }
