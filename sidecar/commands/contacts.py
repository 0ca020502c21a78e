"""`sidecar contacts`: erase what the sidecar remembers of a customer."""

from sidecar.context import check_account_id
from sidecar.control.audit import AuditLog
from sidecar.errors import UnknownAccount
from sidecar.hub.erasing import sends
from sidecar.hub.forgetting import COUNTS, ERP_COUNTS, Forgetting
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
    "erp_customers": "customers of our copy of the ERP",
    "erp_orders": "orders of our copy of the ERP",
}
_IN_THE_ERP = (
    "The ERP has its own records: delete them there too. Until then what it sends of an erased"
    " customer is refused (`sidecar erp readmit`)."
)
_NOBODY_PROVEN = (
    "No conversation of this contact has proven who they are in the ERP. If they are a customer"
    " there: delete them in the ERP, and erase our copy with `sidecar erp erase ACCOUNT CUSTOMER`."
)


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
    for name in (*COUNTS, *(ERP_COUNTS if sends(tenant) else ())):
        print(f"{told[name]:>8} {_WORDS[name]}")
    print(f"append-only file: {told['append_only_file']}")
    if sends(tenant):
        print(_IN_THE_ERP if told["erp_customers"] else _NOBODY_PROVEN)
    return 0
