"""References to secrets, per tenant.

The message path (webhook secrets, Chatwoot tokens, the integration user's key, signing keys) must
work while Odoo is down: those values travel at enrollment and sync, and are kept as ciphertext.
"""

import redis

from sidecar.credentials.vault import Vault
from sidecar.errors import NotConfigured
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store


class CredentialResolver:
    """Secrets of all tenants; each call names the account it acts for."""

    def __init__(self, store: redis.Redis, vault: Vault):
        self.store = store
        self.vault = vault

    @classmethod
    def from_settings(cls, settings: Settings) -> "CredentialResolver":
        return cls(state_store(settings), Vault(settings.secret_key.get_secret_value()))

    def resolve(self, account_id: str, ref: str | None) -> str | None:
        """The secret behind `ref`, or None when the tenant has none of that name."""
        sealed = self.store.hget(keys.secrets(account_id), ref) if ref else None
        return self.vault.decrypt(account_id, ref, sealed) if sealed else None

    def require(self, account_id: str, ref: str | None) -> str:
        """Like `resolve`; NotConfigured names the reference that is missing."""
        value = self.resolve(account_id, ref)
        if value is None:
            raise NotConfigured(f"The tenant has no secret {ref!r}; synchronize it from Odoo.")
        return value

    def store_many(self, account_id: str, values: dict[str, str]) -> None:
        """Keep (replace) several secrets; an empty value removes its reference."""
        if not values:
            return
        with self.store.pipeline() as pipe:
            for ref, value in values.items():
                if value:
                    pipe.hset(
                        keys.secrets(account_id), ref, self.vault.encrypt(account_id, ref, value)
                    )
                else:
                    pipe.hdel(keys.secrets(account_id), ref)
            pipe.execute()

    def signing_key(self, account_id: str, key_id: str) -> str | None:
        """The signing key of that id, or None."""
        sealed = self.store.hget(keys.signing(account_id), key_id)
        return self.vault.decrypt(account_id, f"signing:{key_id}", sealed) if sealed else None

    def replace_signing_key(self, account_id: str, key_id: str, value: str) -> None:
        """Make `value` the account's only signing key."""
        sealed = self.vault.encrypt(account_id, f"signing:{key_id}", value)
        with self.store.pipeline() as pipe:
            pipe.delete(keys.signing(account_id))
            pipe.hset(keys.signing(account_id), key_id, sealed)
            pipe.execute()
