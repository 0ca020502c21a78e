"""Rules, appointments and plain records, as `ai.facade` answers."""

from datetime import datetime
from typing import Any

from tests.doubles.odoo_rows import Row, shown, user_error


class CompanyAnswers:
    """Part of TenantDouble, which has the state."""

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
        return shown(self._own(self.bookings, partner_id), None, limit)

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
            return shown([made], None, 1)[0]

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
            return shown([booking], None, 1)[0]

        return self._once(key, "move_booking", who, move)

    def _cancel_booking(self, partner_id: int, booking_id: int, key: str, who: Row) -> Row:
        def cancel() -> Row:
            booking = self._booking(partner_id, booking_id)
            booking["state"] = "cancelled"
            return shown([booking], None, 1)[0]

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
