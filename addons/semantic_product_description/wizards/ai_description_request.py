from odoo import api, fields, models
from odoo.exceptions import UserError

from ..parts import PARTS


class AiDescriptionRequest(models.TransientModel):
    """Which parts are to be written, in which languages."""

    _name = "ai.description.request"
    _description = "Request for Descriptions"

    product_ids = fields.Json(required=True, readonly=True)
    product_count = fields.Integer("Products", compute="_compute_product_count")
    language_ids = fields.Many2many(
        "res.lang", string="Languages", default=lambda self: self._default_languages()
    )
    short_description = fields.Boolean(default=True)
    description = fields.Boolean(default=True)
    key_features = fields.Boolean(default=True)
    use_cases = fields.Boolean(default=True)
    tags = fields.Boolean(default=True)
    seo_title = fields.Boolean("Title for Search Engines", default=True)
    meta_description = fields.Boolean("Description for Search Engines", default=True)
    image_alt = fields.Boolean("Image Text", default=True)

    @api.model
    def _default_languages(self):
        tenant = self.env["ai.tenant"]._for_company(self.env.company)
        return self.env["res.lang"].search([("code", "=", tenant.language)])

    @api.depends("product_ids")
    def _compute_product_count(self):
        for request in self:
            request.product_count = len(request.product_ids or [])

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Generate Description"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_generate(self):
        """Queue what was chosen."""
        self.ensure_one()
        parts = [part for part in PARTS if self[part]]
        languages = self.language_ids.mapped("code")
        if not parts or not languages:
            raise UserError(self.env._("Choose at least one part and one language."))
        products = self.env["product.template"].browse(self.product_ids)
        products._queue_generation(parts=parts, languages=languages)
        return {"type": "ir.actions.act_window_close"}
