"""What `ai.facade` answers for one tenant: its state, and the methods of docs/tools.md.

Every method is the façade's with a leading underscore. A UserError is a fault with code 2.
"""

import copy
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Row = dict[str, Any]


def user_error(text: str) -> xmlrpc.client.Fault:
    """What Odoo says to a caller who did something wrong."""
    return xmlrpc.client.Fault(2, text)


@dataclass
class TenantDouble:
    """One tenant of the database. `missing`: methods whose addon is not installed.

    partners, orders, invoices, bookings: of tests/shop_facts.py. stock: by product id, in place of
    what follows from `products`. records: plain rows by model. briefs: of the studio, by product.
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
    briefs: dict[int, Row] = field(default_factory=dict)
    records: dict[str, list[Row]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self.job_results: dict[str, tuple[str, Any, Any]] = {}
        self.audit: dict[str, Row] = {}
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
            if f"_{call['method']}" in _WRITING:
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

    # -- products -----------------------------------------------------------------------------

    def _product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        return [p["id"] for p in self.products if p["id"] > after_id][:limit]

    def _product_facts(self, ids: list[int], lang: Any = None) -> list[Row]:
        by_id = {p["id"]: p for p in self.products}
        return [by_id[i] for i in ids if i in by_id]

    def _writing_brief(self, product_id: int, lang: Any = None) -> Row:
        if product_id not in self.briefs:
            raise user_error("The tenant has no such product.")
        return self.briefs[product_id] | {"product_id": product_id, "language": lang}

    def _product_details(self, ids: list[int], lang: Any = None) -> list[Row]:
        nothing = {"alternatives": [], "accessories": [], "dimensions": "", "warranty": ""}
        return [
            {"id": p["id"], "name": p["name"], "variants": [], **nothing}
            | self.details.get(p["id"], {})
            for p in self._product_facts(ids)
        ]

    def _stock_levels(self, ids: list[int]) -> list[Row]:
        found = []
        for p in self._product_facts(ids):
            free = p["available"]
            level = {
                "id": p["id"],
                "name": p["name"],
                "counted": p["is_storable"],
                "on_hand": free,
                "free": free,
                "forecast": free,
                "warehouses": [{"name": "Central", "on_hand": free, "free": free}],
                "variants": [],
                "next_arrival": False,
            }
            found.append(level | self.stock.get(p["id"], {}))
        return found

    def _price_quotes(self, lines: list[Row], partner_id: Any = False, lang: Any = None) -> list:
        if len(lines) > 100:
            raise user_error("Ask for at most 100 prices.")
        discount = self._partner(partner_id)["discount"] if partner_id else 0
        return [
            self._quote(line, discount)
            for line in lines
            if self._product_facts([line["product_id"]])
        ]

    def _quote(self, line: Row, discount: float) -> Row:
        if not 0 < line["quantity"] <= 10_000:
            raise user_error("The quantity must be between 1 and 10,000.")
        (product,) = self._product_facts([line["product_id"]])
        unit = round(product["price"] * (1 - discount / 100), 2)
        total = round(unit * line["quantity"], 2)
        return {
            "product_id": product["id"],
            "variant_id": line.get("variant_id", False),
            "name": product["name"],
            "quantity": line["quantity"],
            "uom": product["uom"],
            "currency": product["currency"],
            "list_price": product["price"],
            "unit_price": unit,
            "discount_percent": discount,
            "tax_included": True,
            "taxes": [],
            "subtotal": total,
            "tax": 0.0,
            "total": total,
            "pricelist": "Público",
        }

    def _promotion_prices(
        self, product_ids: list[int], coupon: str = "", purchase: Any = None
    ) -> list[Row]:
        nothing = {"saved": 0.0, "rule_id": False, "coupon": "", "minimum": 0.0}
        return [
            {"id": p["id"], "price": p["price"], "offer": p["price"], **nothing}
            for p in self._product_facts(product_ids)
        ]

    def _set_sync_states(self, rows: list[Row]) -> bool:
        self.sync_states += rows
        return True

    # -- customers ----------------------------------------------------------------------------

    def _find_partners(self, phone: Any = None, email: Any = None) -> list[Row]:
        found = [
            p
            for p in self.partners
            if (phone and p["phone"] == phone) or (email and p["email"].lower() == email.lower())
        ]
        families = {p["family"]: p for p in reversed(found)}
        return [{name: p[name] for name in ("id", "name", "language")} for p in families.values()][
            :2
        ]

    def _partner(self, partner_id: int) -> Row:
        found = next((p for p in self.partners if p["id"] == partner_id), None)
        if found is None:
            raise user_error("There is no such customer.")
        return found

    def _partner_profile(self, partner_id: int) -> Row:
        found = next((p for p in self.partners if p["id"] == partner_id), None)
        if found is None:
            return {}
        told = {name: found[name] for name in found if name not in ("family", "discount")}
        return told | {"orders": len(self._own(self.orders, partner_id))}

    def _mail_identity_code(self, email: str, code: str, lang: Any = None) -> bool:
        if len(self._find_partners(email=email)) == 1:
            self.codes.append((email, code))
        return True

    # -- orders, invoices ---------------------------------------------------------------------

    def _own(self, rows: list[Row], partner_id: int) -> list[Row]:
        """Rows of the partner's family."""
        family = next((p["family"] for p in self.partners if p["id"] == partner_id), None)
        members = {p["id"] for p in self.partners if p["family"] == family}
        return [row for row in rows if row["partner_id"] in members]

    def _orders(self, partner_id: int, name: Any = None, limit: int = 5) -> list[Row]:
        return _shown(self._own(self.orders, partner_id), name, limit)

    def _invoices(self, partner_id: int, name: Any = None, limit: int = 5) -> list[Row]:
        return _shown(self._own(self.invoices, partner_id), name, limit)

    def _order(self, partner_id: int, order_id: int) -> Row:
        found = [row for row in self._own(self.orders, partner_id) if row["id"] == order_id]
        if not found:
            raise user_error("There is no such order of this customer.")
        return found[0]

    def _quotation_create(self, partner_id: int, lines: list[Row], key: str, who: Row) -> Row:
        return self._once(key, "quotation_create", who, lambda: self._draft(partner_id, lines))

    def _draft(self, partner_id: int, lines: list[Row]) -> Row:
        quotes = self._quotes(partner_id, lines)
        number = max((row["id"] for row in self.orders), default=100) + 1
        draft = {
            "partner_id": partner_id,
            "id": number,
            "name": f"S{number:05d}",
            "date": "2026-11-25T12:00:00Z",
            "state": "quotation",
            "total": round(sum(q["total"] for q in quotes), 2),
            "currency": quotes[0]["currency"],
            "lines": [_line(q) for q in quotes],
            "deliveries": [],
            "invoiced": "no",
            "url": f"https://shop.example/my/orders/{number}?access_token=t{number}",
        }
        self.orders.insert(0, draft)
        return _shown([draft], None, 1)[0]

    def _quotes(self, partner_id: int, lines: list[Row]) -> list[Row]:
        quotes = self._price_quotes(lines, self._partner(partner_id)["id"])
        if not quotes or len(quotes) < len(lines):
            raise user_error("One of the products is not for sale.")
        return quotes

    def _quotation_add_lines(
        self, partner_id: int, order_id: int, lines: list[Row], key: str, who: Row
    ) -> Row:
        def add() -> Row:
            order = self._order(partner_id, order_id)
            if order["state"] != "quotation":
                raise user_error("Only a quotation can be changed.")
            quotes = self._quotes(partner_id, lines)
            order["lines"] += [_line(q) for q in quotes]
            order["total"] = round(order["total"] + sum(q["total"] for q in quotes), 2)
            return _shown([order], None, 1)[0]

        return self._once(key, "quotation_add_lines", who, add)

    def _quotation_link(self, partner_id: int, order_id: int) -> Row:
        return {"url": self._order(partner_id, order_id)["url"]}

    def _reorder(self, partner_id: int, order_id: int, key: str, who: Row) -> Row:
        def again() -> Row:
            by_name = {p["name"]: p for p in self.products}
            wanted = self._order(partner_id, order_id)["lines"]
            kept = [line for line in wanted if line["name"] in by_name]
            if not kept:
                raise user_error("Nothing of that order is sold any more.")
            lines = [
                {"product_id": by_name[line["name"]]["id"], "quantity": line["quantity"]}
                for line in kept
            ]
            gone = [line["name"] for line in wanted if line["name"] not in by_name]
            return {"order": self._draft(partner_id, lines), "left_out": gone}

        return self._once(key, "reorder", who, again)

    def _payment_link(self, partner_id: int, kind: str, record_id: int) -> Row:
        rows = self.invoices if kind == "invoice" else self.orders
        found = [row for row in self._own(rows, partner_id) if row["id"] == record_id]
        if not found or not found[0].get("residual", found[0]["total"]):
            raise user_error("There is nothing left to pay.")
        return {"url": f"https://shop.example/payment/pay?{kind}_id={record_id}&access_token=p"}

    def _once(self, key: str, method: str, who: Row, do: Callable[[], Row]) -> Row:
        if key not in self.answered:
            self.answered[key] = copy.deepcopy(do())
            self.written.append((method, who))
        return self.answered[key]

    # -- rules and calendar; which rules hold is asked of `clock` -----------------------------

    def _company_profile(self, lang: Any = None) -> Row:
        return self.profile

    def _rule_ids(self) -> dict[str, list[int]]:
        kinds = ("rule", "scheduling", "document")
        return {kind: [f["id"] for f in self.rules or [] if f["kind"] == kind] for kind in kinds}

    def _rule_facts(self, refs: list[list[Any]], lang: Any = None) -> list[Row]:
        by_ref = {(fact["kind"], fact["id"]): fact for fact in self.rules or []}
        return [by_ref[tuple(ref)] for ref in refs if tuple(ref) in by_ref]

    def _rules_in_force(self, lang: Any = None) -> list[Row]:
        def at(text: Any, otherwise: float) -> float:
            return datetime.fromisoformat(text).timestamp() if text else otherwise

        now = self.clock()
        holding = [
            fact
            for fact in self.rules or []
            if fact["kind"] == "rule"
            and at(fact["valid_from"], 0) <= now < at(fact["valid_to"], now + 1)
        ]
        replaced = {fact["structure"].get("replaces") for fact in holding}
        return [f for f in holding if f["group"] != "permanent" or f["subkind"] not in replaced]

    def _open_state(self, at: Any = None) -> Row:
        nothing = {"open": False, "reason": "unknown", "name": "", "until": False, "today": []}
        return self.open_now or {**nothing, "next_opening": False}

    def _free_slots(self, rule_id: int, date_from: str, date_to: str, limit: int = 10) -> list:
        return self.slots[:limit]

    def _bookings(self, partner_id: int, limit: int = 5) -> list[Row]:
        return _shown(self._own(self.bookings, partner_id), None, limit)

    def _book(
        self, partner_id: int, rule_id: int, start: str, answers: Any, key: str, who: Row
    ) -> Row:
        def book() -> Row:
            slot = self._slot(start)
            made = {
                "partner_id": self._partner(partner_id)["id"],
                "id": max((row["id"] for row in self.bookings), default=60) + 1,
                "service": "Montagem",
                "rule_id": rule_id,
                **slot,
                "state": "booked",
            }
            self.bookings.append(made)
            return _shown([made], None, 1)[0]

        return self._once(key, "book", who, book)

    def _slot(self, start: str) -> Row:
        found = next((slot for slot in self.slots if slot["start"] == start), None)
        if found is None:
            raise user_error("That time is not free any more.")
        self.slots.remove(found)
        return found

    def _booking(self, partner_id: int, booking_id: int) -> Row:
        found = [row for row in self._own(self.bookings, partner_id) if row["id"] == booking_id]
        if not found or found[0]["state"] != "booked":
            raise user_error("There is no such appointment of this customer.")
        return found[0]

    def _move_booking(
        self, partner_id: int, booking_id: int, start: str, key: str, who: Row
    ) -> Row:
        def move() -> Row:
            booking = self._booking(partner_id, booking_id)
            booking.update(self._slot(start))
            return _shown([booking], None, 1)[0]

        return self._once(key, "move_booking", who, move)

    def _cancel_booking(self, partner_id: int, booking_id: int, key: str, who: Row) -> Row:
        def cancel() -> Row:
            booking = self._booking(partner_id, booking_id)
            booking["state"] = "cancelled"
            return _shown([booking], None, 1)[0]

        return self._once(key, "cancel_booking", who, cancel)

    # -- plain records ------------------------------------------------------------------------

    def _readable_models(self) -> dict[str, dict[str, Row]]:
        return {
            model: {name: {"type": "char", "label": name} for name in (rows[0] if rows else {})}
            for model, rows in self.records.items()
        }

    def _allowed(self, model: str, fields: list[str]) -> list[Row]:
        if model not in self.records:
            raise user_error(f"The model “{model}” may not be read.")
        wrong = [name for name in fields if name not in self._readable_models()[model]]
        if wrong:
            raise user_error(f"The field “{wrong[0]}” may not be read.")
        return self.records[model]

    def _search_records(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        limit: int = 20,
        order: Any = None,
    ) -> list[Row]:
        rows = self._allowed(model, [*fields, *(term[0] for term in domain)])
        found = [row for row in rows if all(row[name] == value for name, _op, value in domain)]
        return [{"id": r["id"], **{f: r[f] for f in fields}} for r in found[: min(limit, 100)]]

    def _read_records(self, model: str, ids: list[int], fields: list[str]) -> list[Row]:
        rows = self._allowed(model, fields)
        return [{"id": r["id"], **{f: r[f] for f in fields}} for r in rows if r["id"] in ids]

    def _group_records(
        self,
        model: str,
        domain: list[Any],
        groupby: list[str],
        aggregates: list[str],
        limit: int = 50,
    ) -> list[Row]:
        groups: dict[tuple, Row] = {}
        for row in self._allowed(model, groupby):
            names = tuple(row[name] for name in groupby)
            group = groups.setdefault(
                names, dict(zip(groupby, names, strict=True)) | dict.fromkeys(aggregates, 0)
            )
            for aggregate in aggregates:
                field_name = aggregate.partition(":")[0]
                group[aggregate] += 1 if aggregate == "__count" else row[field_name]
        return list(groups.values())[:limit]


