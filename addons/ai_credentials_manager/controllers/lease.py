"""The door at which the sidecar asks for one secret (docs/contracts.md, "Leases")."""

import json
import logging
import re
import secrets
import uuid

from werkzeug.exceptions import abort

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from odoo.addons.ai_system.models.ai_tenant import ACCOUNT_ID
from odoo.addons.ai_system.signing import SignatureInvalid, verify

from .. import vault

_logger = logging.getLogger(__name__)

PATH = "/ai_system/lease"
MAX_BODY = 4096
EXPIRES_IN = 300  # seconds for which the sidecar may hold the value
REF = re.compile(r"[A-Za-z0-9_.-]{1,128}")
# What Odoo keeps for itself: whoever has one signing key must not get at the others.
NEVER_LEASED = re.compile(
    r"(previous_)?signing_key(_id)?|enrollment_token|chatwoot_admin_token_[0-9]+"
)
PURPOSE = re.compile(r"[A-Za-z0-9_.:-]{1,48}")

STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "not_found": 404,
    "payload_too_large": 413,
    "unavailable": 503,
}
MESSAGES = {
    "bad_request": 'Send {"ref": "<name>", "purpose": "<what for>"} as JSON.',
    "unauthorized": "The request is not authenticated.",
    "not_found": "There is no such secret; set it in AI System, AI Credentials.",
    "payload_too_large": "The body is too large.",
    "unavailable": "No secret can be given out now; the log of Odoo says why.",
}


class Refused(Exception):
    """The request is not served. `code` goes to the caller, `reason` to the access log only."""

    def __init__(self, code: str, reason: str = ""):
        super().__init__(code)
        self.code = code
        self.reason = reason or code


class LeaseController(http.Controller):
    def _limit(self):
        """Return the limit of a body's size; the router asks before it reads a form."""
        if (request.httprequest.content_length or 0) > MAX_BODY:
            lease = Lease(request.env(user=SUPERUSER_ID))
            abort(_refusal(lease, Refused("payload_too_large")))
        return MAX_BODY

    @http.route(
        PATH,
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
        max_content_length=_limit,
    )
    def lease(self, **_params):
        """Answer a signed request for a secret; each answer is a row of the access log."""
        lease = Lease(request.env(user=SUPERUSER_ID))
        try:
            return _answer(200, {"success": True, "data": lease.grant(), "request_id": lease.id})
        except Refused as refused:
            return _refusal(lease, refused)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            # Also the unforeseen gives nothing away; the traceback shows code, never values.
            _logger.exception("the lease %s failed", lease.id)
            return _refusal(lease, Refused("unavailable", "internal_error"))


class Lease:
    """One request for a secret. Its id is also the reference of its row in the access log."""

    def __init__(self, env):
        # The same request runs again when its transaction met another one: the id stays.
        self._environ = request.httprequest.environ
        self.id = self._environ.setdefault("ai_system.lease_id", str(uuid.uuid4()))
        self._env = env
        self._tenant = env["ai.tenant"]
        self._ref = ""
        self._purpose = ""
        self._proven = False

    def grant(self):
        """Return the data of the answer. Raises Refused."""
        body = request.httprequest.get_data()
        self._authenticate(body)
        self._read(body)
        if NEVER_LEASED.fullmatch(self._ref):
            raise Refused("not_found", "never_leased")
        try:
            value = self._env["ai.credential.line"]._lease(self._tenant, self._ref)
        except (vault.VaultError, UserError) as error:
            raise Refused("unavailable", "vault_unavailable") from error
        if not value:
            raise Refused("not_found")
        self._log("ok", "")
        return {
            "lease_id": self.id,
            "ref": self._ref,
            "value": value,
            "expires_in": EXPIRES_IN,
        }

    def log_refusal(self, refused):
        """Write the refusal to the access log and return the code for the caller."""
        try:
            self._log("error" if refused.code == "unavailable" else "refused", refused.reason)
        except Refused as unavailable:
            return unavailable.code
        return refused.code

    def _authenticate(self, body):
        """Find the tenant that signed. Raises Refused, the same for every reason."""
        headers = request.httprequest.headers
        account = headers.get("X-AI-Account", "")
        tenants = self._env["ai.tenant"]
        claimed = tenants
        if ACCOUNT_ID.fullmatch(account):
            claimed = tenants.search([("account_id", "=", account)])
        # An unknown account takes as long as a wrong signature: the keys of another one are read.
        try:
            keys = (claimed or tenants.search([], limit=1))._signing_keys()
        except (vault.VaultError, UserError) as error:
            raise Refused("unavailable", "vault_unavailable") from error
        self._tenant = claimed
        if not claimed:
            keys = {headers.get("X-AI-Key-Id", ""): secrets.token_hex(32)}
        try:
            _account, nonce = verify(headers, keys, "POST", _raw_path(), body)
        except (SignatureInvalid, UnicodeError):
            raise Refused(
                "unauthorized", "wrong_signature" if claimed else "unknown_account"
            ) from None
        if not claimed:
            raise Refused("unauthorized", "unknown_account")
        self._proven = True
        if self._environ.get("ai_system.nonce") == nonce:
            return
        if not self._env["ai.nonce"]._spend(account, nonce):
            raise Refused("unauthorized", "reused_nonce")
        self._environ["ai_system.nonce"] = nonce

    def _read(self, body):
        """Take ref and purpose from the body. Raises Refused."""
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused("bad_request") from None
        if not isinstance(asked, dict) or asked.keys() != {"ref", "purpose"}:
            raise Refused("bad_request")
        for name, pattern in (("ref", REF), ("purpose", PURPOSE)):
            if not isinstance(asked[name], str) or not pattern.fullmatch(asked[name]):
                raise Refused("bad_request")
        self._ref, self._purpose = asked["ref"], asked["purpose"]

    def _log(self, result, reason):
        """Write this request's row at once. Raises Refused when it cannot be written."""
        # Nobody is named who did not prove it: neither the sidecar nor a browser's session.
        more = {"user_id": None, "login": None}
        if self._proven:
            more["service"] = f"sidecar {self._purpose}".strip()
        if result == "ok":
            more["uuid"] = self.id
        log = self._env["ai.audit.log"]
        try:
            log._log_now(log._prepare_row("lease", self._ref, result, reason, self._tenant, **more))
        except UserError as error:
            _logger.error("the lease %s was not given: the access log cannot be written", self.id)
            raise Refused("unavailable", "audit_unavailable") from error


def _raw_path():
    """Return the path with query as the client sent it, before any decoding."""
    environ = request.httprequest.environ
    if raw := environ.get("RAW_URI") or environ.get("REQUEST_URI"):
        return raw
    query = environ.get("QUERY_STRING", "")
    return f"{request.httprequest.path}?{query}" if query else request.httprequest.path


def _refusal(lease, refused):
    """Log that `lease` is `refused` and return the answer that says so."""
    code = lease.log_refusal(refused)
    error = {"code": code, "message": MESSAGES[code], "details": {}}
    return _answer(STATUS[code], {"success": False, "error": error, "request_id": lease.id})


def _answer(status, content):
    # In bytes: make_json_response counts characters, which cuts values outside ASCII.
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return request.make_response(body, headers=list(headers.items()), status=status)
