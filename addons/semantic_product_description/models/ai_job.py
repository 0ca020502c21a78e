from odoo import fields, models

from odoo.addons.ai_system.exceptions import InvalidResult


class AiJob(models.Model):
    _inherit = "ai.job"

    action = fields.Selection(
        selection_add=[("generate_description", "Generate description")],
        ondelete={"generate_description": "cascade"},
    )

    def _apply_generate_description(self, result):
        """Store the text of a job as a new draft version. Raises InvalidResult."""
        self.ensure_one()
        wanted = (self.payload["product_id"], self.payload["language"])
        if (result.get("product_id"), result.get("language")) != wanted:
            raise InvalidResult("the text is about another product or language")
        product = self.env["product.template"].browse(wanted[0]).exists()
        if not product:
            raise InvalidResult("the product does not exist any more")
        self.env["product.ai.description"]._create_from_result(self, product, result)
