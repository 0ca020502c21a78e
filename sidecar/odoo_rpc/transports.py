"""The protocols that Odoo speaks: XML-RPC, and JSON-2 (from 19, the only one later).

A transport turns one call into one HTTP request, and the answer into a value or a named error.
"""

import json
import re
import xmlrpc.client
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from sidecar.errors import UpstreamError, UpstreamRefused
from sidecar.odoo_rpc.faults import REFUSED, from_fault, from_status
from sidecar.outbound.session import Response

# characters that XML 1.0 cannot carry; a customer's text may hold some
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Send = Callable[[str, Mapping[str, str], bytes | None], Response]
"""POST to a path with headers and a body, or GET without one. Raises as OdooRpc does."""


class Transport(Protocol):
    """One protocol. takes_ids: whether a method may have an argument called `ids`."""

    takes_ids: bool

    def version(self, send: Send) -> str:
        """The server's version; needs no login."""
        ...

    def log_in(self, send: Send, db: str, login: str, key: str) -> int:
        """The user's id there, or any number where the protocol needs none. UpstreamRefused."""
        ...

    def call(
        self,
        send: Send,
        who: tuple[str, int, str],
        model: str,
        method: str,
        args: tuple,
        named: dict[str, Any],
    ) -> Any:
        """The value of a method of the model. who: database, user's id, key."""
        ...


class XmlRpc:
    """`/xmlrpc/2`."""

    takes_ids = True

    def version(self, send: Send) -> str:
        told = self._post(send, "common", "version", (), "")
        return _version_in(told, "server_version")

    def log_in(self, send: Send, db: str, login: str, key: str) -> int:
        uid = self._post(send, "common", "authenticate", (db, login, key, {}), "")
        if not uid:
            raise UpstreamRefused(REFUSED)
        return uid

    def call(
        self,
        send: Send,
        who: tuple[str, int, str],
        model: str,
        method: str,
        args: tuple,
        named: dict[str, Any],
    ) -> Any:
        arguments = (*who, model, method, list(args), named)
        return self._post(send, "object", "execute_kw", arguments, model)

    def _post(self, send: Send, service: str, method: str, arguments: tuple, model: str) -> Any:
        body = _NOT_XML.sub("", xmlrpc.client.dumps(arguments, method, allow_none=True))
        encoded = body.encode("utf-8", "replace")
        answer = send(f"/xmlrpc/2/{service}", {"Content-Type": "text/xml"}, encoded)
        if answer.status != 200:
            raise from_status(model, answer.status, "", "")
        try:
            (value,), _ = xmlrpc.client.loads(answer.body, use_builtin_types=True)
        except xmlrpc.client.Fault as fault:
            raise from_fault(model, fault.faultCode, str(fault.faultString)) from None
        except (ExpatError, ValueError, xmlrpc.client.Error):
            raise UpstreamError("Odoo's answer is not XML-RPC.") from None
        return value


class Json2:
    """`POST /json/2/<model>/<method>`: the key names the user, arguments are named.

    Odoo keeps the argument `ids` for the records that a method is called on.
    """

    takes_ids = False

    def version(self, send: Send) -> str:
        try:
            told = send("/web/version", {}, None).json()
        except ValueError:
            told = None
        return _version_in(told, "version")

    def log_in(self, send: Send, db: str, login: str, key: str) -> int:
        self.call(send, (db, 0, key), "res.users", "context_get", (), {})
        return 0

    def call(
        self,
        send: Send,
        who: tuple[str, int, str],
        model: str,
        method: str,
        args: tuple,
        named: dict[str, Any],
    ) -> Any:
        if args:
            raise TypeError("JSON-2 has named arguments only")
        db, _uid, key = who
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"bearer {key}",
            "X-Odoo-Database": db,
        }
        encoded = json.dumps(named, ensure_ascii=False).encode("utf-8", "replace")
        answer = send(f"/json/2/{model}/{method}", headers, encoded)
        try:
            told = answer.json()
        except ValueError:
            if answer.status == 200:
                raise UpstreamError("Odoo's answer is not JSON.") from None
            told = None
        if answer.status == 200:
            return told
        told = told if isinstance(told, dict) else {}
        raise from_status(
            model, answer.status, str(told.get("name", "")), str(told.get("message", ""))
        )


def _version_in(told: Any, name: str) -> str:
    if isinstance(told, dict) and isinstance(told.get(name), str):
        return told[name]
    raise UpstreamError("There is no Odoo at that URL.")


TRANSPORTS: dict[str, Transport] = {"xmlrpc": XmlRpc(), "json2": Json2()}
