"""What products cost a customer: price list, quantity, currency, discount and taxes."""

import math
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MAX_LINES = 100
MAX_QUANTITY = 10_000


@dataclass(frozen=True)
class AskedLine:
    """A line that somebody asks a price or a quotation for, checked."""

    product: models.BaseModel  # product.template, with the caller's rights
    variant: models.BaseModel  # empty when it was not said which of several
    quantity: float


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def price_quotes(self, lines, partner_id=False, lang=None):
        """Return what `lines` cost (docs/tools.md), by the customer's price list or the company's.

        lines: at most 100 of {"product_id", "variant_id"?, "quantity"}. UserError for products
        that the tenant does not sell, quantities of 0 and less or beyond 10,000, and unknown
        customers. The number of queries does not depend on the number of lines.
        """
        tenant = self._tenant()
        customer = self._known_customer(tenant, partner_id) if partner_id else None
        asked = self._asked_lines(tenant, lines, lang)
        partner = self._tenant_env(tenant, lang)["res.partner"].browse(
            customer.ids if customer else []
        )
        rows = self._priced(tenant, partner, asked)
        self._add_taxes(tenant, partner, asked, rows)
        return rows

    @api.model
    def _asked_lines(self, tenant, lines, lang=None):
        """Return `lines` as AskedLines; UserError names the first fault."""
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise UserError(self.env._("Give a list of lines, each with product and quantity."))
        if not 1 <= len(lines) <= MAX_LINES:
            raise UserError(self.env._("Give 1 to %(count)s lines.", count=MAX_LINES))
        products = self._products_among(tenant, [line.get("product_id") for line in lines], lang)
        products = products.filtered(lambda product: product.sale_ok and product.type != "combo")
        sold = {product.id: product for product in products}
        return [
            AskedLine(
                product=self._sold(sold, line["product_id"]),
                variant=self._asked_variant(sold[line["product_id"]], line.get("variant_id")),
                quantity=self._quantity(line.get("quantity", 1)),
            )
            for line in lines
        ]

    @api.model
    def _sold(self, sold, product_id):
        if product_id not in sold:
            raise UserError(
                self.env._("Product %(id)s is not one that can be sold here.", id=product_id)
            )
        return sold[product_id]

    @api.model
    def _asked_variant(self, product, variant_id):
        """Return the variant of `product` asked for, its only one, or none."""
        variants = product.product_variant_ids
        if variant_id:
            chosen = variants.filtered(lambda variant: variant.id == variant_id)
            if not chosen:
                raise UserError(
                    self.env._(
                        "“%(product)s” has no variant %(id)s.", product=product.name, id=variant_id
                    )
                )
            return chosen
        return variants if len(variants) == 1 else variants.browse()

    @api.model
    def _quantity(self, quantity):
        number = isinstance(quantity, int | float) and not isinstance(quantity, bool)
        if not number or not math.isfinite(quantity) or not 0 < quantity <= MAX_QUANTITY:
            raise UserError(
                self.env._(
                    "A quantity is a number above 0 and not above %(most)s.", most=MAX_QUANTITY
                )
            )
        return float(quantity)

    @api.model
    def _price_list(self, tenant, partner):
        """Return (sudo) the price list of `partner`, the company's for none; may be empty."""
        # Sudo: the integration user reads no price lists, it is told prices.
        if partner:
            found = partner.sudo().property_product_pricelist
        else:
            found = self._tenant_env(tenant)["product.pricelist"].sudo()
            if found.env["res.groups"]._is_feature_enabled("product.group_product_pricelist"):
                found = found._get_country_pricelist_multi([])[False]
        return found.filtered(lambda one: one.company_id <= tenant.company_id and one.active)

    @api.model
    def _priced(self, tenant, partner, asked):
        """Return the rows of `asked` lines without their taxes, in that order."""
        price_list = self._price_list(tenant, partner)
        company = tenant.company_id
        currency = price_list.currency_id or company.currency_id
        now = fields.Datetime.now()
        rules = self._price_rules(price_list, asked, now)
        rows = []
        for line in asked:
            # Sudo: rules may reckon with what the integration user cannot read.
            product = (line.variant or line.product).sudo().with_company(company)
            product = product.with_context(ai_price_tenant=tenant.id)
            how = {"uom": product.uom_id, "date": now, "currency": currency}
            rule = next(
                (one for one in rules if one._is_applicable_for(product, line.quantity)),
                rules.browse(),
            )
            price = rule._compute_price(product, line.quantity, **how)
            listed = product._price_compute("list_price", company=company, **how)[product.id]
            rows.append(
                {
                    "product_id": line.product.id,
                    "variant_id": line.variant.id,
                    "name": line.variant._ai_name() if line.variant else line.product.name,
                    "quantity": line.quantity,
                    "uom": product.uom_id.name or "",
                    "currency": currency.name,
                    "list_price": currency.round(listed),
                    "unit_price": currency.round(price),
                    "discount_percent": _discount(listed, price),
                    "pricelist": price_list.name or "",
                }
            )
        return rows

    @api.model
    def _price_rules(self, price_list, asked, now):
        """Return the rules that may hold for the lines, in the order in which they are tried."""
        if not price_list:
            return price_list.item_ids
        # By template: the rules of its variants are among them.
        products = asked[0].product.browse([line.product.id for line in asked]).sudo()
        domain = price_list._get_applicable_rules_domain(products=products, date=now)
        return price_list.item_ids.search(Domain(domain))

    @api.model
    def _add_taxes(self, tenant, partner, asked, rows):
        """Complete `rows` with amounts and taxes; an addon that knows taxes overrides it."""
        currencies = self._currencies(rows)
        for row in rows:
            amount = currencies[row["currency"]].round(row["unit_price"] * row["quantity"])
            row.update(tax_included=False, taxes=[], subtotal=amount, tax=0.0, total=amount)

    @api.model
    def _currencies(self, rows):
        """Return {code: currency} of the currencies that `rows` are in."""
        codes = sorted({row["currency"] for row in rows})
        found = self.env["res.currency"].with_context(active_test=False)
        return {one.name: one for one in found.search([("name", "in", codes)])}


def _discount(listed, price):
    """Return by how many percent `price` is below `listed`; 0 where it is not."""
    return round((listed - price) / listed * 100, 2) if 0 <= price < listed else 0.0
