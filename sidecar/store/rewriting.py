"""What was deleted in Redis leaves its files too: the append-only file is written anew."""

import time
from collections.abc import Callable, Iterable

import redis

from sidecar.errors import Unavailable

_PATIENCE = 180.0  # seconds
_POLL = 0.1


def rewrite(stores: Iterable[redis.Redis], patience: float = _PATIENCE) -> str:
    """Have every server write its files anew, each once; `rewritten`, or `off` where none has any.

    Waits for it. Unavailable when a server cannot do it, or not within `patience` seconds each.
    """
    done: dict[str, bool] = {}
    for store in stores:
        server = str(store.info("server")["run_id"])
        if server not in done:
            done[server] = _rewrite_one(store, time.monotonic() + patience)
    return "rewritten" if any(done.values()) else "off"


def _rewrite_one(store: redis.Redis, deadline: float) -> bool:
    persistence = store.info("persistence")
    keeps_log = bool(persistence["aof_enabled"])
    if keeps_log:
        # one that began before the deletions would not know of them
        _wait(store, "aof_rewrite_in_progress", deadline)
        _begin(store.bgrewriteaof, deadline)
        _wait(store, "aof_rewrite_in_progress", deadline, "aof_rewrite_scheduled")
        if _text(store.info("persistence")["aof_last_bgrewrite_status"]) != "ok":
            raise Unavailable("Redis could not rewrite its append-only file; see its log.")
    keeps_dump = _keeps_dump(store)
    if keeps_dump:
        _wait(store, "rdb_bgsave_in_progress", deadline)
        _begin(store.bgsave, deadline)
        _wait(store, "rdb_bgsave_in_progress", deadline)
        if _text(store.info("persistence")["rdb_last_bgsave_status"]) != "ok":
            raise Unavailable("Redis could not save its dump anew; see its log.")
    return keeps_log or keeps_dump


def _keeps_dump(store: redis.Redis) -> bool:
    """Whether the server saves dumps by itself; a server that does not say so does not."""
    try:
        told = store.config_get("save")
    except redis.ResponseError:  # managed servers hide their configuration
        return False
    return any(_text(value).strip() for value in told.values())


def _begin(command: Callable[[], object], deadline: float) -> None:
    """Start it; another child of the server's is waited for."""
    while True:
        try:
            command()
            return
        except redis.ResponseError as error:
            if "progress" not in str(error).lower() or time.monotonic() > deadline:
                raise Unavailable(
                    "Redis does not rewrite its files; do it by hand (BGREWRITEAOF) and try again."
                ) from None
        time.sleep(_POLL)


def _wait(store: redis.Redis, running: str, deadline: float, scheduled: str = "") -> None:
    while True:
        told = store.info("persistence")
        if not told[running] and not (scheduled and told[scheduled]):
            return
        if time.monotonic() > deadline:
            raise Unavailable("Redis is still rewriting its files; try again later.")
        time.sleep(_POLL)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
