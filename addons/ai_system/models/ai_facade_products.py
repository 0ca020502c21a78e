"""Products more closely: variants, what goes with them, stock, and how they are synchronized."""

from odoo import api, models
from odoo.exceptions import UserError

SYNC_STATES = ("not_synced", "synced", "needs_update", "error")
LONGEST_ID, LONGEST_ERROR = 64, 500


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def product_details(self, ids, lang=None):
        """Return variants, alternatives, accessories and sizes of the products (docs/tools.md).

        Ids that are not the tenant's, or not for sale, are left out; their number does not change
        that of queries.
        """
        tenant = self._tenant()
        return self._sold_among(tenant, ids, lang)._ai_details(tenant)

    @api.model
    def stock_levels(self, ids):
        """Return what the tenant's company has of the products for sale, and what comes next."""
        tenant = self._tenant()
        return self._sold_among(tenant, ids)._ai_stock(tenant)

    @api.model
    def _sold_among(self, tenant, ids, lang=None):
        """As _products_among, of what customers may hear: raw materials are not for sale."""
        return self._products_among(tenant, ids, lang).filtered("sale_ok")

    @api.model
    def set_sync_states(self, rows):
        """Note how products stand in the index of the AI service; return True.

        rows: [{"product_id", "state", "vector_id"?, "error"?}], at most 1000; state is
        not_synced, synced, needs_update or error. Products that are not the tenant's are left out.
        """
        tenant = self._tenant()
        told = {row["product_id"]: row for row in self._checked_sync_rows(rows)}
        if tenant.erp_kind != "own":
            return True  # the products here are not the ones in the index
        products = self._products_among(tenant, list(told), active_test=False)
        # Sudo: the integration user has no rights on these rows; they are of its tenant alone.
        sync = self.env["ai.product.sync"].sudo()
        sync._set_states(tenant, [told[product_id] for product_id in products.ids])
        return True

    @api.model
    def _checked_sync_rows(self, rows):
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UserError(self.env._("Give a list of rows."))
        self._checked_ids([row.get("product_id") for row in rows])
        for row in rows:
            if row.get("state") not in SYNC_STATES:
                raise UserError(
                    self.env._("A state is one of: %(states)s.", states=", ".join(SYNC_STATES))
                )
        return [
            {
                "product_id": row["product_id"],
                "state": row["state"],
                "vector_id": _stored(row.get("vector_id"), LONGEST_ID),
                "error": _stored(row.get("error"), LONGEST_ERROR),
            }
            for row in rows
        ]


def _stored(value, longest):
    # PostgreSQL keeps no NUL.
    return str(value or "").replace("\0", "")[:longest] or None
