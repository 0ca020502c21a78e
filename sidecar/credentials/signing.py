"""Signing keys of the two directions (`docs/contracts.md`, Signature and Rotation).

The hash `{account}:signing` holds `key:<id>` (ciphertext), `current` and `pending` (key ids) and
`until:<id>` (unix seconds a former key is accepted to). Each change of it is one script, so two
processes never see or make half of one.
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field

import redis

from sidecar.credentials.vault import Vault
from sidecar.errors import NotConfigured
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store

TO_SIDECAR, TO_ODOO = "odoo>sidecar", "sidecar>odoo"

# KEYS: signing   ARGV: new id, its ciphertext. The pending key: the one there is, or the new one.
_ROTATE = """
local pending = redis.call('HGET', KEYS[1], 'pending')
if pending then return {pending, redis.call('HGET', KEYS[1], 'key:' .. pending)} end
if redis.call('HEXISTS', KEYS[1], 'current') == 0 then return false end
redis.call('HSET', KEYS[1], 'pending', ARGV[1], 'key:' .. ARGV[1], ARGV[2])
return {ARGV[1], ARGV[2]}
"""

# KEYS: signing   ARGV: key id, now, when the former one ends
_PROMOTE = """
if redis.call('HGET', KEYS[1], 'pending') ~= ARGV[1] then return 0 end
local fields = redis.call('HKEYS', KEYS[1])
for _, name in ipairs(fields) do
  if string.sub(name, 1, 6) == 'until:' then
    if tonumber(redis.call('HGET', KEYS[1], name)) <= tonumber(ARGV[2]) then
      redis.call('HDEL', KEYS[1], name, 'key:' .. string.sub(name, 7))
    end
  end
end
local former = redis.call('HGET', KEYS[1], 'current')
redis.call('HSET', KEYS[1], 'current', ARGV[1], 'until:' .. former, ARGV[3])
redis.call('HDEL', KEYS[1], 'pending')
return 1
"""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of an account. `pending`: Odoo has not yet shown that it holds it."""

    id: str
    value: str = field(repr=False)
    pending: bool = False


class SigningKeys:
    """Signing keys of all accounts; each call names the account."""

    def __init__(self, store: redis.Redis, vault: Vault, overlap: int):
        self.store = store
        self.vault = vault
        self.overlap = overlap
        self._rotate = store.register_script(_ROTATE)
        self._promote = store.register_script(_PROMOTE)

    @classmethod
    def from_settings(cls, settings: Settings) -> "SigningKeys":
        vault = Vault(settings.secret_key.get_secret_value())
        return cls(state_store(settings), vault, settings.signing_overlap)

    def accepted(self, account_id: str, key_id: str) -> SigningKey | None:
        """The key of that id while it may sign: current, pending, or former within its overlap."""
        sealed, until, pending = self.store.hmget(
            keys.signing(account_id), f"key:{key_id}", f"until:{key_id}", "pending"
        )
        if sealed is None or (until is not None and float(until) <= time.time()):
            return None
        return SigningKey(key_id, self._open(account_id, key_id, sealed), pending == key_id)

    def current(self, account_id: str) -> SigningKey | None:
        """The key the sidecar itself signs with: the newest that Odoo has shown to hold."""
        kept = self.store.hgetall(keys.signing(account_id))
        key_id = kept.get("current")
        if key_id is None:
            return None
        return SigningKey(key_id, self._open(account_id, key_id, kept[f"key:{key_id}"]))

    def rotate(self, account_id: str) -> SigningKey:
        """The account's pending key, made when there is none. NotConfigured before enrollment."""
        key_id, value = new_key()
        sealed = self.vault.encrypt(account_id, _ref(key_id), value)
        kept = self._rotate(keys=[keys.signing(account_id)], args=[key_id, sealed])
        if not kept:
            raise NotConfigured("The account has no signing key; connect it from Odoo first.")
        return SigningKey(kept[0], self._open(account_id, kept[0], kept[1]), pending=True)

    def promote(self, account_id: str, key_id: str) -> bool:
        """Odoo signed with its pending key: it is current now, the former one ends later."""
        now = time.time()
        return bool(
            self._promote(keys=[keys.signing(account_id)], args=[key_id, now, now + self.overlap])
        )

    def reset_in(self, pipe: redis.client.Pipeline, account_id: str, key: SigningKey) -> None:
        """Within the caller's transaction, make `key` the account's only one."""
        sealed = self.vault.encrypt(account_id, _ref(key.id), key.value)
        pipe.delete(keys.signing(account_id))
        pipe.hset(keys.signing(account_id), mapping={"current": key.id, f"key:{key.id}": sealed})

    def reset(self, account_id: str, key: SigningKey) -> None:
        """Make `key` the account's only one."""
        with self.store.pipeline() as pipe:
            self.reset_in(pipe, account_id, key)
            pipe.execute()

    def _open(self, account_id: str, key_id: str, sealed: str) -> str:
        return self.vault.decrypt(account_id, _ref(key_id), sealed)


def new_key() -> tuple[str, str]:
    """A key id (16 hex digits) and a key (256 bits)."""
    return secrets.token_hex(8), secrets.token_urlsafe(32)


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


def signed_headers(
    direction: str, account: str, key: SigningKey, method: str, path: str, body: bytes
) -> dict[str, str]:
    """The five headers of a request that is sent now."""
    timestamp, nonce = str(int(time.time())), secrets.token_urlsafe(18)
    message = canonical(direction, account, key.id, timestamp, nonce, method, path, body)
    return {
        "X-AI-Account": account,
        "X-AI-Key-Id": key.id,
        "X-AI-Timestamp": timestamp,
        "X-AI-Nonce": nonce,
        "X-AI-Signature": sign(key.value, message),
    }


def _ref(key_id: str) -> str:
    return f"signing:{key_id}"
