"""Erases our copy of what a tenant's own ERP has sent of a person (`rest-generic` only).

Whom a conversation has proven to be is filed under it for that (`keys.customers`): nobody is erased
because somebody typed their number.
"""

import json
from collections.abc import Collection

import redis

from sidecar.erp.generic.erasure import Erased, erase_customer, erase_numbered
from sidecar.erp.generic.store import PushedRecords
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.schema import Tenant


def sends(tenant: Tenant | None) -> bool:
    """Whether the tenant's ERP sends its data, so that we have a copy."""
    return tenant is not None and isinstance(tenant.integrations.mcp, PushingErp)


def erase_of_conversation(
    store: redis.Redis, settings: Settings, tenant: Tenant | None, conversation: str
) -> Erased:
    """Erase the customers that a conversation has proven to be, and their orders."""
    if tenant is None or not sends(tenant):
        return Erased()
    account_id = tenant.account_id
    numbers = [int(one) for one in store.smembers(keys.customers(account_id, conversation))]
    erased = erase_numbered(PushedRecords.of(settings, account_id), numbers)
    _forget_persons(store, account_id, numbers)
    return erased


def erase_by_id(store: redis.Redis, settings: Settings, account_id: str, customer: str) -> Erased:
    """Erase a customer by the ERP's id; from then on the ERP's rows of them are refused."""
    records = PushedRecords.of(settings, account_id)
    numbers = records.number_of("customers", [customer])
    erased = erase_customer(records, customer)
    _forget_persons(store, account_id, numbers.values())
    return erased


def _forget_persons(store: redis.Redis, account_id: str, numbers: Collection[int]) -> None:
    """Conversations that are with them know nobody any more."""
    for name in store.scan_iter(keys.person(account_id, "*"), count=500) if numbers else ():
        told = store.get(name)
        if told and json.loads(told)["partner_id"] in numbers:
            store.delete(name)
