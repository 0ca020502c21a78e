from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.ai_system.exceptions import InvalidResult

# The steps that the AI service tells as {"done": n, "total": 3}.
WATCHED = timedelta(minutes=1)
STEPS = ("reading", "writing", "checking")


class AiJob(models.Model):
    _inherit = "ai.job"

    action = fields.Selection(
        selection_add=[("generate_description", "Generate description")],
        ondelete={"generate_description": "cascade"},
    )

    def _apply_generate_description(self, result):
        """Store the text of a job as a new draft version. Raises InvalidResult."""
        self.ensure_one()
        payload = self.payload
        wanted = (payload["product_id"], payload["language"])
        if (result.get("product_id"), result.get("language")) != wanted:
            raise InvalidResult("the text is about another product or language")
        product = self.env["product.template"].browse(wanted[0]).exists()
        if not product:
            raise InvalidResult("the product does not exist any more")
        texts = self.env["product.ai.description"]
        texts._create_from_result(self, product, result, payload.get("parts"))

    def _description_stage(self):
        """Return how far a description is: queued, reading, writing or checking; else False."""
        self.ensure_one()
        if self.state == "pending":
            return "queued"
        if self.state != "sent":
            return False
        return STEPS[min(self.progress_done, len(STEPS) - 1)]

    def _shows_progress(self):
        """True for a text too, as long as somebody may be waiting in front of its product."""
        if self.action != "generate_description":
            return super()._shows_progress()
        return bool(self.sent_at) and self.sent_at > fields.Datetime.now() - WATCHED

    @api.model
    def _watched(self):
        texts = [
            ("action", "=", "generate_description"),
            ("state", "=", "sent"),
            ("sent_at", ">", fields.Datetime.now() - WATCHED),
        ]
        return super()._watched() + self.search_count(texts)
