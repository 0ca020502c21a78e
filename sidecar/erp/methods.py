"""The methods of docs/tools.md and docs/rules.md by name: their arguments, and what they do.

One table for every adapter, the calls of a batch, and the data proxy's memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from sidecar.errors import Unprocessable

Kind = Literal["live", "stock", "price", "details", "rules", "person", "records", "write"]
"""What an answer is about, which decides how long it may be believed: `live` not at all, `person`
(orders, addresses) within one piece of work, the others as the data proxy's memory says."""

MAX_CALLS = 20  # of one batch


@dataclass(frozen=True, slots=True)
class Method:
    """`arguments` in their order. A method with a `key` gives the first answer again."""

    kind: Kind
    arguments: tuple[str, ...] = ()

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.kind != "write"

    @property
    def repeatable(self) -> bool:
        """Whether it may be asked again when an answer was lost."""
        return self.reads or "key" in self.arguments


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "product_ids": Method("live", ("after_id", "limit")),
        "product_facts": Method("price", ("ids", "lang")),
        "product_details": Method("details", ("ids", "lang")),
        "stock_levels": Method("stock", ("ids",)),
        "price_quotes": Method("price", ("lines", "partner_id", "lang")),
        "promotion_prices": Method("price", ("product_ids", "coupon", "purchase")),
        "find_partners": Method("person", ("phone", "email")),
        "partner_profile": Method("person", ("partner_id",)),
        "mail_identity_code": Method("write", ("email", "code", "lang")),
        "orders": Method("person", ("partner_id", "name", "limit")),
        "quotation_create": Method("write", ("partner_id", "lines", "key", "who")),
        "quotation_add_lines": Method("write", ("partner_id", "order_id", "lines", "key", "who")),
        "quotation_link": Method("person", ("partner_id", "order_id")),
        "reorder": Method("write", ("partner_id", "order_id", "key", "who")),
        "invoices": Method("person", ("partner_id", "name", "limit")),
        "payment_link": Method("person", ("partner_id", "kind", "record_id")),
        "bookings": Method("person", ("partner_id", "limit")),
        "book": Method("write", ("partner_id", "rule_id", "start", "answers", "key", "who")),
        "move_booking": Method("write", ("partner_id", "booking_id", "start", "key", "who")),
        "cancel_booking": Method("write", ("partner_id", "booking_id", "key", "who")),
        "readable_models": Method("details"),
        "search_records": Method("records", ("model", "domain", "fields", "limit", "order")),
        "read_records": Method("records", ("model", "ids", "fields")),
        "group_records": Method("records", ("model", "domain", "groupby", "aggregates", "limit")),
        "set_sync_states": Method("write", ("rows",)),
        "writing_briefs": Method("live", ("product_ids", "lang")),
        "product_image": Method("live", ("product_id",)),
        "company_profile": Method("rules", ("lang",)),
        "rule_ids": Method("live"),
        "rule_facts": Method("live", ("refs", "lang")),
        "rules_in_force": Method("rules", ("lang",)),
        "open_state": Method("live", ("at",)),
        "free_slots": Method("live", ("rule_id", "date_from", "date_to", "limit")),
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a batch: a method of the table and its named arguments."""

    method: str
    arguments: dict[str, Any]


def call_of(method: str, *args: Any, **named: Any) -> Call:
    """A checked call; what is None is left to the other side. Unprocessable for unknown ones."""
    known = METHODS.get(method)
    if known is None:
        raise Unprocessable(f"There is no method {method[:64]!r}.")
    given = dict(zip(known.arguments, args, strict=False)) | named
    if len(args) > len(known.arguments) or not given.keys() <= set(known.arguments):
        raise Unprocessable(f"{method} takes {', '.join(known.arguments) or 'nothing'}.")
    return Call(method, {name: value for name, value in given.items() if value is not None})
