"""Encryption of tenants' secrets at rest: AES-256-GCM, the key outside the store.

A ciphertext is bound to its account and reference (additional authenticated data), so a value
copied to another tenant or another name does not decrypt. Format: `v1.<key fingerprint>.<base64>`.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sidecar.errors import NotConfigured, Unprocessable

_NONCE_BYTES = 12
_CIPHERTEXT = re.compile(r"v1\.[0-9a-f]{8}\.[A-Za-z0-9+/]+={0,2}")


class Vault:
    """`keys`: base64 of 32 bytes each, comma-separated; the first encrypts, all decrypt."""

    def __init__(self, keys: str):
        self._keys: dict[str, AESGCM] = {}
        self._print_key = b""
        for text in filter(None, (part.strip() for part in keys.split(","))):
            try:
                raw = base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                raw = b""
            if len(raw) != 32:
                raise NotConfigured("CHATWOOTAI_SECRET_KEY must be base64 of exactly 32 bytes.")
            self._keys[hashlib.sha256(raw).hexdigest()[:8]] = AESGCM(raw)
            self._print_key = self._print_key or hashlib.sha256(b"fingerprints\0" + raw).digest()

    def __repr__(self) -> str:
        return f"<Vault of keys {', '.join(self._keys) or 'none'}>"

    def encrypt(self, account_id: str, ref: str, value: str) -> str:
        """Ciphertext of `value` for this account and reference. NotConfigured without a key."""
        if not self._keys:
            raise NotConfigured("No CHATWOOTAI_SECRET_KEY is set, so secrets cannot be kept.")
        fingerprint, key = next(iter(self._keys.items()))
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + key.encrypt(nonce, value.encode(), _bound_to(account_id, ref))
        return f"v1.{fingerprint}.{base64.b64encode(sealed).decode()}"

    def decrypt(self, account_id: str, ref: str, ciphertext: str) -> str:
        """The value. Unprocessable when the key is gone or the ciphertext was moved or changed."""
        version, _, rest = ciphertext.partition(".")
        fingerprint, _, body = rest.partition(".")
        key = self._keys.get(fingerprint)
        if version != "v1" or key is None:
            raise Unprocessable(
                f"The secret {ref!r} of {account_id} was encrypted with a key that is not set here;"
                " add that key to CHATWOOTAI_SECRET_KEY, or synchronize again from Odoo."
            )
        try:
            sealed = base64.b64decode(body, validate=True)
            opened = key.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(account_id, ref)
            )
        except (InvalidTag, binascii.Error, ValueError):
            raise Unprocessable(
                f"What is stored as secret {ref!r} of {account_id} does not belong there or was"
                " changed; synchronize again from Odoo."
            ) from None
        return opened.decode()

    def is_current(self, ciphertext: str) -> bool:
        """Whether the first key made `ciphertext`, so that it need not be encrypted again."""
        return ciphertext.split(".")[1:2] == list(self._keys)[:1]

    def fingerprint(self, value: str) -> str:
        """Eight hex digits that tell values apart; keyed, so that nobody can guess from them."""
        return hmac.new(self._print_key, value.encode(), hashlib.sha256).hexdigest()[:8]


def is_ciphertext(text: str) -> bool:
    """Whether `text` has the shape of a ciphertext."""
    return _CIPHERTEXT.fullmatch(text) is not None


def _bound_to(account_id: str, ref: str) -> bytes:
    return f"{account_id}\0{ref}".encode()
