"""XML-RPC to an Odoo server: log in once, time-outs, retries where they are safe, named errors."""

import hashlib
import re
import threading
import xmlrpc.client
from collections.abc import Callable, Collection
from typing import Any
from xml.parsers.expat import ExpatError

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from urllib3.exceptions import HTTPError

from sidecar.errors import (
    Forbidden,
    NotFound,
    SidecarError,
    Unavailable,
    UpstreamError,
    UpstreamRefused,
)
from sidecar.outbound.session import (
    Outbound,
    ResponseTooLarge,
    ResponseTooSlow,
    is_private_refusal,
)

MAX_ANSWER_BYTES = 64 * 1024 * 1024

_REFUSED = "Odoo refused the integration user's key; connect again."
# the end of Odoo's fault text when it is an exception's class
_FAULTS: dict[str, tuple[type[SidecarError], str]] = {
    "AccessDenied": (UpstreamRefused, _REFUSED),
    "AccessError": (Forbidden, "Odoo does not let the integration user do this."),
    "MissingError": (NotFound, "The record does not exist in Odoo any more."),
}
# characters that XML 1.0 cannot carry; a customer's text may hold some
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

KeySource = Callable[[bool], str]
"""Gives the API key. True: the last one was refused, look again where it comes from."""


class OdooRpc:
    """A session of one user in one database. Safe to share between threads.

    The key is asked for at each call and never kept, so a renewed one is used at once; a refused
    one is asked for anew, once. allow_private: hosts that may be private although a tenant set the
    URL. verify: whether TLS certificates are checked.

    Raises Unavailable (no connection, 5xx, time-out), UpstreamRefused (login), Forbidden,
    NotFound and UpstreamError; the server's traceback is never passed on.
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
    ):
        self.url = url.rstrip("/")
        self.db = db
        self.login = login
        self._key = key
        self._session: tuple[bytes, int] | None = None  # of a key's digest: the user's id
        self._login_lock = threading.Lock()
        self._http = Outbound(timeout, allow_private, MAX_ANSWER_BYTES, verify)

    def __repr__(self) -> str:
        return f"OdooRpc({self.url!r}, {self.db!r}, {self.login!r})"

    def version(self) -> str:
        """The server's version, such as `19.0`; needs no login."""
        return str(self._post("common", "version", ())["server_version"])

    def call(self, model: str, method: str, *args: Any, read_only: bool = False) -> Any:
        """Call a public method; `read_only` ones are tried again after a passing failure."""
        if not read_only:
            return self._execute(model, method, args)
        for attempt in Retrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(3),
            wait=wait_random_exponential(multiplier=0.1, max=1),
            reraise=True,
        ):
            with attempt:
                return self._execute(model, method, args)
        raise AssertionError("unreachable")

    def log_in(self) -> None:
        """See whether the user may log in. Raises as `call` does."""
        try:
            self._authenticated(self._key(False))
        except UpstreamRefused:
            self._authenticated(self._key(True))

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def _execute(self, model: str, method: str, args: tuple) -> Any:
        key = self._key(False)
        try:
            return self._with(key, model, method, args)
        except UpstreamRefused:
            fresh = self._key(True)
            if fresh == key:
                raise
        return self._with(fresh, model, method, args)

    def _with(self, key: str, model: str, method: str, args: tuple) -> Any:
        arguments = (self.db, self._authenticated(key), key, model, method, list(args))
        return self._post("object", "execute_kw", arguments)

    def _authenticated(self, key: str) -> int:
        # logging in costs Odoo a password hash, so the user's id is kept until the key changes
        digest = hashlib.sha256(key.encode()).digest()
        with self._login_lock:
            if self._session is None or self._session[0] != digest:
                uid = self._post("common", "authenticate", (self.db, self.login, key, {}))
                if not uid:
                    raise UpstreamRefused(_REFUSED)
                self._session = (digest, uid)
            return self._session[1]

    def _post(self, service: str, method: str, arguments: tuple) -> Any:
        body = _NOT_XML.sub("", xmlrpc.client.dumps(arguments, method, allow_none=True))
        try:
            answer = self._http.send(
                "POST",
                f"{self.url}/xmlrpc/2/{service}",
                {"Content-Type": "text/xml"},
                data=body.encode("utf-8", "replace"),
            )
        except ResponseTooLarge:
            raise UpstreamError("Odoo's answer is larger than the limit.") from None
        except ResponseTooSlow:
            raise Unavailable("Odoo did not finish its answer in time.") from None
        except (requests.RequestException, HTTPError, OSError) as error:
            # `from None`: the request hangs on these exceptions, and with it the key
            if is_private_refusal(error):
                raise UpstreamError(
                    "Odoo's URL leads into a private network; the operator can allow its host in"
                    " CHATWOOTAI_ALLOW_PRIVATE_URLS."
                ) from None
            raise Unavailable("Odoo cannot be reached.", cause=type(error).__name__) from None
        if answer.status != 200:
            raise Unavailable(f"Odoo answered HTTP {answer.status}.")
        try:
            (value,), _ = xmlrpc.client.loads(answer.body, use_builtin_types=True)
        except xmlrpc.client.Fault as fault:
            raise _translated(fault) from None
        except (ExpatError, ValueError, xmlrpc.client.Error):
            raise UpstreamError("Odoo's answer is not XML-RPC.") from None
        return value


def _translated(fault: xmlrpc.client.Fault) -> SidecarError:
    # codes: 1 application error, 2 warning (UserError), 3 access denied, 4 access error
    text = str(fault.faultString)
    if fault.faultCode == 3:
        return _named("AccessDenied")
    if fault.faultCode == 4:
        return _named("AccessError")
    for name in _FAULTS:
        if name in text[-2000:]:
            return _named(name)
    if fault.faultCode == 2:
        return UpstreamError("Odoo refused the call; its log has the reason.")
    return UpstreamError("Odoo failed while answering; its log has the reason.")


def _named(name: str) -> SidecarError:
    kind, message = _FAULTS[name]
    return kind(message)
