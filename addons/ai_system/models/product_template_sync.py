"""How a product stands in the AI system of the current company, shown on the product."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .ai_product_sync import STATES

GROUP = "ai_system.ai_system_group_user"


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_sync_ids = fields.One2many(
        "ai.product.sync", "product_tmpl_id", "In the AI System", groups=GROUP
    )
    ai_sync_state = fields.Selection(
        STATES,
        "AI Sync",
        compute="_compute_ai_sync",
        search="_search_ai_sync_state",
        groups=GROUP,
    )
    ai_vector_id = fields.Char("Vector ID", compute="_compute_ai_sync", groups=GROUP)
    ai_last_sync = fields.Datetime("Last AI Sync", compute="_compute_ai_sync", groups=GROUP)
    ai_sync_error = fields.Text("AI Sync Error", compute="_compute_ai_sync", groups=GROUP)

    @api.depends("ai_sync_ids.state", "ai_sync_ids.vector_id", "ai_sync_ids.last_sync")
    @api.depends_context("company", "lang")
    def _compute_ai_sync(self):
        rows = {row.product_tmpl_id.id: row for row in self._ai_sync_rows()}
        none = self.env["ai.product.sync"]
        for product in self:
            row = rows.get(product._origin.id, none)
            product.ai_sync_state = row.state or "not_synced"
            product.ai_vector_id = row.vector_id
            product.ai_last_sync = row.last_sync
            product.ai_sync_error = row.error_display

    def _search_ai_sync_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states, company = set(value), self.env.company.id
        domain = Domain("ai_sync_ids", "any", self._ai_rows_in(states - {False}, company))
        if "not_synced" in states:
            others = [state for state, _label in STATES if state not in states]
            domain = ~Domain("ai_sync_ids", "any", self._ai_rows_in(others, company))
        return domain

    @api.model
    def _ai_rows_in(self, states, company_id):
        return [("company_id", "=", company_id), ("state", "in", list(states))]

    def _ai_sync_rows(self):
        """Return the rows of these products for the tenant of the current company."""
        return self.env["ai.product.sync"].search(
            [("product_tmpl_id", "in", self.ids), ("company_id", "=", self.env.company.id)]
        )

    def action_view_ai_sync(self):
        """Open how this product stands in the AI system."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("In the AI System"),
            "res_model": "ai.product.sync",
            "res_id": self._ai_sync_row().id,
            "views": [(False, "form")],
        }

    def action_view_ai_text(self):
        """Show the text of this product exactly as the index of the AI service holds it."""
        self.ensure_one()
        return self._ai_sync_row().action_view_text()

    def _ai_sync_row(self):
        """Return the product's row. UserError where the company's tenant has none."""
        row = self._ai_sync_rows()
        if not row:
            raise UserError(
                self.env._(
                    "This product is not in the AI system of %(company)s: its tenant is not "
                    "connected, or the product is archived, not for sale or of another company.",
                    company=self.env.company.name,
                )
            )
        return row
