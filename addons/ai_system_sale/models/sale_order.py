from odoo import api, fields, models
from odoo.tools import float_compare

from ..readable import ORDER, ORDER_LINE

STATES = {"draft": "quotation", "sent": "quotation", "sale": "order", "cancel": "cancelled"}
OFFERED = ("sent", "sale")
# What the chatter says of it; mails to the customer are comments there.
OFFERED_NOTES = ("sale.mt_order_sent", "sale.mt_order_confirmed", "mail.mt_comment")
DELIVERY_STATES = {"assigned": "ready", "done": "done", "cancel": "cancelled"}


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["ai.integration.fields", "sale.order"]

    _ai_readable_fields = frozenset({*ORDER, "company_id", "ai_was_offered"})

    ai_made = fields.Boolean("Written by the AI", readonly=True, copy=False)
    ai_was_offered = fields.Boolean(
        "Offered to the Customer",
        compute="_compute_ai_was_offered",
        store=True,
        copy=False,
        help="It was sent or confirmed at some time, so the customer knows of it.",
    )

    @api.depends("state")
    def _compute_ai_was_offered(self):
        cancelled = self.filtered(lambda order: order.state == "cancel")
        noted = cancelled._ai_noted_as_offered()
        for order in self:
            order.ai_was_offered = (
                order.state in OFFERED or order.ai_was_offered or order.id in noted
            )

    def write(self, vals):
        if "state" in vals:
            # It is computed when it is read: a state that is left at once would go unnoticed.
            self.mapped("ai_was_offered")
        return super().write(vals)

    def _ai_noted_as_offered(self):
        """Return the ids of the orders whose chatter says that the customer was told of them.

        So those that were cancelled before this addon came are known, too.
        """
        kinds = [self.env.ref(name).id for name in OFFERED_NOTES]
        notes = self.env["mail.message"]._read_group(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("subtype_id", "in", kinds),
            ],
            ["res_id"],
        )
        return {res_id for (res_id,) in notes}

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
