"""Products, stock, prices and customers, as `ai.facade` answers."""

from typing import Any

from tests.doubles.odoo_rows import Row, user_error


class ProductAnswers:
    """Part of TenantDouble, which has the state."""

    # -- products -----------------------------------------------------------------------------

    def _product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        return [p["id"] for p in self.products if p["id"] > after_id][:limit]

    def _product_facts(self, ids: list[int], lang: Any = None) -> list[Row]:
        by_id = {p["id"]: p for p in self.products}
        return [by_id[i] for i in ids if i in by_id]

    def _writing_briefs(self, product_ids: list[int], lang: Any = None) -> list[Row]:
        """A brief that is None cannot be made."""
        if len(product_ids) > 20:
            raise user_error("Ask for at most 20 ids.")
        return [self._brief(product_id, lang) for product_id in product_ids]

    def _brief(self, product_id: int, lang: Any) -> Row:
        if product_id not in self.briefs:
            return {"ok": False, "kind": "refused", "message": "The tenant has no such product."}
        told = self.briefs[product_id]
        if told is None:
            return {"ok": False, "kind": "failed", "message": ""}
        return {"ok": True, "value": told | {"product_id": product_id, "language": lang}}

    def _product_image(self, product_id: int) -> Row:
        if product_id not in self.briefs:
            raise user_error("The tenant has no such product.")
        return self.images.get(product_id, {})

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
