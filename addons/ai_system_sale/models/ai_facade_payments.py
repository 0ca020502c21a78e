"""Invoices of a customer, and where an order or an invoice is paid."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MAX_INVOICES = 20


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def invoices(self, partner_id, name=None, limit=5):
        """Return the newest posted invoices and credit notes (≤ 20) of the customer's family.

        name: only the one called so. Shape in docs/tools.md; [] for anybody else's.
        """
        tenant = self._tenant()
        partner = self._customer(tenant, partner_id)
        if not partner:
            return []
        domain = self._invoices_of(tenant, partner)
        if name:
            domain &= self._called(name)
        found = self._tenant_env(tenant)["account.move"].search(
            domain, order="invoice_date desc, id desc", limit=self._few(limit, MAX_INVOICES)
        )
        # Sudo: the addresses of the pages; the invoices are the customer's own.
        return found.sudo()._ai_invoices()

    @api.model
    def payment_link(self, partner_id, kind, record_id):
        """Return {"url"} where the customer pays what is left of an own order or invoice.

        kind: "order" or "invoice". UserError when it is not the customer's, nothing is left to
        pay, or the company takes no payments online.
        """
        tenant = self._tenant()
        partner = self._known_customer(tenant, partner_id)
        if kind == "order":
            record = self._own_order(tenant, partner, record_id)
        elif kind == "invoice":
            record = self._own_invoice(tenant, partner, record_id)
        else:
            raise UserError(self.env._("The kind is “order” or “invoice”."))
        return {"url": self._payment_url(tenant, record)}

    @api.model
    def _payment_url(self, tenant, record):
        """Return where the rest of `record` is paid; UserError when it cannot be."""
        # Sudo: Odoo's own wizard makes the link; whose the record is was checked before.
        wizard = (
            self._tenant_env(tenant)["payment.link.wizard"]
            .sudo()
            .with_context(active_model=record._name, active_id=record.id)
            .create({})
        )
        if record._name == "sale.order" and record.state == "cancel":
            raise UserError(self.env._("“%(name)s” is cancelled.", name=record.name))
        if wizard.warning_message:
            raise UserError(wizard.warning_message)
        providers = self._tenant_env(tenant)["payment.provider"].sudo()
        if not providers._get_compatible_providers(
            tenant.company_id.id,
            wizard.partner_id.id,
            wizard.amount,
            currency_id=wizard.currency_id.id,
        ):
            raise UserError(self.env._("The company takes no payments online."))
        return wizard.link

    @api.model
    def _invoices_of(self, tenant, partner):
        return (
            Domain("company_id", "=", tenant.company_id.id)
            & Domain("commercial_partner_id", "=", partner.commercial_partner_id.id)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
        )

    @api.model
    def _own_invoice(self, tenant, partner, invoice_id):
        """Return the posted invoice; UserError when it is not the customer's."""
        [wanted] = self._checked_ids([invoice_id])
        domain = self._invoices_of(tenant, partner) & Domain("id", "=", wanted)
        invoice = self._tenant_env(tenant)["account.move"].search(domain)
        if not invoice or invoice.move_type != "out_invoice":
            raise UserError(self.env._("The customer has no such invoice."))
        return invoice
