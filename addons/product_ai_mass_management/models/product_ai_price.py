from odoo import api, fields, models


class ProductAiPrice(models.Model):
    """What the AI of a company says that a product costs, instead of its list price."""

    _name = "product.ai.price"
    _description = "AI Price of a Product"
    _rec_name = "product_tmpl_id"

    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    price = fields.Monetary(required=True)

    _product_unique = models.Constraint(
        "UNIQUE(product_tmpl_id, company_id)", "A product has one AI price in each company."
    )
    _price_positive = models.Constraint("CHECK(price > 0)", "An AI price is above 0.")

    @api.model_create_multi
    def create(self, vals_list):
        prices = super().create(vals_list)
        prices._note_change()
        return prices

    def write(self, vals):
        self._note_change()
        return super().write(vals)

    def unlink(self):
        self._note_change()
        return super().unlink()

    def _note_change(self):
        """Have the index follow: search and answers tell the AI price."""
        self.env["ai.product.sync"]._note_change("product.template", self.product_tmpl_id.ids)
