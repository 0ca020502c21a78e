"""Orders and quotations of one customer, and of the company the customer belongs to."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MAX_ORDERS = 20


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def orders(self, partner_id, name=None, limit=5):
        """Return the newest orders (≤ 20) of the customer's family, or the one called `name`.

        Shape in docs/tools.md; [] for anybody else's. A quotation that a person is still writing,
        or gave up before it was sent, is not the customer's to see.
        """
        tenant = self._tenant()
        partner = self._customer(tenant, partner_id)
        if not partner:
            return []
        domain = self._orders_of(tenant, partner)
        if name:
            domain &= self._called(name)
        found = self._tenant_env(tenant)["sale.order"].search(
            domain, order="date_order desc, id desc", limit=self._few(limit, MAX_ORDERS)
        )
        # Sudo: lines, deliveries and addresses of the pages; the orders are the customer's own.
        return found.sudo()._ai_orders()

    @api.model
    def quotation_link(self, partner_id, order_id):
        """Return {"url"} where the customer reads, signs and pays the own order."""
        tenant = self._tenant()
        order = self._own_order(tenant, self._known_customer(tenant, partner_id), order_id)
        # Sudo: the page's access token is made when there is none.
        return {"url": order.get_base_url() + order.sudo().get_portal_url()}

    @api.model
    def _orders_of(self, tenant, partner):
        """Return the domain of the orders that `partner` may see: the commercial family's."""
        offered = Domain("state", "!=", "draft") & Domain("ai_was_offered", "=", True)
        return (
            Domain("company_id", "=", tenant.company_id.id)
            & Domain("partner_id.commercial_partner_id", "=", partner.commercial_partner_id.id)
            & (offered | Domain("ai_made", "=", True))
        )

    @api.model
    def _own_order(self, tenant, partner, order_id):
        """Return the order, with the caller's rights; UserError when it is not the customer's."""
        [wanted] = self._checked_ids([order_id])
        domain = self._orders_of(tenant, partner) & Domain("id", "=", wanted)
        order = self._tenant_env(tenant)["sale.order"].search(domain)
        if not order:
            raise UserError(self.env._("The customer has no such order."))
        return order

    @api.model
    def _called(self, name):
        """Return the domain of exactly that number, as written or in capitals."""
        written = str(name).strip()
        return Domain("name", "in", [written, written.upper()])

    @api.model
    def _few(self, limit, most):
        whole = isinstance(limit, int) and not isinstance(limit, bool)
        return max(1, min(limit, most)) if whole else most
