"""Fixtures for all tests: real Redis of one's own, settings that point at it, no shared material.

Tests named `test_*_shared.py` read material that is not in the repository (CHATWOOTAI_SHARED);
without it they are not collected, and the count is printed.
"""

import base64
import logging
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import hypothesis
import pytest
import redis

from sidecar.observability.logging import configure_logging
from sidecar.settings import Settings

_HERE = Path(__file__).parent
_SHARED = os.environ.get("CHATWOOTAI_SHARED")
# A commit is judged by the same examples each time; people's own runs look for new ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")
collect_ignore_glob = [] if _SHARED else ["**/test_*_shared.py", "test_*_shared.py"]


def pytest_report_header() -> str:
    """Say how many test files wait for the shared material."""
    files = len(list(_HERE.rglob("test_*_shared.py")))
    if _SHARED:
        return f"shared material: {files} test files read it"
    return f"shared material: CHATWOOTAI_SHARED is not set, {files} test files are not collected"


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on.

    It lies below those that the system gives to connections: one of theirs could be taken again
    before a server listens on it.
    """
    while True:
        port = secrets.randbelow(8_000) + 24_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture(autouse=True)
def _logging() -> None:
    """As the processes log: to standard error, whatever a test before did to the logging."""
    configure_logging("info", "test")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # no line for each request


class RedisServer:
    """A real Redis with an append-only file in a folder of its own; can be killed and restarted."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:test@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start and wait until it answers."""
        binary = shutil.which("redis-server")
        assert binary, "redis-server is not installed: run `make test`"
        options = f"--port {self.port} --bind 127.0.0.1 --requirepass test --appendonly yes"
        self.process = subprocess.Popen(
            [binary, *options.split(), "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        client = redis.Redis.from_url(self.url)
        for _ in range(200):
            try:
                client.ping()
                return
            except redis.RedisError:
                time.sleep(0.05)
        raise AssertionError("Redis did not start")

    def kill(self) -> None:
        """kill -9."""
        assert self.process
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def settings(redis_server: RedisServer, tmp_path: Path) -> Settings:
    """Settings of a house of its own: an empty Redis, folders below the test's own."""
    redis.Redis.from_url(redis_server.url + "/0").flushall()
    return Settings(
        _env_file=None,
        state_url=redis_server.url + "/0",
        cache_url=redis_server.url + "/1",
        broker_url=redis_server.url + "/2",
        secret_key=base64.b64encode(b"k" * 32).decode(),
        local_dir=tmp_path,
        config_dir=tmp_path / "config",
        vectors_dir=tmp_path / "vectors",
        playground_dir=tmp_path / "playground",
        port_base=free_port(),
        debounce=0.0,
        transcript_wait=0.0,
        lease_ttl=3.0,
        retry_backoff=0.01,
        breaker_pause=0.001,
        prefetch_timeout=60.0,  # a busy machine is no fault
    )
