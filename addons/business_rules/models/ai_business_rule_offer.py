"""Prices under the promotions of a company, and the example that the form shows."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_amount

from .. import promotions

EXAMPLES = 3


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiBusinessRule(models.Model):
    _inherit = "ai.business.rule"

    example_text = fields.Text("Example", compute="_compute_example_text")

    @api.depends(
        "validity", "discount_kind", "discount_percent", "discount_amount", "minimum_purchase",
        "coupon", "product_ids", "category_ids",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_example_text(self):
        for rule in self:
            tenant = rule.profile_id.tenant_id.sudo()
            promotion = rule._promotion()
            rule.example_text = False
            if not promotion or not tenant:
                continue
            lines = []
            for product in rule._example_products(tenant):
                currency = tenant.company_id.currency_id
                price = Decimal(str(product.list_price))
                offer = promotions.reduced_price(price, promotion, _rounding(currency))
                was, now = (format_amount(self.env, float(a), currency) for a in (price, offer))
                lines.append(f"{product.name}: {was} → {now}")
            rule.example_text = "\n".join(lines) or False

    def _example_products(self, tenant):
        """Return a few of the tenant's products that this rule is about."""
        products = self.product_ids._origin[:EXAMPLES]
        if products:
            return products
        domain = [
            ("company_id", "=", tenant.company_id.id),
            ("sale_ok", "=", True),
            ("list_price", ">=", max(self.minimum_purchase, 0.01)),
        ]
        if self.category_ids:
            domain.append(("categ_id", "child_of", self.category_ids._origin.ids))
        return self.env["product.template"].search(domain, limit=EXAMPLES)

    def _promotion(self):
        """Return the promotions.Promotion of this rule, None when it is none."""
        self.ensure_one()
        amounts = {"percent": self.discount_percent, "fixed": self.discount_amount}
        if self.validity != "temporary" or not amounts.get(self.discount_kind):
            return None
        # Sudo: as for the facts, a limited rule must not look unlimited.
        rule = self.sudo()
        return promotions.Promotion(
            id=self._origin.id or 0,
            kind=self.discount_kind,
            amount=Decimal(str(amounts[self.discount_kind])),
            coupon=self.coupon or "",
            minimum=Decimal(str(self.minimum_purchase)),
            products=frozenset(rule.product_ids._origin.ids),
            categories=frozenset(rule.category_ids._origin.ids),
        )

    def _offers(self, products, tenant, coupon, purchase):
        """Return {product id: its price under the best of these rules} (promotion_prices)."""
        known = [promotion for rule in self if (promotion := rule._promotion())]
        currency = tenant.company_id.currency_id
        total = None if purchase is None else Decimal(str(purchase))
        offers = {}
        for product in products:
            path = product.categ_id.parent_path or ""
            price = Decimal(str(product._ai_price(product.list_price, tenant)))
            offer = promotions.best_offer(
                price,
                known,
                product=product.id,
                categories=[int(part) for part in path.split("/") if part],
                rounding=_rounding(currency),
                coupon=coupon,
                purchase=total,
            )
            used = offer.promotion
            offers[product.id] = {
                "id": product.id,
                "price": float(price),
                "offer": float(offer.price),
                "saved": float(offer.saved),
                "rule_id": used.id if used else False,
                "coupon": used.coupon if used else "",
                "minimum": float(used.minimum) if used else 0.0,
            }
        return offers


def _rounding(currency):
    return Decimal(str(currency.rounding))
