"""References to secrets, per tenant, and where their values are found.

1. Pushed: what the message path needs (webhook secrets, Chatwoot tokens, the integration user's
   key) travels at enrollment and sync, and is kept as ciphertext, so it works while Odoo is down.
2. `credentials.yaml`: trees without Odoo.
3. Leased: everything else, from the control Odoo, in memory only.
"""

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import redis

from sidecar.credentials.file import CredentialsFile
from sidecar.credentials.signing import SigningKeys
from sidecar.credentials.vault import Vault
from sidecar.errors import BadRequest, NotConfigured
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store

if TYPE_CHECKING:  # the doors lease nothing, and need not load an HTTP client
    from sidecar.credentials.leases import Leases

MAX_REFS, MAX_VALUE = 500, 16_384

_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
# what Odoo pushes is never leased: a missing reading token must not cost a call each turn
_PUSHED = re.compile(
    r"odoo_api_key|llm_api_key|qdrant_api_key"
    r"|chatwoot_(hook|bot_token|reading_token)_[0-9]+"
)


class CredentialResolver:
    """Secrets of all tenants; each call names the account it acts for.

    leases: None in processes that never ask Odoo for a secret (the doors).
    """

    def __init__(
        self,
        store: redis.Redis,
        vault: Vault,
        signing: SigningKeys,
        file: CredentialsFile,
        leases: "Leases | None" = None,
    ):
        self.store = store
        self.vault = vault
        self.signing = signing
        self.file = file
        self.leases = leases

    @classmethod
    def from_settings(
        cls, settings: Settings, leases: "Leases | None" = None
    ) -> "CredentialResolver":
        vault = Vault(settings.secret_key.get_secret_value())
        return cls(
            state_store(settings),
            vault,
            SigningKeys.from_settings(settings),
            CredentialsFile(settings.config_dir, vault, settings.environment),
            leases,
        )

    def resolve(self, account_id: str, ref: str | None, purpose: str = "") -> str | None:
        """The secret behind `ref`, or None when the tenant has none of that name.

        `purpose` is told to Odoo's audit when the value is leased. Raises NotConfigured (the file
        is wrong), Unprocessable (a ciphertext cannot be opened), Unavailable, UpstreamRefused.
        """
        if not ref:
            return None
        leases = None if _PUSHED.fullmatch(ref) else self.leases
        try:
            sealed = self.store.hget(keys.secrets(account_id), ref)
        except redis.RedisError:
            if leases is None:
                raise
            sealed = None  # what is leased may serve on, within its time
        if sealed is not None:
            return self.vault.decrypt(account_id, ref, sealed)
        value = self.file.get(account_id, ref)
        if value is None and leases is not None:
            value = leases.value(account_id, ref, purpose)
        return value

    def require(self, account_id: str, ref: str | None, purpose: str = "") -> str:
        """Like `resolve`; NotConfigured names the reference that is missing."""
        value = self.resolve(account_id, ref, purpose)
        if value is None:
            raise NotConfigured(f"The tenant has no secret {ref!r}; synchronize it from Odoo.")
        return value

    def forget_lease(self, account_id: str, ref: str) -> None:
        """Whoever was given the secret refused it: ask Odoo anew the next time."""
        if self.leases is not None:
            self.leases.forget(account_id, ref)

    def sealed(self, account_id: str, values: Mapping[str, str]) -> dict[str, str]:
        """Ciphertexts of `values`, ready for `replace_in`; BadRequest names what is unfit."""
        if len(values) > MAX_REFS:
            raise BadRequest(f"A tenant may have {MAX_REFS} secrets.", field="secrets")
        for ref, value in values.items():
            check_ref(ref)
            if len(value) > MAX_VALUE:
                raise BadRequest(f"The secret {ref!r} is longer than {MAX_VALUE} characters.")
            if any("\ud800" <= character <= "\udfff" for character in value):
                raise BadRequest(f"The secret {ref!r} is not Unicode text.")
        return {r: self.vault.encrypt(account_id, r, v) for r, v in values.items() if v}

    def replace_in(
        self, pipe: redis.client.Pipeline, account_id: str, sealed: Mapping[str, str]
    ) -> None:
        """Within the caller's transaction: these, and no others, are the account's secrets.

        Leases of every process end with it.
        """
        pipe.delete(keys.secrets(account_id))
        if sealed:
            pipe.hset(keys.secrets(account_id), mapping=dict(sealed))
        pipe.incr(keys.lease_epoch(account_id))

    def replace(self, account_id: str, values: Mapping[str, str]) -> None:
        """These, and no others, are the account's pushed secrets."""
        sealed = self.sealed(account_id, values)
        with self.store.pipeline() as pipe:
            self.replace_in(pipe, account_id, sealed)
            pipe.execute()

    def revoke(self, account_id: str, refs: Collection[str]) -> int:
        """Forget these references here and in every process's memory; how many they were."""
        wanted = set(refs)
        with self.store.pipeline() as pipe:
            if wanted:
                pipe.hdel(keys.secrets(account_id), *wanted)
            pipe.incr(keys.lease_epoch(account_id))
            pipe.execute()
        return len(wanted)

    def pushed(self, account_id: str) -> dict[str, str]:
        """Reference → ciphertext of what Odoo pushed."""
        return self.store.hgetall(keys.secrets(account_id))


def check_ref(ref: object) -> str:
    """`ref` when it can name a secret; BadRequest otherwise."""
    if isinstance(ref, str) and _REF.fullmatch(ref):
        return ref
    raise BadRequest("A reference is 1 to 128 letters, digits, _ . : or -.")
