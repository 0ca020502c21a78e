"""Hand edits of live fields: a text that was approved there needs an update."""

from odoo import models


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    def write(self, vals):
        result = super().write(vals)
        self._ai_note_live(vals)
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        result = super()._update_field_translations(field_name, translations, digest, source_lang)
        self._ai_note_live([field_name])
        return result

    def _ai_note_live(self, names):
        """Note on the approved texts of these products whether `names` still say the same."""
        if self.env.context.get("ai_studio_writes"):
            return
        texts = set(filter(self._ai_may_fill, names))
        if not texts:
            return
        # Sudo: whoever edits a product may not know the AI addons at all.
        approved = (
            self.env["product.ai.description"]
            .sudo()
            .search([("product_tmpl_id", "in", self.ids), ("state", "=", "approved")])
        )
        approved.filtered(lambda text: texts & (text.written or {}).keys())._note_live()
