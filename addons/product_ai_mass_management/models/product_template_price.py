"""The AI price of a product in the current company, and where the AI tells it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

GROUP = "ai_system.ai_system_group_user"


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_price_ids = fields.One2many("product.ai.price", "product_tmpl_id", "AI Prices", groups=GROUP)
    ai_price = fields.Monetary(
        "AI Price",
        compute="_compute_ai_price",
        inverse="_inverse_ai_price",
        currency_field="ai_currency_id",
        groups=GROUP,
        help="What the AI says that the product costs; 0: its list price.",
    )
    ai_currency_id = fields.Many2one("res.currency", compute="_compute_ai_currency", groups=GROUP)

    @api.depends("ai_price_ids.price")
    @api.depends_context("company")
    def _compute_ai_price(self):
        for product in self:
            product.ai_price = product._ai_price_row(self.env.company).price

    @api.depends_context("company")
    def _compute_ai_currency(self):
        self.ai_currency_id = self.env.company.currency_id

    def _inverse_ai_price(self):
        if any(product.ai_price < 0 for product in self):
            raise UserError(self.env._("An AI price is above 0; 0 means the list price."))
        self._set_ai_prices(self.mapped("ai_price"), self.env.company)

    def _ai_price_row(self, company):
        """Return this product's row of product.ai.price in `company`, empty without one."""
        self.ensure_one()
        return self.ai_price_ids.filtered(lambda row: row.company_id == company)

    def _set_ai_price(self, price, company):
        """Keep `price` (in the currency of `company`; 0: no AI price) for this product."""
        self.ensure_one()
        self._set_ai_prices([price], company)

    def _set_ai_prices(self, prices, company):
        """Keep `prices`, one for each of these products, as _set_ai_price."""
        rows = self.env["product.ai.price"]
        gone, new = rows.browse(), []
        for product, price in zip(self, prices, strict=True):
            row, rounded = product._ai_price_row(company), company.currency_id.round(price)
            if not rounded:
                gone += row
            elif not row:
                values = {"product_tmpl_id": product.id, "company_id": company.id}
                new.append({**values, "price": rounded})
            elif company.currency_id.compare_amounts(row.price, rounded):
                row.price = rounded
        gone.unlink()
        rows.create(new)

    def _ai_list_price(self, company):
        """Return the list price in the currency of `company`."""
        self.ensure_one()
        if self.currency_id == company.currency_id:
            return self.list_price
        day = fields.Date.context_today(self)
        # Sudo: rates are nobody's secret, and not everybody's to read.
        currency = self.currency_id.sudo()
        return currency._convert(self.list_price, company.currency_id, company, day)

    def _ai_price(self, amount, tenant):
        """Put the AI price in place of the list price; what variants cost more stays on top."""
        told = super()._ai_price(amount, tenant)
        # Sudo: whoever is told a price need not read AI prices.
        row = self.sudo()._ai_price_row(tenant.company_id)
        if not row:
            return told
        extra = told - super()._ai_price(self.list_price, tenant)
        return max(tenant.company_id.currency_id.round(row.price + extra), 0.0)
