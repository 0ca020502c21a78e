from odoo import fields, models

from ..models.product_ai_description_review import OVERWRITE


class AiOverwriteLive(models.TransientModel):
    """Asks before an approval replaces what a person wrote into a live field."""

    _name = "ai.overwrite.live"
    _description = "Overwrite Hand Edits"

    description_ids = fields.Json(required=True, readonly=True)
    lost = fields.Text("Would Be Replaced", compute="_compute_lost")

    def _compute_lost(self):
        for asked in self:
            told = []
            for text in asked._texts():
                product = text._live_product()
                labels = dict(product._ai_field_labels("target"))
                for name in text._hand_edits():
                    value = text._comparable(product, name)
                    told.append(f"{product.display_name} · {labels.get(name, name)}:\n{value}")
            asked.lost = "\n\n".join(told)

    def _texts(self):
        return self.env["product.ai.description"].browse(self.description_ids)

    def action_overwrite(self):
        """Approve nevertheless; the hand edit is kept as a version."""
        self.ensure_one()
        self._texts().with_context(**{OVERWRITE: True}).action_approve()
        return {"type": "ir.actions.act_window_close"}
