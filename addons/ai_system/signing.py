"""Request signatures between Odoo and the sidecar (docs/contracts.md, "Signature").

Plain Python without Odoo, so that it can be tested by itself.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping

TO_SIDECAR = "odoo>sidecar"
TO_ODOO = "sidecar>odoo"
MAX_SKEW = 300  # seconds a timestamp may be off

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SignatureInvalid(Exception):
    """The headers do not prove who sent the request. Carries no detail on purpose."""


def _digest(
    key: str,
    direction: str,
    account: str,
    key_id: str,
    timestamp: str,
    nonce: str,
    method: str,
    path: str,
    body: bytes,
) -> str:
    lines = (
        "v1",
        direction,
        account,
        key_id,
        timestamp,
        nonce,
        method.upper(),
        path,
        hashlib.sha256(body).hexdigest(),
    )
    return hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def sign(
    key: str,
    key_id: str,
    account: str,
    method: str,
    path: str,
    body: bytes,
    *,
    direction: str = TO_SIDECAR,
    timestamp: int | None = None,
    nonce: str | None = None,
) -> dict[str, str]:
    """Return the five `X-AI-*` headers that sign one request.

    key: signing key (its UTF-8 bytes are the HMAC key); path: raw path with query;
    body: raw bytes; timestamp: unix seconds, now when None; nonce: random when None.
    """
    stamp = str(int(time.time()) if timestamp is None else timestamp)
    nonce = nonce or secrets.token_urlsafe(24)
    digest = _digest(key, direction, account, key_id, stamp, nonce, method, path, body)
    return {
        "X-AI-Account": account,
        "X-AI-Key-Id": key_id,
        "X-AI-Timestamp": stamp,
        "X-AI-Nonce": nonce,
        "X-AI-Signature": f"v1={digest}",
    }


def verify(
    headers: Mapping[str, str],
    keys: Mapping[str, str],
    method: str,
    path: str,
    body: bytes,
    *,
    direction: str = TO_ODOO,
    now: int | None = None,
) -> tuple[str, str]:
    """Check the headers of one request and return (account, nonce).

    keys maps key ids to signing keys (two during a rotation). The caller still has to refuse a
    nonce it has seen. Raises SignatureInvalid, the same for every reason.
    """
    account = headers.get("X-AI-Account", "")
    key_id = headers.get("X-AI-Key-Id", "")
    stamp = headers.get("X-AI-Timestamp", "")
    nonce = headers.get("X-AI-Nonce", "")
    given = _SIGNATURE.fullmatch(headers.get("X-AI-Signature", ""))
    key = keys.get(key_id)
    if not (given and key and _NONCE.fullmatch(nonce) and _TIMESTAMP.fullmatch(stamp)):
        raise SignatureInvalid
    if abs((int(time.time()) if now is None else now) - int(stamp)) > MAX_SKEW:
        raise SignatureInvalid
    digest = _digest(key, direction, account, key_id, stamp, nonce, method, path, body)
    if not hmac.compare_digest(digest.encode(), given.group(1).encode()):
        raise SignatureInvalid
    return account, nonce
