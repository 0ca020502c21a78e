"""What was deleted leaves the files of Redis: the append-only one, and the dump if one is kept."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from sidecar.errors import Unavailable
from sidecar.store.rewriting import rewrite
from tests.conftest import RedisServer

SECRET = "Zilda Quintanilha procura um aparador"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def store(server: RedisServer) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def holders(server: RedisServer) -> list[str]:
    """Names of the files that have the secret."""
    files = [path for path in server.folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if SECRET.encode() in path.read_bytes())


def gone(server: RedisServer) -> bool:
    """Redis removes former files a moment after they were replaced."""
    deadline = time.monotonic() + 10
    while holders(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not holders(server)


def test_log_and_dump_are_written_anew(server: RedisServer, store: redis.Redis) -> None:
    store.config_set("save", "3600 1")
    store.config_set("rdbcompression", "no")
    store.set("a", SECRET)
    store.save()
    assert "dump.rdb" in holders(server)
    assert len(holders(server)) == 2
    store.delete("a")
    assert len(holders(server)) == 2, "deleting alone leaves it in the files"
    assert rewrite([store, redis.Redis.from_url(server.url + "/1")]) == "rewritten"
    assert gone(server)
    assert store.info("stats")["total_forks"] == 2, "one server, each file once"


def test_a_rewrite_under_way_is_waited_for(server: RedisServer, store: redis.Redis) -> None:
    store.set("a", SECRET)
    store.config_set("rdb-key-save-delay", 1000)
    for number in range(500):  # the rewrite takes half a second
        store.set(f"k{number}", "x")
    store.bgrewriteaof()
    store.delete("a")
    assert rewrite([store]) == "rewritten"
    assert gone(server), "the first rewrite began while it was there"


def test_without_files_it_says_off(server: RedisServer, store: redis.Redis) -> None:
    store.config_set("appendonly", "no")
    assert rewrite([store]) == "off"


def test_a_server_that_refuses_says_what_to_do(store: redis.Redis) -> None:
    class Managed(redis.Redis):
        def bgrewriteaof(self, **_more: object) -> None:
            raise redis.ResponseError("unknown command 'BGREWRITEAOF'")

    managed = Managed.from_url(
        f"redis://:test@127.0.0.1:{store.get_connection_kwargs()['port']}", decode_responses=True
    )
    with pytest.raises(Unavailable, match="by hand"):
        rewrite([managed])


def test_it_does_not_wait_forever(store: redis.Redis) -> None:
    store.config_set("rdb-key-save-delay", 100_000)
    for number in range(100):
        store.set(f"k{number}", "x")
    with pytest.raises(Unavailable, match="later"):
        rewrite([store], patience=0.3)
