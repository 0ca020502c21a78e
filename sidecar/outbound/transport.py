"""The same guard for httpx, which openai's and Qdrant's clients are built on."""

from collections.abc import Collection, Iterable
from typing import Any

import httpcore
import httpx

from sidecar.outbound.peer import is_allowed


class GuardedTransport(httpx.HTTPTransport):
    """An httpx transport whose sockets lead to public or allow-listed addresses only.

    A refused address is an httpx.ConnectError, before a byte is sent.
    """

    def __init__(self, allow_private: Collection[str], verify: bool = True):
        super().__init__(verify=verify, retries=0)
        # httpx has no public way to choose the backend; a test fails when this one goes
        self._pool._network_backend = _GuardedBackend(
            frozenset(host.lower() for host in allow_private)
        )


class _GuardedBackend(httpcore.NetworkBackend):
    def __init__(self, allowed: frozenset[str]):
        self._allowed = allowed
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._real.connect_tcp(host, port, timeout, local_address, socket_options)
        if not is_allowed(stream.get_extra_info("socket"), host, self._allowed):
            stream.close()
            raise httpcore.ConnectError("a private address is refused")
        return stream

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("a tenant's address is never a file")

    def sleep(self, seconds: float) -> None:
        self._real.sleep(seconds)


def guarded_client(
    allow_private: Collection[str], timeout: float, verify: bool = True
) -> httpx.Client:
    """An httpx client behind the guard: no redirects, no proxies of the environment."""
    transport = GuardedTransport(allow_private, verify)
    return httpx.Client(
        transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
    )
