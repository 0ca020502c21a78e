"""What the tenant's company has of a product: everywhere, in each warehouse, and what comes."""

from collections import defaultdict

from odoo import fields, models
from odoo.tools import SQL


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _ai_stock(self, tenant):
        """Return the stock (docs/tools.md) of these products, in their order.

        The number of queries grows with the company's warehouses, not with the products.
        """
        # Sudo: saves the integration user from reading quants, moves and locations; the products
        # are those it can see, the warehouses those of the one allowed company.
        variants = self.product_variant_ids.sudo()
        totals = variants._ai_levels()
        warehouses = self._ai_warehouses(tenant)
        levels = {
            warehouse: variants.with_context(warehouse_id=warehouse.id)._ai_levels()
            for warehouse in warehouses
        }
        arrivals = self._ai_next_arrivals(tenant)
        by_template = defaultdict(list)
        for variant in self.product_variant_ids:
            by_template[variant.product_tmpl_id.id].append(variant)
        return [
            {
                "id": product.id,
                "name": product.name,
                "counted": product.type == "consu" and product.is_storable,
                **_summed(totals, by_template[product.id], ("on_hand", "free", "forecast")),
                "warehouses": [
                    {
                        "name": warehouse.name,
                        **_summed(here, by_template[product.id], ("on_hand", "free")),
                    }
                    for warehouse, here in levels.items()
                ],
                "variants": [
                    {
                        "id": variant.id,
                        "name": variant._ai_name(),
                        "free": totals[variant.id]["free"],
                    }
                    for variant in by_template[product.id]
                ],
                "next_arrival": arrivals.get(product.id, False),
            }
            for product in self
        ]

    def _ai_warehouses(self, tenant):
        # Sudo: the names of the company's warehouses.
        warehouses = self.env["stock.warehouse"].sudo()
        return warehouses.search([("company_id", "=", tenant.company_id.id)])

    def _ai_next_arrivals(self, tenant):
        """Return {product id: {"date", "quantity"}} of the next planned receipt from outside."""
        self.env["stock.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (variant.product_tmpl_id)
                       variant.product_tmpl_id, move.date, sum(move.product_qty)
                  FROM stock_move AS move
                  JOIN product_product AS variant ON variant.id = move.product_id
                  JOIN stock_location AS source ON source.id = move.location_id
                  JOIN stock_location AS target ON target.id = move.location_dest_id
                 WHERE move.company_id = %s AND variant.product_tmpl_id = ANY(%s)
                   AND variant.active
                   AND move.state IN ('waiting', 'confirmed', 'partially_available', 'assigned')
                   AND source.usage NOT IN ('internal', 'transit', 'customer')
                   AND target.usage = 'internal'
                 GROUP BY variant.product_tmpl_id, move.date
                 ORDER BY variant.product_tmpl_id, move.date
                """,
                tenant.company_id.id,
                self.ids,
            )
        )
        return {
            product_id: {
                "date": fields.Date.to_string(
                    fields.Datetime.context_timestamp(self, moment).date()
                ),
                "quantity": quantity,
            }
            for product_id, moment, quantity in rows
        }


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _ai_levels(self):
        """Return {variant id: {"on_hand", "free", "forecast"}} in the context's warehouses."""
        return {
            variant.id: {
                "on_hand": variant.qty_available,
                "free": variant.free_qty,
                "forecast": variant.virtual_available,
            }
            for variant in self
        }


def _summed(levels, variants, names):
    return {name: sum(levels[variant.id][name] for variant in variants) for name in names}
