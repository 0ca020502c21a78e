from odoo import fields, models

from ..readable import INVOICE

PAYMENT_STATES = ("not_paid", "in_payment", "partial", "paid", "reversed")


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["ai.integration.fields", "account.move"]

    _ai_readable_fields = frozenset({*INVOICE, "company_id", "commercial_partner_id", "date"})

    def _ai_invoices(self):
        """Return these invoices (sudo) as `invoices` tells them (docs/tools.md), in their order."""
        base_url = self[:1].get_base_url()
        return [
            {
                "id": invoice.id,
                "name": invoice.name or "",
                "date": fields.Date.to_string(invoice.invoice_date) or False,
                "due": fields.Date.to_string(invoice.invoice_date_due) or False,
                "state": "cancelled" if invoice.state == "cancel" else invoice.state,
                "payment": invoice.payment_state
                if invoice.payment_state in PAYMENT_STATES
                else "not_paid",
                "total": invoice.amount_total,
                "residual": invoice.amount_residual,
                "currency": invoice.currency_id.name,
                "url": base_url + invoice.get_portal_url(),
            }
            for invoice in self
        ]