def _shown(rows: list[Row], name: Any, limit: int) -> list[Row]:
    found = [row for row in rows if not name or row["name"] == name]
    return [{k: v for k, v in row.items() if k != "partner_id"} for row in found[: min(limit, 20)]]


def _line(quote: Row) -> Row:
    return {
        "name": quote["name"],
        "quantity": quote["quantity"],
        "delivered": 0.0,
        "unit_price": quote["unit_price"],
        "total": quote["total"],
    }


_WRITING = {
    "_mail_identity_code", "_quotation_create", "_quotation_add_lines", "_reorder", "_book",
    "_move_booking", "_cancel_booking", "_set_sync_states", "_job_result", "_audit_rows",
}  # fmt: skip
_RULES = {
    "_company_profile", "_rule_ids", "_rule_facts", "_rules_in_force", "_open_state",
    "_free_slots", "_promotion_prices", "_bookings", "_book", "_move_booking", "_cancel_booking",
}  # fmt: skip
_FACADE = _WRITING | _RULES | {
    "_ping", "_batch", "_product_ids", "_product_facts", "_product_details", "_stock_levels",
    "_price_quotes", "_find_partners", "_partner_profile", "_orders", "_invoices",
    "_quotation_link", "_payment_link", "_readable_models", "_search_records", "_read_records",
    "_group_records",
}  # fmt: skip
