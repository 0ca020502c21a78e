"""Where texts come from, for product feeds: who wrote them, with what, and who vouches for them."""

import csv
import io
import json

from odoo import api, models

# Programs for tables take a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    def _action_export(self, kind):
        """Download the provenance of these versions. kind: "csv" or "json"."""
        self.check_access("read")
        ids = ",".join(map(str, self.ids))
        return {
            "type": "ir.actions.act_url",
            "url": f"/semantic_product_description/provenance.{kind}?ids={ids}",
            "target": "download",
        }

    def _provenance(self):
        """Return one dict for each version, in their order; instants in UTC, ISO 8601.

        `digital_source_type` is the term of the Google Merchant Center's structured descriptions
        (after the IPTC's): trained_algorithmic_media or default.
        """
        return [
            {
                "product_id": text.product_tmpl_id.id,
                "default_code": text.product_tmpl_id.default_code or "",
                "name": text.product_tmpl_id.name,
                "language": text.language,
                "version": text.version,
                "state": text.state,
                "digital_source_type": text.digital_source,
                "writer": text.writer,
                "model": text.model or "",
                "prompt_version": text.prompt_version or "",
                "written_on": self._instant(text.create_date),
                "edited_by_person": text.edited,
                "approved_by": text.approved_by_id.name or "",
                "approved_on": self._instant(text.approved_on),
                "score": text.score,
                "short_description": text._plain_part("short_description"),
                "description": text._plain_part("description"),
            }
            for text in self
        ]

    @api.model
    def _instant(self, moment):
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""

    def _provenance_file(self, kind):
        """Return the provenance of these versions as the text of a CSV or JSON file."""
        rows = self._provenance()
        if kind == "json":
            return json.dumps(rows, ensure_ascii=False, indent=1)
        buffer = io.StringIO()
        names = list(rows[0]) if rows else ["product_id"]
        writer = csv.DictWriter(buffer, names)
        writer.writeheader()
        writer.writerows({name: self._cell(value) for name, value in row.items()} for row in rows)
        return buffer.getvalue()

    @api.model
    def _cell(self, value):
        if isinstance(value, str) and value.startswith(FORMULA):
            return f"'{value}"
        return value
