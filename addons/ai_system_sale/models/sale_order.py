from odoo import fields, models
from odoo.tools import float_compare

from ..readable import ORDER, ORDER_LINE

STATES = {"draft": "quotation", "sent": "quotation", "sale": "order", "cancel": "cancelled"}
DELIVERY_STATES = {"assigned": "ready", "done": "done", "cancel": "cancelled"}


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["ai.integration.fields", "sale.order"]

    _ai_readable_fields = frozenset({*ORDER, "company_id"})

    ai_made = fields.Boolean("Written by the AI", readonly=True, copy=False)

    def _ai_orders(self):
        """Return these orders (sudo) as `orders` tells them (docs/tools.md), in their order.

        The number of queries does not depend on the number of orders.
        """
        base_url = self[:1].get_base_url()
        return [order._ai_order(base_url) for order in self]

    def _ai_order(self, base_url):
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        return {
            "id": self.id,
            "name": self.name,
            "date": _iso(self.date_order),
            "state": self._ai_state(lines),
            "total": self.amount_total,
            "currency": self.currency_id.name,
            "lines": [line._ai_line() for line in lines],
            "deliveries": [
                picking._ai_delivery()
                for picking in self.picking_ids
                if picking.picking_type_code == "outgoing"
            ],
            "invoiced": {"no": "no", "to invoice": "to invoice"}.get(
                self.invoice_status or "no", "invoiced"
            ),
            "url": base_url + self.get_portal_url(),
        }

    def _ai_state(self, lines):
        """Return the order's state for a customer: `done` once everything was delivered."""
        state = STATES[self.state]
        delivered = lines and all(
            float_compare(line.qty_delivered, line.product_uom_qty, precision_digits=5) >= 0
            for line in lines
        )
        return "done" if state == "order" and delivered else state


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["ai.integration.fields", "sale.order.line"]

    _ai_readable_fields = frozenset({*ORDER_LINE, "company_id", "sequence", "display_type"})

    def _get_product_price_context(self):
        """Let what the AI wrote keep its prices when a person changes a quantity."""
        context = super()._get_product_price_context()
        if self.order_id.ai_made and "ai_price_tenant" not in self.env.context:
            context["ai_price_tenant"] = self.env["ai.tenant"]._for_company(self.company_id).id
        return context

    def _ai_line(self):
        self.ensure_one()
        name = self.product_id._ai_name() if self.product_id else self.name.splitlines()[0]
        return {
            "name": name,
            "quantity": self.product_uom_qty,
            "delivered": self.qty_delivered,
            "unit_price": self.price_reduce_taxinc,
            "total": self.price_total,
        }


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _ai_delivery(self):
        """Return this delivery as a customer is told of it."""
        self.ensure_one()
        # Carriers and their numbers are there where an addon of Odoo for deliveries is installed.
        carried = "carrier_tracking_ref" in self._fields
        return {
            "name": self.name,
            "state": DELIVERY_STATES.get(self.state, "waiting"),
            "scheduled": _iso(self.scheduled_date),
            "done": _iso(self.date_done) if self.state == "done" else False,
            "carrier": (self.carrier_id.name or "") if carried else "",
            "tracking": (self.carrier_tracking_ref or "") if carried else "",
            "tracking_url": (self.carrier_tracking_url or "") if carried else "",
        }


def _iso(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z" if moment else False
