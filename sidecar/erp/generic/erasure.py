"""Erases customers whom an ERP has sent: our copy of them and of their orders, for good.

The next push would bring them back, so a hash of the ERP's id stays and their rows are refused
(`Outcome` erased) until the operator readmits them. What the ERP itself keeps is its own to delete.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sidecar.erp.generic.records import contact, customers_orders
from sidecar.erp.generic.store import PushedRecords

_MANY = 500
_MOST_ALIKE = 10


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records are gone.

    names: what they were called, to look for it elsewhere. alike: customers (the ERP's ids) with
    the same number or address, who stay: they may be the same person twice, or the family.
    """

    customers: int = 0
    orders: int = 0
    names: frozenset[str] = frozenset()
    alike: tuple[str, ...] = ()


def erase_customer(records: PushedRecords, customer: str) -> Erased:
    """Erase one customer by the ERP's id, known or not; refused from now on. Idempotent."""
    records.refuse(customer)  # first: nothing comes while it goes
    numbers = records.number_of("customers", [customer])
    told = records.records("customers", numbers.values()).get(numbers.get(customer, 0), {})
    names, orders = frozenset({told["name"]} if told else ()), 0
    alike = _alike(records, customer, told)
    while some := records.found("orders", customers_orders(customer), _MANY):
        found = records.records("orders", some)
        dropped = records.drop("orders", [order["id"] for order in found.values()])
        if not dropped:
            break
        orders += dropped
    return Erased(records.drop("customers", [customer]), orders, names, alike)


def erase_numbered(records: PushedRecords, numbers: Iterable[int]) -> Erased:
    """Erase customers by our numbers; unknown ones are left out."""
    found = records.records("customers", numbers)
    erased = [erase_customer(records, customer["id"]) for customer in found.values()]
    return Erased(
        sum(one.customers for one in erased),
        sum(one.orders for one in erased),
        frozenset(name for one in erased for name in one.names),
        tuple(own for one in erased for own in one.alike),
    )


def _alike(records: PushedRecords, customer: str, told: dict[str, Any]) -> tuple[str, ...]:
    begins = [contact("phone", told[name]) for name in ("phone", "mobile") if told.get(name)]
    begins += [contact("email", told["email"])] if told.get("email") else []
    others = {n for begin in begins for n in records.found("customers", begin, _MOST_ALIKE)}
    found = records.records("customers", sorted(others))
    return tuple(other["id"] for other in found.values() if other["id"] != customer)
