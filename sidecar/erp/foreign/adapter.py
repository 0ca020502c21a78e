"""An Odoo (from 18) without our addons: products, stock, and a partner's orders and invoices.

It has no façade that guards a tenant, so every domain here names the company, and a person's
records also the commercial partner. The login's own rights are the second guard: give it reading
rights only. What is not here (prices by price list, writing, payment links, appointments) raises
NotOffered.
"""

from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import Declines, ProductFacts, Row
from sidecar.erp.foreign.products import PRODUCT, VARIANT, facts_of, is_sold, level_of
from sidecar.erp.foreign.sales import (
    INVOICE,
    LINE,
    ORDER,
    PICKING,
    PROFILE,
    day,
    invoice_of,
    order_of,
)
from sidecar.errors import NotFound
from sidecar.odoo_rpc import OdooRpc

_MOST = 20
_BATCH = 500


class ForeignOdooAdapter(Declines):
    """ErpAdapter with what an Odoo's standard models can tell.

    company_id: whose records are read; None = the company of the login. Records without a company
    are read only where the tenant includes shared records.
    """

    name = "odoo"
    called = "An Odoo without our addons"

    def __init__(self, rpc: OdooRpc, context: TenantContext, company_id: int | None = None):
        self.rpc = rpc
        self.context = context
        self._company_id = company_id
        self._currency = ""

    @property
    def origin(self) -> str:
        """As OdooAdapter's."""
        return f"{self.rpc.url}/{self.rpc.db}/{self._company_id or ''}"

    def ping(self) -> dict[str, Any]:
        return {
            "account_id": self.context.account_id,
            "company_id": self._company(),
            "odoo_version": self.rpc.version(),
            "capabilities": sorted(
                name for name in vars(type(self)) if not name.startswith("_") and self.offers(name)
            ),
        }

    # -- products -------------------------------------------------------------------------------

    def product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        domain = [*self._own(), ("sale_ok", "=", True), ("id", ">", after_id)]
        return self._call(
            "product.template", "search", domain=domain, limit=min(limit, 1000), order="id"
        )

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[ProductFacts]:
        facts: list[ProductFacts] = []
        for start in range(0, len(ids), _BATCH):
            facts += self._facts(ids[start : start + _BATCH], lang)
        return facts

    def stock_levels(self, ids: list[int]) -> list[Row]:
        products = {row["id"]: row for row in self._products(ids, None) if is_sold(row)}
        variants = self._of_products("product.product", VARIANT, list(products))
        return [level_of(products[i], variants.get(i, [])) for i in ids if i in products]

    def _facts(self, ids: list[int], lang: str | None) -> list[ProductFacts]:
        products = {row["id"]: row for row in self._products(ids, lang)}
        found = list(products)
        variants = self._of_products("product.product", VARIANT, found, lang)
        values = self._of_products(
            "product.template.attribute.value", ["attribute_id", "name"], found, lang
        )
        currency = self._company_currency()
        base = self.rpc.url
        return [
            facts_of(products[i], variants.get(i, []), values.get(i, []), currency, base)
            for i in dict.fromkeys(ids)
            if i in products
        ]

    def _products(self, ids: list[int], lang: str | None) -> list[Row]:
        domain = [*self._own(), ("id", "in", ids)]
        return self._rows("product.template", domain, PRODUCT, lang, active_test=False)

    def _of_products(
        self, model: str, fields: list[str], ids: list[int], lang: str | None = None
    ) -> dict[int, list[Row]]:
        """Rows by their product."""
        found: dict[int, list[Row]] = {}
        domain = [("product_tmpl_id", "in", ids)]
        for row in self._rows(model, domain, [*fields, "product_tmpl_id"], lang) if ids else ():
            found.setdefault(row["product_tmpl_id"][0], []).append(row)
        return found

    # -- a person -------------------------------------------------------------------------------

    def find_partners(self, phone: str | None = None, email: str | None = None) -> list[Row]:
        wanted = [("email_normalized", "=", email.strip().lower())] if email else []
        wanted = [("phone_sanitized", "=", phone.strip())] if phone else wanted
        if not wanted:
            return []
        # an internal user's partner is no customer
        domain = [*self._own(), ("partner_share", "=", True), *wanted]
        fields = ["name", "lang", "commercial_partner_id"]
        rows = self._rows("res.partner", domain, fields, limit=_MOST)
        one_each = {row["commercial_partner_id"][0]: row for row in reversed(rows)}
        return [
            {"id": row["id"], "name": row["name"], "language": row["lang"] or ""}
            for row in one_each.values()
        ][:2]

    def partner_profile(self, partner_id: int) -> Row:
        domain = [*self._own(), ("id", "=", partner_id)]
        rows = self._rows("res.partner", domain, PROFILE, limit=1)
        if not rows:
            return {}
        (row,) = rows
        address = " ".join((row["contact_address"] or "").split())
        return {
            "id": row["id"],
            "name": row["name"],
            "email": row["email"] or "",
            "phone": row["phone"] or "",
            "language": row["lang"] or "",
            "pricelist": "",
            "addresses": [{"kind": "main", "text": address}] if address else [],
            "since": day(row["create_date"]),
            "orders": self._call(
                "sale.order", "search_count", domain=self._sold(row["commercial_partner_id"][0])
            ),
        }

    def orders(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        family = self._family(partner_id)
        if family is None:
            return []
        domain = [*self._sold(family), *([("name", "=", name)] if name else [])]
        rows = self._rows(
            "sale.order", domain, ORDER, limit=min(limit, _MOST), order="date_order desc, id desc"
        )
        if not rows:
            return []
        ids = [row["id"] for row in rows]
        lines = self._by("order_id", "sale.order.line", [("display_type", "=", False)], LINE, ids)
        moved = [*self._own(), ("picking_type_code", "=", "outgoing")]
        pickings = self._by("sale_id", "stock.picking", moved, PICKING, ids)
        return [order_of(r, lines.get(r["id"], []), pickings.get(r["id"], [])) for r in rows]

    def invoices(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        family = self._family(partner_id)
        if family is None:
            return []
        domain = [
            *self._own(),
            ("commercial_partner_id", "=", family),
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            *([("name", "=", name)] if name else []),
        ]
        order = "invoice_date desc, id desc"
        rows = self._rows("account.move", domain, INVOICE, limit=min(limit, _MOST), order=order)
        return [invoice_of(row) for row in rows]

    def _family(self, partner_id: int) -> int | None:
        """The commercial partner of a partner of the company; None for another's."""
        domain = [*self._own(), ("id", "=", partner_id)]
        rows = self._rows("res.partner", domain, ["commercial_partner_id"], limit=1)
        return rows[0]["commercial_partner_id"][0] if rows else None

    def _sold(self, family: int) -> list[Any]:
        # a draft is one that a person is still writing
        whose = ("partner_id.commercial_partner_id", "=", family)
        return [*self._own(), whose, ("state", "in", ["sent", "sale", "cancel"])]

    def _by(
        self, link: str, model: str, domain: list[Any], fields: list[str], ids: list[int]
    ) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = {}
        for row in self._rows(model, [*domain, (link, "in", ids)], [*fields, link]):
            found.setdefault(row[link][0], []).append(row)
        return found

    # -- asking ---------------------------------------------------------------------------------

    def _own(self) -> list[Any]:
        """The company's records alone."""
        company = self._company()
        if self.context.include_shared_records:
            return [("company_id", "in", [company, False])]
        return [("company_id", "=", company)]

    def _company(self) -> int:
        if self._company_id is None:
            uid = self.rpc.call("res.users", "context_get", read_only=True).get("uid")
            rows = self.rpc.call(
                "res.users",
                "search_read",
                domain=[("id", "=", uid)],
                fields=["company_id"],
                read_only=True,
            )
            if not rows:
                raise NotFound("The ERP's login has no company that it may read.")
            self._company_id = rows[0]["company_id"][0]
        return self._company_id

    def _company_currency(self) -> str:
        if not self._currency:
            domain = [("id", "=", self._company())]
            rows = self._rows("res.company", domain, ["currency_id"], limit=1)
            self._currency = rows[0]["currency_id"][1] if rows else self.context.currency
        return self._currency

    def _rows(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        lang: str | None = None,
        active_test: bool = True,
        **options: Any,
    ) -> list[Row]:
        context = {"active_test": active_test, "lang": lang or self.context.language}
        return self._call(
            model, "search_read", domain=domain, fields=fields, context=context, **options
        )

    def _call(self, model: str, method: str, **named: Any) -> Any:
        # stock sums all companies that a user may see, unless one is named
        context = {"allowed_company_ids": [self._company()]} | named.pop("context", {})
        return self.rpc.call(model, method, read_only=True, context=context, **named)
