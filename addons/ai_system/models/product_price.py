"""The AI price, where an addon keeps one, in place of the list price that price lists start from.

Only for what the AI quotes: with `ai_price_tenant` (a tenant's id) in the context.
"""

from odoo import fields, models


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _price_compute(self, price_type, uom=None, currency=None, company=None, date=False):
        prices = super()._price_compute(price_type, uom, currency, company, date)
        return _with_ai_prices(self, prices, price_type, uom, currency, date)


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _price_compute(self, price_type, uom=None, currency=None, company=None, date=False):
        prices = super()._price_compute(price_type, uom, currency, company, date)
        return _with_ai_prices(self, prices, price_type, uom, currency, date)


def _with_ai_prices(products, prices, price_type, uom, currency, date):
    """Return `prices` ({id: amount in `currency` and `uom`}) with the AI prices in their place."""
    tenant_id = products.env.context.get("ai_price_tenant")
    if price_type != "list_price" or not tenant_id:
        return prices
    # Sudo: who reads a price does not read tenants.
    tenant = products.env["ai.tenant"].sudo().browse(tenant_id)
    company = tenant.company_id
    day = date or fields.Date.context_today(products)
    for product in products:
        template = product if product._name == "product.template" else product.product_tmpl_id
        listed = product.list_price + product._get_attributes_extra_price()
        price = template._ai_price(listed, tenant)
        if uom:
            price = product.uom_id._compute_price(price, uom)
        wanted = currency or product.currency_id
        prices[product.id] = company.currency_id._convert(price, wanted, company, day, round=False)
    return prices
