"""An Odoo server: log in once, one time limit for all tries, a breaker, named errors."""

import hashlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import requests
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)
from urllib3.exceptions import HTTPError

from sidecar.errors import Unavailable, UpstreamError, UpstreamRefused
from sidecar.odoo_rpc.transports import TRANSPORTS, Send
from sidecar.outbound.breaker import Breaker, CircuitOpen
from sidecar.outbound.session import (
    Outbound,
    Response,
    ResponseTooLarge,
    ResponseTooSlow,
    is_private_refusal,
)

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_TRIES = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 1.0  # seconds between tries, at random below

KeySource = Callable[[bool], str]
"""Gives the API key. True: the last one was refused, look again where it comes from."""


class OdooRpc:
    """A session of one user in one database. Safe to share between threads.

    The key is asked for at each call and never kept, so a renewed one is used at once; a refused
    one is asked for anew, once. timeout: seconds of a whole call: logging in and all tries.
    allow_private: hosts that may be private although a tenant set the URL. verify: whether TLS
    certificates are checked. breaker: shared by all who call that Odoo for the tenant.

    Raises Unavailable (no connection, 5xx, time-out, circuit open), UpstreamRefused (login),
    Forbidden, NotFound, NoSuchMethod, UpstreamError, and Unprocessable with the sentence of a
    UserError of `ai.facade`; the server's traceback is never passed on.
    """

    def __init__(
        self,
        url: str,
        db: str,
        login: str,
        key: KeySource,
        timeout: float,
        allow_private: Collection[str] = (),
        verify: bool = True,
        transport: str = "xmlrpc",
        breaker: Breaker | None = None,
    ):
        self.url = url.rstrip("/")
        self.db = db
        self.login = login
        self.timeout = timeout
        self._key = key
        self._transport = TRANSPORTS[transport]
        self._breaker = breaker or Breaker()
        self._session: tuple[bytes, int] | None = None  # of a key's digest: the user's id
        self._login_lock = threading.Lock()
        self._http = Outbound(timeout, allow_private, MAX_ANSWER_BYTES, verify)

    def __repr__(self) -> str:
        return f"OdooRpc({self.url!r}, {self.db!r}, {self.login!r})"

    @property
    def takes_ids(self) -> bool:
        """Whether a method may have an argument called `ids`: not with JSON-2."""
        return self._transport.takes_ids

    def version(self) -> str:
        """The server's version, such as `19.0`; needs no login."""
        return self._transport.version(self._until(time.monotonic() + self.timeout))

    def call(
        self,
        model: str,
        method: str,
        /,
        *args: Any,
        read_only: bool = False,
        repeatable: bool = False,
        **named: Any,
    ) -> Any:
        """Call a method of the model. Reads and repeatable ones are tried again, within `timeout`.

        repeatable: it has an idempotency key. Positional arguments are XML-RPC's only.
        """
        send = self._until(time.monotonic() + self.timeout)

        def once() -> Any:
            return self._execute(send, (model, method, args, named))

        if not (read_only or repeatable):
            return once()
        return Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(_TRIES),
            wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
            reraise=True,
        )(once)

    def log_in(self) -> None:
        """See whether the user may log in, whatever the breaker says. Raises as `call` does."""
        send = self._until(time.monotonic() + self.timeout)
        try:
            self._authenticated(send, self._key(False))
        except UpstreamRefused:
            self._authenticated(send, self._key(True))

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def _execute(self, send: Send, call: tuple) -> Any:
        # keys are asked for outside the breaker: one that cannot be had is no silence of this Odoo
        key = self._key(False)
        try:
            return self._breaker.call(lambda: self._with(send, key, call))
        except UpstreamRefused:
            fresh = self._key(True)
            if fresh == key:
                raise
        return self._breaker.call(lambda: self._with(send, fresh, call))

    def _with(self, send: Send, key: str, call: tuple) -> Any:
        who = (self.db, self._authenticated(send, key), key)
        return self._transport.call(send, who, *call)

    def _authenticated(self, send: Send, key: str) -> int:
        # logging in costs Odoo a password hash, so the user's id is kept until the key changes
        digest = hashlib.sha256(key.encode()).digest()
        kept = self._session
        if kept is not None and kept[0] == digest:
            return kept[1]
        with self._login_lock:
            if self._session is None or self._session[0] != digest:
                uid = self._transport.log_in(send, self.db, self.login, key)
                self._session = (digest, uid)
            return self._session[1]

    def _until(self, deadline: float) -> Send:
        """Send within what is left until `deadline` (monotonic)."""

        def send(path: str, headers: Mapping[str, str], body: bytes | None) -> Response:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeIsUp("Odoo did not answer in time.")
            try:
                verb = "GET" if body is None else "POST"
                return self._http.send(verb, self.url + path, headers, data=body, timeout=left)
            except ResponseTooLarge:
                raise UpstreamError("Odoo's answer is larger than the limit.") from None
            except ResponseTooSlow:
                raise Unavailable("Odoo did not finish its answer in time.") from None
            except (requests.RequestException, HTTPError, OSError) as error:
                # `from None`: the request hangs on these exceptions, and with it the key
                if is_private_refusal(error):
                    raise UpstreamError(
                        "Odoo's URL leads into a private network; the operator can allow its host"
                        " in CHATWOOTAI_ALLOW_PRIVATE_URLS."
                    ) from None
                raise Unavailable("Odoo cannot be reached.", cause=type(error).__name__) from None

        return send


class TimeIsUp(Unavailable):
    """The time for all tries is over."""


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Unavailable) and not isinstance(error, CircuitOpen | TimeIsUp)
