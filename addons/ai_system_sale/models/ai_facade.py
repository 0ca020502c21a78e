"""What sales add to the façade of ai_system: taxes in quotes, orders in profiles and records."""

from odoo import api, models
from odoo.fields import Domain

from ..readable import INVOICE, ORDER, ORDER_LINE

CONFIRMED = Domain("state", "=", "sale")


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [
            *super()._capabilities(),
            "orders",
            "quotation_create",
            "quotation_add_lines",
            "quotation_link",
            "reorder",
            "invoices",
            "payment_link",
        ]

    @api.model
    def _readable(self):
        return {
            **super()._readable(),
            "sale.order": ORDER,
            "sale.order.line": ORDER_LINE,
            "account.move": INVOICE,
        }

    @api.model
    def _readable_domain(self, model):
        domain = super()._readable_domain(model)
        # Headings and notes between the lines sell nothing.
        return domain & Domain("display_type", "=", False) if model == "sale.order.line" else domain

    @api.model
    def _prepare_profile(self, tenant, partner):
        orders = self._tenant_env(tenant)["sale.order"]
        confirmed = orders.search_count(self._orders_of(tenant, partner) & CONFIRMED)
        return {**super()._prepare_profile(tenant, partner), "orders": confirmed}

    @api.model
    def _add_taxes(self, tenant, partner, asked, rows):
        """Complete `rows` with the taxes of the company, as the partner's fiscal position maps."""
        company = tenant.company_id
        # Sudo: taxes and fiscal positions are not the integration user's to read.
        positions = self._tenant_env(tenant)["account.fiscal.position"].sudo()
        position = positions._get_fiscal_position(partner.sudo()) if partner else positions
        currencies = self._currencies(rows)
        for line, row in zip(asked, rows, strict=True):
            variant = line.variant or line.product.product_variant_ids[:1]
            product = variant.sudo().with_company(company)
            taxes = product.taxes_id._filter_taxes_by_company(company)
            mapped = position.map_tax(taxes)
            currency = currencies[row["currency"]].sudo()
            for name in ("list_price", "unit_price"):
                adapted = product._get_tax_included_unit_price_from_price(
                    row[name], product_taxes=taxes, fiscal_position=position
                )
                row[name] = currency.round(adapted)
            result = mapped.compute_all(
                row["unit_price"],
                currency,
                row["quantity"],
                product=product,
                partner=partner.sudo(),
            )
            row.update(
                tax_included=any(mapped.mapped("price_include")),
                taxes=[
                    {"name": tax["name"], "amount": currency.round(tax["amount"])}
                    for tax in result["taxes"]
                ],
                subtotal=currency.round(result["total_excluded"]),
                tax=currency.round(result["total_included"] - result["total_excluded"]),
                total=currency.round(result["total_included"]),
            )
