from odoo import fields, models

from odoo.addons.ai_system.exceptions import InvalidResult

_TEXTS = ("short_description", "description", "writer", "model", "prompt_version")
_LISTS = ("key_features", "use_cases", "tags")


class AiJob(models.Model):
    _inherit = "ai.job"

    action = fields.Selection(
        selection_add=[("generate_description", "Generate description")],
        ondelete={"generate_description": "cascade"},
    )

    def _apply_generate_description(self, result):
        """Create the next version of the product's text. Raises InvalidResult.

        result: as docs/contracts.md says; the language must be an installed one.
        """
        self.ensure_one()
        product = self.env["product.template"].sudo().browse(self.res_id).exists()
        if not product or result.get("product_id") != product.id:
            raise InvalidResult("product_id is not the product the text was asked for")
        if any(not isinstance(result.get(name), str) for name in _TEXTS):
            raise InvalidResult("a text is missing")
        for name in _LISTS:
            values = result.get(name)
            if not isinstance(values, list) or any(not isinstance(v, str) for v in values):
                raise InvalidResult(f"{name} is not a list of texts")
        installed = dict(self.env["res.lang"].get_installed())
        if result.get("language") not in installed:
            raise InvalidResult("language is not an installed language")
        # Sudo: the integration user delivers the text and has no rights on drafts.
        self.env["product.ai.description"].sudo()._create_version(self, product, result)
