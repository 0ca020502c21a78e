"""How good a version is, and why, in words."""

from odoo import api, fields, models

from .. import quality
from ..parts import HTML, KINDS, PARTS

NAMED = 5  # words or facts that a sentence names


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    score = fields.Integer(readonly=True, aggregator="avg", help="0 to 100.")
    score_reasons = fields.Json(readonly=True)
    score_text = fields.Text("What Costs Points", compute="_compute_score_text")

    @api.depends("score_reasons")
    @api.depends_context("lang")
    def _compute_score_text(self):
        for text in self:
            sentences = text._score_sentences()
            text.score_text = "\n".join(f"−{points}  {told}" for points, told in sentences)

    def _rescore(self):
        """Measure these versions anew: after they were written, and after every edit."""
        # Sudo: the facts are read for whoever edits, and nobody writes a score by hand.
        measured_alike = self.sudo().grouped(lambda text: (text.company_id, text.language))
        for (company, language), texts in measured_alike.items():
            products = texts.product_tmpl_id.with_context(
                allowed_company_ids=company.ids, lang=language
            )
            told = products._ai_told(company, language)
            for text in texts:
                measured = quality.measure(
                    text._measured_parts(),
                    language=language,
                    unsupported=text.open_claims,
                    **told[text.product_tmpl_id.id],
                )
                text.write(
                    {
                        "score": measured.score,
                        "score_reasons": [
                            [reason.code, reason.points, reason.params]
                            for reason in measured.reasons
                        ],
                    }
                )

    def _measured_parts(self):
        """Return {part: text} of what was asked for, or is there now, and was not rejected."""
        self.ensure_one()
        decisions = self.decisions or {}
        asked = self.proposed or {}
        return {
            part: (self[part] or "") if KINDS[part] != HTML else str(self[part] or "")
            for part in PARTS
            if (part in asked or self[part]) and decisions.get(part) != "rejected"
        }

    def _score_sentences(self):
        """Return [(points that were lost, sentence)] in the language of the context."""
        self.ensure_one()
        labels = self._part_labels()
        return [
            (points, self._score_sentence(code, params, labels))
            for code, points, params in self.score_reasons or []
        ]

    @api.model
    def _score_sentence(self, code, params, labels):
        env = self.env
        told = {
            name: ", ".join(map(str, value[:NAMED])) if isinstance(value, list) else value
            for name, value in params.items()
        }
        if "part" in told:
            told["part"] = labels[told["part"]]
        match code:
            case "empty":
                return env._("There is no text.")
            case "unsupported":
                return env._("Claims without a source: %(count)s.", **told)
            case "banned":
                return env._("Banned words: %(words)s.", **told)
            case "required":
                return env._("Required words that are not there: %(words)s.", **told)
            case "unclean_html":
                return env._("HTML that does not belong here or is not closed: %(tags)s.", **told)
            case "duplicate":
                return env._("%(percent)s %% of it stands in the text of another product.", **told)
            case "too_short":
                return env._("%(words)s words; at least %(wanted)s are expected.", **told)
            case "too_long":
                return env._("%(words)s words; at most %(wanted)s are expected.", **told)
            case "facts":
                return env._("It does not tell these facts: %(missed)s.", **told)
            case "hard_to_read":
                return env._(
                    "It is hard to read (index %(index)s of 100): shorten sentences.", **told
                )
            case "few_features":
                return env._("%(count)s key features; at least 3 are expected.", **told)
            case "repeated":
                return env._("Some key features are there twice.")
            case "over_limit":
                return env._("“%(part)s” has %(length)s of at most %(limit)s characters.", **told)
            case "under_limit":
                return env._(
                    "“%(part)s” has only %(length)s characters; %(limit)s use the place.", **told
                )
            case _:
                return code
