"""Whether a request was signed by Odoo (`docs/contracts.md`, Signature)."""

import hmac
import re
import time
from dataclasses import dataclass

import redis
import structlog
from flask import Request

from sidecar.context import ACCOUNT_ID
from sidecar.credentials.signing import TO_SIDECAR, SigningKey, SigningKeys, canonical, sign
from sidecar.errors import Unauthorized, Unprocessable
from sidecar.settings import Settings
from sidecar.store import keys

log = structlog.get_logger(__name__)

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NOBODY = SigningKey("none", "no key is this one", pending=False)


class Refused(Unauthorized):
    """A request that is not what it claims to be.

    The caller is told nothing but Unauthorized's one sentence; `claimed` (an account id, or "") and
    `reason` are for the audit.
    """

    def __init__(self, claimed: str, reason: str):
        super().__init__()
        self.claimed, self.reason = claimed, reason


@dataclass(frozen=True, slots=True)
class _Headers:
    account: str
    key_id: str
    timestamp: str
    nonce: str
    signature: str

    @classmethod
    def of(cls, request: Request) -> "_Headers":
        names = ("Account", "Key-Id", "Timestamp", "Nonce", "Signature")
        return cls(*(request.headers.get(f"X-AI-{name}", "") for name in names))

    @property
    def well_formed(self) -> bool:
        return bool(
            ACCOUNT_ID.fullmatch(self.account)
            and _KEY_ID.fullmatch(self.key_id)
            and _TIMESTAMP.fullmatch(self.timestamp)
            and _NONCE.fullmatch(self.nonce)
        )


def verify_odoo(
    request: Request, signing: SigningKeys, store: redis.Redis, settings: Settings
) -> str:
    """The account id that signed `request`. Raises Refused for whatever is wrong.

    A malformed or unknown caller costs the same look-up and the same HMAC as a known one. The nonce
    is spent only after the signature was found right, so nobody can burn another's; a pending key
    becomes the current one only after that.
    """
    told = _Headers.of(request)
    well_formed = told.well_formed
    account = told.account if well_formed else "nobody"
    key = _key(signing, account, told.key_id if well_formed else "none")
    body = request.get_data()
    message = canonical(
        TO_SIDECAR,
        account,
        told.key_id if well_formed else "none",
        told.timestamp if well_formed else "0",
        told.nonce if well_formed else "none",
        request.method,
        _raw_path(request),
        body,
    )
    wanted = sign((key or _NOBODY).value, message)
    right = hmac.compare_digest(wanted.encode(), told.signature.encode("utf-8", "replace"))
    if not well_formed:
        raise Refused("", "malformed_headers")
    if key is None:
        raise Refused(account, "unknown_key")
    if not right:
        raise Refused(account, "wrong_signature")
    if abs(time.time() - int(told.timestamp)) > settings.webhook_skew:
        raise Refused(account, "old_timestamp")
    # remembered for as long as its timestamp could be accepted, whatever the settings say
    ttl = max(settings.nonce_ttl, 2 * settings.webhook_skew + 1)
    if not store.set(keys.nonce(account, told.nonce), "1", nx=True, ex=ttl):
        raise Refused(account, "reused_nonce")
    if key.pending:
        signing.promote(account, key.id)
        log.info("signing_key.held", account=account, key_id=key.id)
    return account


def _key(signing: SigningKeys, account: str, key_id: str) -> SigningKey | None:
    try:
        return signing.accepted(account, key_id)
    except Unprocessable as error:
        # told to the operator, not to the caller: it would say which accounts there are
        log.error("signing_key.unreadable", account=account, problem=error.message)
        return None


def _raw_path(request: Request) -> str:
    """Path and query as they stood on the request line (gunicorn's and werkzeug's name for it)."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if not raw.startswith("/"):  # some other server, or a proxy's absolute form
        return request.full_path if request.query_string else request.path
    return raw
