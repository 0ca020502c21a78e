"""XML-RPC to an Odoo server: log in once, time-outs, retries where they are safe, named errors."""

import threading
import xmlrpc.client
from typing import Any
from xml.parsers.expat import ExpatError

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from sidecar.errors import Forbidden, NotFound, Unavailable, UpstreamError, UpstreamRefused

MAX_ANSWER_BYTES = 64 * 1024 * 1024

# the end of Odoo's fault text when it is an exception's class
_FAULTS = {
    "AccessDenied": UpstreamRefused("Odoo refused the integration user's key; connect again."),
    "AccessError": Forbidden("Odoo does not let the integration user do this."),
    "MissingError": NotFound("The record does not exist in Odoo any more."),
}


class OdooRpc:
    """A session of one user in one database. Safe to share between threads.

    Raises Unavailable (no connection, 5xx, time-out), UpstreamRefused (login), Forbidden,
    NotFound and UpstreamError; the server's traceback is never passed on.
    """

    def __init__(self, url: str, db: str, login: str, api_key: str, timeout: float):
        self.url = url.rstrip("/")
        self.db = db
        self.login = login
        self.timeout = timeout
        self._api_key = api_key
        self._uid: int | None = None
        self._login_lock = threading.Lock()
        self._local = threading.local()

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

    def _execute(self, model: str, method: str, args: tuple) -> Any:
        arguments = (self.db, self._authenticated(), self._api_key, model, method, list(args))
        return self._post("object", "execute_kw", arguments)

    def _authenticated(self) -> int:
        with self._login_lock:
            if self._uid is None:
                uid = self._post("common", "authenticate", (self.db, self.login, self._api_key, {}))
                if not uid:
                    raise UpstreamRefused("Odoo refused the integration user's key; connect again.")
                self._uid = uid
            return self._uid

    def _post(self, service: str, method: str, arguments: tuple) -> Any:
        body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()
        try:
            with self._session().post(
                f"{self.url}/xmlrpc/2/{service}",
                data=body,
                headers={"Content-Type": "text/xml"},
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as answer:
                if answer.status_code != 200:
                    raise Unavailable(f"Odoo answered HTTP {answer.status_code}.")
                content = answer.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise Unavailable("Odoo cannot be reached.", cause=type(error).__name__) from error
        if len(content) > MAX_ANSWER_BYTES:
            raise UpstreamError("Odoo's answer is larger than the limit.")
        try:
            (value,), _ = xmlrpc.client.loads(content, use_builtin_types=True)
        except xmlrpc.client.Fault as fault:
            raise _translated(fault) from None
        except (ExpatError, ValueError, xmlrpc.client.Error) as error:
            raise UpstreamError("Odoo's answer is not XML-RPC.") from error
        return value

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        return self._local.session


def _translated(fault: xmlrpc.client.Fault) -> Exception:
    # codes: 1 application error, 2 warning (UserError), 3 access denied, 4 access error
    text = str(fault.faultString)
    if fault.faultCode == 3:
        return _FAULTS["AccessDenied"]
    if fault.faultCode == 4:
        return _FAULTS["AccessError"]
    for name, error in _FAULTS.items():
        if name in text[-2000:]:
            return error
    if fault.faultCode == 2:
        return UpstreamError("Odoo refused the call.", odoo=text[:300])
    return UpstreamError("Odoo failed while answering; its log has the reason.")
