from odoo import api, fields, models


class AiVoicePreview(models.TransientModel):
    """How the texts of a product sound, and where each setting comes from."""

    _name = "ai.voice.preview"
    _description = "Voice of a Product"

    product_tmpl_id = fields.Many2one("product.template", "Product", required=True, readonly=True)
    rows = fields.Json(compute="_compute_rows")

    @api.depends("product_tmpl_id")
    @api.depends_context("lang", "company")
    def _compute_rows(self):
        voices = self.env["ai.brand.voice"]
        for preview in self:
            chain = voices._of_product(preview.product_tmpl_id, self.env.company)
            preview.rows = chain._rows()

    @api.model
    def _open(self, product):
        preview = self.create({"product_tmpl_id": product.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Brand Voice"),
            "res_model": self._name,
            "res_id": preview.id,
            "views": [(False, "form")],
            "target": "new",
        }
