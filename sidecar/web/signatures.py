"""Signed requests between Odoo and the sidecar (`docs/contracts.md`, Signature)."""

import hashlib
import hmac
import re
import time

import redis
from flask import Request

from sidecar.context import ACCOUNT_ID
from sidecar.credentials.resolver import CredentialResolver
from sidecar.errors import Unauthorized
from sidecar.settings import Settings
from sidecar.store import keys

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def canonical(
    direction: str,
    account: str,
    key_id: str,
    timestamp: str,
    nonce: str,
    method: str,
    path: str,
    body: bytes,
) -> bytes:
    """The bytes that are signed."""
    digest = hashlib.sha256(body).hexdigest()
    lines = ("v1", direction, account, key_id, timestamp, nonce, method.upper(), path, digest)
    return "\n".join(lines).encode()


def sign(key: str, message: bytes) -> str:
    """The signature header's value."""
    return "v1=" + hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def verify_odoo(
    request: Request, resolver: CredentialResolver, store: redis.Redis, settings: Settings
) -> str:
    """The account id that signed `request`. One uniform Unauthorized for whatever is wrong.

    The nonce is spent only after the signature was found right, so nobody can burn another's.
    """
    account = request.headers.get("X-AI-Account", "")
    key_id = request.headers.get("X-AI-Key-Id", "")
    timestamp = request.headers.get("X-AI-Timestamp", "")
    nonce = request.headers.get("X-AI-Nonce", "")
    given = request.headers.get("X-AI-Signature", "")
    well_formed = (
        ACCOUNT_ID.fullmatch(account)
        and _KEY_ID.fullmatch(key_id)
        and _TIMESTAMP.fullmatch(timestamp)
        and _NONCE.fullmatch(nonce)
    )
    if not well_formed or abs(time.time() - int(timestamp)) > settings.webhook_skew:
        raise Unauthorized
    key = resolver.signing_key(account, key_id)
    path = request.full_path if request.query_string else request.path
    message = canonical(
        "odoo>sidecar", account, key_id, timestamp, nonce, request.method, path, request.get_data()
    )
    wanted = sign(key or "", message)
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")) or key is None:
        raise Unauthorized
    if not store.set(keys.nonce(account, nonce), "1", nx=True, ex=settings.nonce_ttl):
        raise Unauthorized
    return account
