"""`sidecar credentials`: secrets of trees without Odoo, and encryption anew after a key change."""

import getpass
import sys
from collections import Counter

from sidecar.context import check_account_id
from sidecar.control.audit import AuditLog
from sidecar.credentials.resolver import MAX_VALUE, CredentialResolver, check_ref
from sidecar.credentials.rotation import encrypt_anew
from sidecar.credentials.vault import is_ciphertext
from sidecar.errors import BadRequest, NotFound, SidecarError
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import RedisError, state_store, unavailable

_EVERY = 100  # secrets between two lines of progress


def run(settings: Settings, verb: str, account_id: str = "", ref: str = "") -> int:
    """Do one verb: `set`, `list`, `remove` or `rotate`; the exit code."""
    credentials = CredentialResolver.from_settings(settings)
    audit = AuditLog(state_store(settings), "cli")
    match verb:
        case "set":
            return _set(credentials, audit, check_account_id(account_id), check_ref(ref))
        case "remove":
            return _remove(credentials, audit, check_account_id(account_id), check_ref(ref))
        case "list":
            return _list(credentials, account_id)
    try:
        return _rotate(credentials, audit)
    except RedisError as error:
        raise unavailable(error) from None


def _set(credentials: CredentialResolver, audit: AuditLog, account_id: str, ref: str) -> int:
    value = _typed(account_id, ref)
    if not value or len(value) > MAX_VALUE:
        raise BadRequest(f"The value must have 1 to {MAX_VALUE} characters.")
    credentials.file.set(account_id, ref, value)
    audit.record(account_id, "write", f"credentials.yaml: {ref}")
    print(f"{account_id} {ref} is kept, fingerprint {credentials.vault.fingerprint(value)}")
    return 0


def _remove(credentials: CredentialResolver, audit: AuditLog, account_id: str, ref: str) -> int:
    if not credentials.file.remove(account_id, ref):
        raise NotFound(f"credentials.yaml has no {ref} of {account_id}.")
    audit.record(account_id, "unlink", f"credentials.yaml: {ref}")
    print(f"{account_id} {ref} is removed")
    return 0


def _list(credentials: CredentialResolver, only: str) -> int:
    """References and fingerprints, never a value; pushed ones as far as Redis answers."""
    rows = [
        (account, ref, "file", stored)
        for account, refs in credentials.file.stored().items()
        for ref, stored in refs.items()
    ]
    try:
        accounts = [only] if only else sorted(credentials.store.smembers(keys.ACCOUNTS))
        rows += [
            (account, ref, "pushed", stored)
            for account in accounts
            for ref, stored in credentials.pushed(account).items()
        ]
    except RedisError as error:
        print(f"what Odoo pushed is not shown: {unavailable(error).message}", file=sys.stderr)
    for account, ref, source, stored in sorted(rows):
        if not only or account == only:
            print(f"{account:<20} {ref:<40} {source:<7} {_told(credentials, account, ref, stored)}")
    return 0


def _told(credentials: CredentialResolver, account: str, ref: str, stored: str) -> str:
    if not is_ciphertext(stored):
        return "plain text: set it again"
    try:
        return credentials.vault.fingerprint(credentials.vault.decrypt(account, ref, stored))
    except SidecarError as error:
        return error.message


def _rotate(credentials: CredentialResolver, audit: AuditLog) -> int:
    """Encrypt everything with the first key; 1 when something could not be opened."""
    seen = done = problems = 0
    anew: Counter[str] = Counter()
    for step in encrypt_anew(credentials):
        seen += 1
        done += step.done
        anew[step.account_id] += step.done
        if step.problem:
            problems += 1
            print(step.problem, file=sys.stderr)
            audit.record(step.account_id, "rotate", step.ref, "error", "unreadable")
        if seen % _EVERY == 0:
            print(f"{seen} secrets looked at, {done} encrypted anew")
    for account_id, count in anew.items():
        if count:
            audit.record(account_id, "rotate", f"{count} secrets encrypted anew")
    print(f"{seen} secrets looked at, {done} encrypted anew, {problems} could not be opened")
    return 1 if problems else 0


def _typed(account_id: str, ref: str) -> str:
    """The value from a prompt that shows nothing, or from a pipe; never from the command line."""
    if sys.stdin.isatty():
        return getpass.getpass(f"Value of {account_id} {ref}: ")
    return sys.stdin.read(MAX_VALUE + 2).removesuffix("\n").removesuffix("\r")
