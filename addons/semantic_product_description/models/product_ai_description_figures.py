"""Figures that a person typed into a draft: they need a source like those of a model."""

from odoo import models

from ..figures import unknown_figures
from ..word_diff import spans_of


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    def _edited_by_hand(self, parts):
        # Before the score, which counts what is without a source.
        self._claim_figures(parts)
        return super()._edited_by_hand(parts)

    def _claim_figures(self, parts):
        """Make a claim without a source of each figure in `parts` that no fact tells."""
        # Sudo: claims are written by nobody's hand.
        for text in self.sudo():
            product = text.product_tmpl_id.with_context(
                allowed_company_ids=text.company_id.ids, lang=text.language
            )
            told = product._ai_facts_to_tell(text.company_id, text.language)[product.id]
            facts = [fact["value"] for fact in told]
            values = []
            for part in parts:
                plain = text._plain_part(part)
                claimed = text.claim_ids.filtered(lambda claim, part=part: claim.part == part)
                known = spans_of(plain, claimed.mapped("text"))
                new = {
                    plain[start:end]
                    for start, end in unknown_figures(plain, facts)
                    if not any(first <= start < last for first, last in known)
                }
                values += [self._figure_values(text, part, figure) for figure in sorted(new)]
            text.env["product.ai.claim"].create(values)

    def _figure_values(self, text, part, figure):
        return {
            "description_id": text.id,
            "part": part,
            "text": figure,
            "kind": "number",
            "source": "",
            "supported": False,
            "anchored": True,
        }
