"""Encrypt everything anew with the first key of CHATWOOTAI_SECRET_KEY.

Safe while requests are served and safe to interrupt: each secret is replaced only where the old
ciphertext still stands, and one that the first key made is left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sidecar.credentials.resolver import CredentialResolver
from sidecar.credentials.vault import is_ciphertext
from sidecar.errors import Unprocessable
from sidecar.store import keys

# KEYS: a hash   ARGV: field, old value, new value
_EXCHANGE = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One secret looked at. `done`: encrypted anew; `problem`: why it could not be."""

    account_id: str
    ref: str
    done: bool = False
    problem: str = ""


def encrypt_anew(credentials: CredentialResolver) -> Iterator[Step]:
    """Look at every secret of the store and of credentials.yaml, one step each."""
    exchange = credentials.store.register_script(_EXCHANGE)
    for name, ending in ((keys.secrets, ""), (keys.signing, "key:")):
        for key in credentials.store.scan_iter(match=name("*"), count=500, _type="hash"):
            account_id = key.partition(":")[0]
            for part, sealed in credentials.store.hgetall(key).items():
                if part.startswith(ending):
                    ref = f"signing:{part.removeprefix(ending)}" if ending else part

                    def put(new: str, key=key, part=part, old=sealed) -> bool:
                        return bool(exchange(keys=[key], args=[part, old, new]))

                    yield _step(credentials, account_id, ref, sealed, put)
    for account_id, refs in list(credentials.file.stored().items()):
        for ref, sealed in list(refs.items()):
            if is_ciphertext(sealed):

                def put(new: str, account_id=account_id, ref=ref, old=sealed) -> bool:
                    return credentials.file.replace(account_id, ref, old, new)

                yield _step(credentials, account_id, ref, sealed, put)


def _step(credentials: CredentialResolver, account_id: str, ref: str, sealed: str, put) -> Step:
    vault = credentials.vault
    if vault.is_current(sealed):
        return Step(account_id, ref)
    try:
        value = vault.decrypt(account_id, ref, sealed)
    except Unprocessable as error:
        return Step(account_id, ref, problem=error.message)
    # False: replaced meanwhile by a push, which encrypts with the first key itself
    return Step(account_id, ref, done=put(vault.encrypt(account_id, ref, value)))
