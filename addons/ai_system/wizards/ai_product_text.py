from odoo import api, fields, models

STATES = [
    ("waiting", "Reading"),
    ("shown", "Read"),
    ("missing", "Not in the index"),
    ("failed", "Failed"),
    ("not_connected", "Not connected"),
]


class AiProductText(models.TransientModel):
    """A product's text exactly as the AI service searches it, read when the dialog opens."""

    _name = "ai.product.text"
    _description = "Text of a Product in the AI System"
    _rec_name = "sync_id"

    sync_id = fields.Many2one("ai.product.sync", "Product", readonly=True, ondelete="cascade")
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    text = fields.Text(readonly=True)
    last_sync = fields.Datetime(related="sync_id.last_sync")
    vector_id = fields.Char(related="sync_id.vector_id")
    sync_state = fields.Selection(related="sync_id.state", string="Synchronization")
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null")
    error_text = fields.Text(compute="_compute_error_text")

    @api.depends("job_id.error_display", "state")
    @api.depends_context("lang", "tz")
    def _compute_error_text(self):
        for dialog in self:
            dialog.error_text = dialog.state == "failed" and dialog.job_id.error_display

    @api.model
    def _open(self, row):
        """Return the action that shows the text of `row` (ai.product.sync); asks for it."""
        row.check_access("read")
        # Sudo: the tenant's keys are not the reader's; the row was checked.
        tenant = row.sudo().tenant_id
        connected = tenant._client() is not None
        # Sudo: nobody makes such a dialog up.
        dialog = self.sudo().create(
            {"sync_id": row.id, "state": "waiting" if connected else "not_connected"}
        )
        if connected:
            params = {"product_id": row.record_id}
            dialog.job_id = self.env["ai.job"]._enqueue(
                tenant, "product_text", params, record=dialog
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("In the AI System"),
            "res_model": self._name,
            "res_id": dialog.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _show_text(self, indexed, text):
        """Take over what the index holds."""
        self.write({"state": "shown" if indexed else "missing", "text": text})
