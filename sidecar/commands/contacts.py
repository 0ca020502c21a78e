"""`sidecar contacts`: erase what the sidecar remembers of a customer."""

from sidecar.context import check_account_id
from sidecar.control.audit import AuditLog
from sidecar.errors import UnknownAccount
from sidecar.hub.forgetting import COUNTS, Forgetting
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tenants.registry import TenantRegistry

_WORDS = {
    "conversations": "conversations",
    "keys": "keys in Redis",
    "history": "remembered messages",
    "mailbox": "waiting messages",
    "traces": "traces of turns",
    "jobs": "jobs",
    "dead_letters": "dead letters",
}


def forget(settings: Settings, account_id: str, channel_id: int, contact_id: int) -> int:
    """Erase a contact (Chatwoot's number) of a channel and print the receipt; 0.

    An account that is not published any more is erased from as well. Raises as
    `Forgetting.forget`.
    """
    account_id = check_account_id(account_id)
    try:
        tenant = TenantRegistry.from_settings(settings).get(account_id)
    except UnknownAccount:
        tenant = None
    told = Forgetting(settings).forget(account_id, tenant, channel_id, contact_id)["receipt"]
    AuditLog(state_store(settings), "cli").record(
        account_id, "unlink", f"contact {channel_id}/{contact_id}"
    )
    for name in COUNTS:
        print(f"{told[name]:>8} {_WORDS[name]}")
    print(f"append-only file: {told['append_only_file']}")
    return 0
