"""A `requests` session for an address a tenant chose: guarded, bounded in size and time.

Redirects are never followed.
"""

import json
import socket
import time
from collections.abc import Collection, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util import Timeout

from sidecar.outbound.peer import is_allowed

_CHUNK = 65536


class PrivateAddress(NewConnectionError):
    """The host is inside a private network and the operator has not allowed it."""


class ResponseTooLarge(OSError):
    """The answer is longer than the limit."""


class ResponseTooSlow(OSError):
    """The answer did not end in time."""


class Response:
    """A whole answer: status, headers and body bytes."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)


class Outbound:
    """A session for one tenant's address. Safe to share between threads.

    allow_private: host names and addresses that may be private although a tenant set them.
    verify:        whether TLS certificates are checked.
    """

    def __init__(
        self, timeout: float, allow_private: Collection[str], max_bytes: int, verify: bool = True
    ):
        self.timeout, self.max_bytes, self._verify = timeout, max_bytes, verify
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor .netrc: settings are the only source
        adapter = _PublicOnlyAdapter(frozenset(host.lower() for host in allow_private))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        data: bytes | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send one request (`body` as JSON, or `data` as it is) and read the whole answer.

        timeout: seconds it may take, in place of the session's.
        Raises requests.RequestException (PrivateAddress inside), urllib3's HTTPError while reading,
        ResponseTooLarge, ResponseTooSlow.
        """
        allowed = self.timeout if timeout is None else timeout
        deadline = time.monotonic() + allowed
        with self._session.request(
            method,
            url,
            headers=dict(headers),
            json=body,
            data=data,
            params=params,
            verify=self._verify,
            timeout=Timeout(total=allowed),  # connecting counts too
            allow_redirects=False,
            stream=True,
        ) as answer:
            return Response(answer.status_code, answer.headers, self._read(answer, deadline))

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _read(self, answer: requests.Response, deadline: float) -> bytes:
        received = bytearray()
        # read1 hands over what has arrived, so that a dripping server meets the deadline.
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            received += chunk
            if len(received) > self.max_bytes:
                raise ResponseTooLarge
            if time.monotonic() > deadline:
                raise ResponseTooSlow
        return bytes(received)


def never_sent(error: Exception) -> bool:
    """Whether `error` proves that the request did not leave this machine; in doubt it did."""
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        _reason(error), NewConnectionError
    )


def is_private_refusal(error: Exception) -> bool:
    """Whether `error` is our own refusal of a private address."""
    return isinstance(_reason(error), PrivateAddress)


def _reason(error: Exception) -> object:
    # requests wraps urllib3's MaxRetryError, which carries what happened.
    cause = error.args[0] if error.args else None
    return getattr(cause, "reason", cause)


def _check_peer(sock: socket.socket, connection: HTTPConnection, allowed: Collection[str]) -> None:
    host = connection.host
    if not is_allowed(sock, host, allowed):
        sock.close()
        raise PrivateAddress(connection, f"{host} is a private address")


class _PublicOnlyAdapter(HTTPAdapter):
    def __init__(self, allowed: frozenset[str]):
        class PlainConnection(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                _check_peer(sock, self, allowed)
                return sock

        class TlsConnection(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                _check_peer(sock, self, allowed)
                return sock

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = PlainConnection

        class TlsPool(HTTPSConnectionPool):
            ConnectionCls = TlsConnection

        self._pools = {"http": PlainPool, "https": TlsPool}
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools
