"""The vault: secrets encrypted with keys that are kept outside the database.

Plain Python without Odoo, so that it can be tested by itself.

A sealed secret is the text `v1.<fingerprint of the key, 8 hex>.<base64 of nonce and ciphertext>`,
AES-256-GCM with a 96-bit random nonce. Its additional data are the account, the reference of the
credential and the ref of the secret: what is copied to another place does not open there.

    VaultError
    ├── NoKey           no key is configured
    ├── UnreadableKeys  the file of the keys cannot be read
    ├── MalformedKey    a key is not 32 bytes in base64
    ├── UnknownKey      the key that sealed the secret is gone (`fingerprint` names it)
    └── SecretChanged   the sealed text was changed, or moved from elsewhere
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEYS = "ai_credentials_keys"  # option of odoo.conf; in capitals the environment variable
KEY_FILE = "ai_credentials_key_file"
KEY_BYTES = 32
NONCE_BYTES = 12
SHOWN_FROM = 16  # the last four characters show from this length on: less would be guessed

_SEALED = re.compile(r"v1\.([0-9a-f]{8})\.([A-Za-z0-9+/]+={0,2})")


class VaultError(Exception):
    """The vault cannot do what was asked."""


class NoKey(VaultError):
    """No key is configured."""


class UnreadableKeys(VaultError):
    """The file of the keys cannot be read; the text names it."""


class MalformedKey(VaultError):
    """A key is not 32 bytes in base64; the text is its place in the list, counted from 1."""


class UnknownKey(VaultError):
    """The key that sealed a secret is not among the vault's keys."""

    def __init__(self, fingerprint: str):
        super().__init__(fingerprint)
        self.fingerprint = fingerprint


class SecretChanged(VaultError):
    """A sealed secret was changed, or belongs to another place."""


@dataclass(frozen=True)
class Key:
    """One key of the vault; `secret` are its 32 bytes, which never show."""

    fingerprint: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.fingerprint})"

    def derive(self, purpose: bytes) -> bytes:
        """Return a key of 32 bytes for another `purpose` (HKDF-SHA-256, RFC 5869)."""
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(self.secret)


@dataclass(frozen=True)
class Place:
    """Where a secret belongs: account id, reference of the credential, ref of the secret."""

    account: str
    reference: str
    ref: str

    def bound(self) -> bytes:
        """Return the additional data; the lengths keep two places from looking alike."""
        parts = [part.encode() for part in ("v1", self.account, self.reference, self.ref)]
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Vault:
    """Seals with the first key and opens with all of them."""

    def __init__(self, keys: tuple[Key, ...]):
        if not keys:
            raise NoKey
        self.newest = keys[0]
        self._keys = {key.fingerprint: key for key in keys}

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """The keys' fingerprints, the newest first."""
        return tuple(self._keys)

    def seal(self, value: str, place: Place) -> str:
        """Return `value` sealed for `place` with the newest key."""
        nonce = os.urandom(NONCE_BYTES)
        data = AESGCM(self.newest.secret).encrypt(nonce, value.encode(), place.bound())
        return f"v1.{self.newest.fingerprint}.{base64.b64encode(nonce + data).decode()}"

    def unseal(self, sealed: str, place: Place) -> str:
        """Return the value of a `sealed` secret. Raises UnknownKey or SecretChanged."""
        fingerprint = key_of(sealed)
        if fingerprint not in self._keys:
            raise UnknownKey(fingerprint)
        try:
            data = base64.b64decode(sealed.rpartition(".")[2], validate=True)
            cipher = AESGCM(self._keys[fingerprint].secret)
            value = cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.bound())
            return value.decode()
        except (InvalidTag, ValueError, OverflowError):
            raise SecretChanged from None

    def mark(self, value: str, account: str) -> str:
        """Return 8 hex digits by which an account can tell two values apart.

        Keyed, so that nobody can try out values against it, and different in every account.
        """
        key = self.newest.derive(b"chatwootai fingerprint of a secret")
        text = f"{account}\0{value}".encode()
        return hmac.new(key, text, hashlib.sha256).hexdigest()[:8]


def key_of(sealed: str) -> str:
    """Return the fingerprint of the key that sealed a secret. Raises SecretChanged."""
    if not (match := _SEALED.fullmatch(sealed)):
        raise SecretChanged
    return match[1]


def last_four(value: str) -> str:
    """Return the last four characters of a `value` that is long enough to show them, or ""."""
    return value[-4:] if len(value) >= SHOWN_FROM else ""


def parse_keys(lines: list[str]) -> tuple[Key, ...]:
    """Return the keys of base64 `lines`; empty ones and `#` comments do not count.

    Raises MalformedKey.
    """
    texts = [text for line in lines if (text := line.partition("#")[0].strip())]
    keys = {}
    for number, text in enumerate(texts, start=1):
        try:
            secret = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise MalformedKey(str(number)) from None
        if len(secret) != KEY_BYTES:
            raise MalformedKey(str(number))
        fingerprint = hashlib.sha256(b"chatwootai vault key" + secret).hexdigest()[:8]
        keys.setdefault(fingerprint, Key(fingerprint, secret))
    return tuple(keys.values())


class KeySource:
    """Where the keys come from: the environment first, then odoo.conf; a file is read anew
    when it changes."""

    def __init__(self) -> None:
        self._cached: tuple[tuple, tuple[Key, ...]] | None = None

    def keys(self, environ: Mapping[str, str], options: Mapping) -> tuple[Key, ...]:
        """Return the keys, the newest first.

        environ: AI_CREDENTIALS_KEYS (separated by commas) or AI_CREDENTIALS_KEY_FILE (a key a
        line). options: the same names in small letters. Raises NoKey, UnreadableKeys or
        MalformedKey.
        """
        for source, key_list, key_file in (
            (environ, KEYS.upper(), KEY_FILE.upper()),
            (options, KEYS, KEY_FILE),
        ):
            if text := source.get(key_list):
                keys = parse_keys(text.split(","))
            elif path := source.get(key_file):
                keys = self._read(Path(path))
            else:
                continue
            if not keys:
                raise NoKey
            return keys
        raise NoKey

    def vault(self, environ: Mapping[str, str], options: Mapping) -> Vault:
        """Return the vault of the keys configured now; raises like `keys`."""
        return Vault(self.keys(environ, options))

    def _read(self, path: Path) -> tuple[Key, ...]:
        try:
            state = path.stat()
            stamp = (path, state.st_mtime_ns, state.st_size, state.st_ino)
            if not self._cached or self._cached[0] != stamp:
                self._cached = (stamp, parse_keys(path.read_text().splitlines()))
        except (OSError, UnicodeDecodeError):
            raise UnreadableKeys(str(path)) from None
        return self._cached[1]


SOURCE = KeySource()
