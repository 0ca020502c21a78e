"""What `ai.facade` answers for one tenant: its state, and the methods of docs/tools.md.

Every method is the façade's with a leading underscore. A UserError is a fault with code 2.
"""

import copy
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.odoo_company import CompanyAnswers
from tests.doubles.odoo_products import ProductAnswers
from tests.doubles.odoo_rows import Row, user_error
from tests.doubles.odoo_sales import SalesAnswers


@dataclass
class TenantDouble(ProductAnswers, SalesAnswers, CompanyAnswers):
    """One tenant of the database. `missing`: methods whose addon is not installed.

    partners, orders, invoices, bookings: of tests/shop_facts.py. stock: by product id, in place of
    what follows from `products`. records: plain rows by model. briefs, images: of the studio, by
    product.
    """

    account_id: str = "account_1"
    api_key: str = "integration-user-key"
    company_id: int = 2
    products: list[Row] = field(default_factory=list)
    rules: list[Row] | None = None
    profile: Row = field(default_factory=dict)
    slots: list[Row] = field(default_factory=list)
    open_now: Row = field(default_factory=dict)
    partners: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    bookings: list[Row] = field(default_factory=list)
    stock: dict[int, Row] = field(default_factory=dict)
    details: dict[int, Row] = field(default_factory=dict)
    briefs: dict[int, Row | None] = field(default_factory=dict)
    images: dict[int, Row] = field(default_factory=dict)
    records: dict[str, list[Row]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.job_results: dict[str, tuple[str, Any, Any]] = {}
        self.audit: dict[str, Row] = {}
        self.turns: dict[str, Row] = {}
        self.codes: list[tuple[str, str]] = []  # mailed: address, code
        self.answered: dict[str, Any] = {}  # by idempotency key
        self.written: list[tuple[str, Row]] = []  # method and `who` of each write that was done
        self.sync_states: list[Row] = []

    def answer(self, method: str, args: list[Any], named: Row) -> Any:
        """What the façade returns; a Fault as Odoo raises it."""
        found = getattr(self, f"_{method}", None)
        if found is None or method in self.missing:
            text = f"Traceback\nAttributeError: The method 'ai.facade.{method}' does not exist\n"
            raise xmlrpc.client.Fault(1, text)
        return copy.deepcopy(found(*args, **named))

    # -- who, and what has happened -----------------------------------------------------------

    def _ping(self) -> Row:
        methods = [name[1:] for name in dir(TenantDouble) if name in _FACADE]
        if self.rules is None:  # the addon is not installed
            methods = [name for name in methods if f"_{name}" not in _RULES]
        return {
            "account_id": self.account_id,
            "company_id": self.company_id,
            "odoo_version": "19.0",
            "capabilities": [name for name in methods if name not in self.missing],
        }

    def _batch(self, calls: list[Row]) -> list[Row]:
        if len(calls) > 20:
            raise user_error("Ask for at most 20 calls.")
        told = []
        for call in calls:
            if f"_{call['method']}" in _WRITING | {"_product_image"}:
                told.append({"ok": False, "kind": "not_offered", "message": "no reading method"})
                continue
            try:
                value = self.answer(call["method"], [], call["arguments"])
                told.append({"ok": True, "value": value})
            except xmlrpc.client.Fault as fault:
                kind = {2: "refused", 4: "forbidden"}.get(fault.faultCode, "failed")
                kind = "not_offered" if "does not exist" in fault.faultString else kind
                told.append({"ok": False, "kind": kind, "message": fault.faultString})
        return told

    def _job_result(self, job_uuid: str, state: str, result: Any, error: Any) -> bool:
        self.job_results[job_uuid] = (state, result, error)
        return True

    def _audit_rows(self, rows: list[Row]) -> bool:
        wanted = {
            "uuid", "at", "operation", "subject", "service", "ip", "result", "code", "count",
        }  # fmt: skip
        if len(rows) > 200 or any(row.keys() != wanted for row in rows):
            raise user_error("A row has exactly these keys")
        for row in rows:
            self.audit.setdefault(row["uuid"], row)
        return True

    def _turn_traces(self, rows: list[Row]) -> bool:
        if len(rows) > 100:
            raise user_error("At most 100 rows at once.")
        for row in rows:
            self.turns.setdefault(row["uuid"], row)
        return True


_WRITING = {
    "_mail_identity_code", "_quotation_create", "_quotation_add_lines", "_reorder", "_book",
    "_move_booking", "_cancel_booking", "_set_sync_states", "_job_result", "_audit_rows",
    "_turn_traces",
}  # fmt: skip
_RULES = {
    "_company_profile", "_rule_ids", "_rule_facts", "_rules_in_force", "_open_state",
    "_free_slots", "_promotion_prices", "_bookings", "_book", "_move_booking", "_cancel_booking",
}  # fmt: skip
_FACADE = _WRITING | _RULES | {
    "_ping", "_batch", "_product_ids", "_product_facts", "_product_details", "_stock_levels",
    "_price_quotes", "_find_partners", "_partner_profile", "_orders", "_invoices",
    "_quotation_link", "_payment_link", "_readable_models", "_search_records", "_read_records",
    "_group_records", "_writing_briefs", "_product_image",
}  # fmt: skip
