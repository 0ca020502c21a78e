"""A version made from what the AI service hands in."""

import math

from odoo import api, models
from odoo.tools import is_html_empty

from odoo.addons.ai_system.exceptions import InvalidResult

from ..parts import CLAIM_KINDS, HTML, KINDS, LINES, PARTS
from ..word_diff import spans_of

PROSE = ("short_description", "description")
MAX_TEXT = 100_000  # characters of one text
MAX_ITEMS = 100  # lines of one list
MAX_CLAIMS = 500
MAX_CLAIM = 2000  # characters
PICTURE = "image"  # the source of what is only seen
MAX_NAME = 200  # characters of the model, the source of a claim, a missing fact


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    @api.model
    def _create_from_result(self, job, product, result, parts=None):
        """Create the next version from a result of docs/studio.md. Raises InvalidResult.

        job: the ai.job it belongs to. parts: names of the parts that were asked for; all when
        None. Also for results that come many at once.
        """
        return self._create_from_values(job, [(product, *self._taken(result, parts))])

    @api.model
    def _taken(self, result, parts=None):
        """Return (field values, values of claims) of a result. Raises InvalidResult."""
        vals = {**self._result_values(result, parts or PARTS), "language": result["language"]}
        return vals, self._claim_values(result)

    @api.model
    def _create_from_values(self, job, taken):
        """Create the next versions, in the order of `taken`: [(product, *_taken(result))].

        As many queries for many as for one.
        """
        company = job.company_id
        products = self.env["product.template"].union(*(product for product, *_ in taken))
        versions = self._newest_versions(products, company)
        rows = []
        for product, vals, _claims in taken:
            key = (product.id, company.id, vals["language"])
            versions[key] = versions.get(key, 0) + 1
            rows.append(
                {
                    **vals,
                    "product_tmpl_id": product.id,
                    "company_id": company.id,
                    "version": versions[key],
                    "job_id": job.id,
                    "user_id": job.user_id.id,
                    "proposed": {part: vals[part] for part in PARTS if part in vals},
                    "decisions": {},
                }
            )
        texts = self.create(rows)
        claims = []
        for text, (_product, _vals, told) in zip(texts, taken, strict=True):
            plain = {claim["part"]: text._plain_part(claim["part"]) for claim in told}
            claims += [
                {
                    **claim,
                    "description_id": text.id,
                    # Words that stand there can be taken out; others need a person's word.
                    "anchored": bool(spans_of(plain[claim["part"]], [claim["text"]])),
                }
                for claim in told
            ]
        texts.env["product.ai.claim"].create(claims)
        texts._rescore()
        return texts

    @api.model
    def _result_values(self, result, parts):
        """Return the field values of a result whose shape and sizes are right."""
        vals = {part: self._part_value(part, result.get(part)) for part in parts}
        # Titles alone are no text where a summary or a description was asked for.
        told = {part: vals[part] for part in PROSE if part in vals} or vals
        if not any(
            value.strip() and not (KINDS[part] == HTML and is_html_empty(value))
            for part, value in told.items()
        ):
            raise InvalidResult("the text is empty")
        for name in ("model", "prompt_version"):
            vals[name] = self._short(name, result.get(name))
        for name in ("input_tokens", "output_tokens"):
            value = result.get(name)
            if type(value) is not int or not 0 <= value < 2**31:
                raise InvalidResult(f"{name} is not a count")
            vals[name] = value
        cost = result.get("cost")
        if type(cost) not in (int, float) or not math.isfinite(cost) or not 0 <= cost < 1e6:
            raise InvalidResult("cost is not an amount")
        vals["cost"] = cost
        vals["cost_currency"] = self._short("currency", result.get("currency"))
        if result.get("writer") not in ("llm", "extractive"):
            raise InvalidResult("writer is unknown")
        vals["writer"] = result["writer"]
        missing = result.get("missing")
        if not isinstance(missing, list) or len(missing) > MAX_ITEMS:
            raise InvalidResult("missing is not a list")
        vals["missing"] = [self._short("missing", name) for name in missing]
        return vals

    @api.model
    def _part_value(self, part, value):
        if KINDS[part] != LINES:
            if not isinstance(value, str) or len(value) > MAX_TEXT:
                raise InvalidResult(f"{part} is not a text of at most {MAX_TEXT} characters")
            return value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise InvalidResult(f"{part} is not a list of texts")
        lines = [" ".join(item.split()) for item in value[:MAX_ITEMS]]
        text = "\n".join(line for line in lines if line)
        if len(text) > MAX_TEXT:
            raise InvalidResult(f"{part} is longer than {MAX_TEXT} characters")
        return text

    @api.model
    def _short(self, name, value):
        if not isinstance(value, str) or len(value) > MAX_NAME:
            raise InvalidResult(f"{name} is not a text of at most {MAX_NAME} characters")
        return value

    @api.model
    def _claim_values(self, result):
        """Return the values of the claims of a result whose shape is right."""
        claims = result.get("claims")
        if not isinstance(claims, list) or len(claims) > MAX_CLAIMS:
            raise InvalidResult(f"claims is not a list of at most {MAX_CLAIMS}")
        values = []
        for claim in claims:
            if not isinstance(claim, dict) or claim.get("part") not in PARTS:
                raise InvalidResult("a claim is about no part")
            text = claim.get("text")
            if not isinstance(text, str) or not text.strip() or len(text) > MAX_CLAIM:
                raise InvalidResult("a claim has no text")
            if claim.get("kind") not in CLAIM_KINDS or type(claim.get("supported")) is not bool:
                raise InvalidResult("a claim's kind or support is unknown")
            source = self._short("a claim's source", claim.get("source"))
            values.append(
                {
                    "part": claim["part"],
                    "text": text.strip(),
                    "kind": claim["kind"],
                    "source": source,
                    # Whatever the writer says: what stands on nothing is not supported, and no
                    # picture tells a measure, a material or a certification.
                    "supported": claim["supported"]
                    and bool(source)
                    and (source != PICTURE or claim["kind"] == "other"),
                }
            )
        return values
