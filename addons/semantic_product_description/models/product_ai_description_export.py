"""Where texts come from, for product feeds: who wrote them, with what, and who vouches for them."""

import csv
import io
import json

from odoo import api, models
from odoo.tools import split_every

# Programs for tables take a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_NAMED = 20_000  # ids of a list that the client names, if not told otherwise
BATCH = 500  # versions that are held in memory at a time


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductAiDescription(models.Model):
    _inherit = "product.ai.description"

    def _action_export(self, kind):
        """Download the provenance of these versions. kind: "csv" or "json".

        Of a whole list the client names no more than its limit of ids: the list's filter counts.
        """
        self.check_access("read")
        values = {"description_ids": self.ids, "allowed_company_ids": self.env.companies.ids}
        shown, params = self.env.context.get("active_domain"), self.env["ir.config_parameter"]
        # Sudo: the limit is no secret; every session is told it.
        limit = int(params.sudo().get_param("web.active_ids_limit", MOST_NAMED))
        if shown is not None and len(self) >= limit:
            values |= {"description_ids": False, "domain": list(shown)}
        asked = self.env["ai.provenance.request"].create(values)
        return {
            "type": "ir.actions.act_url",
            "url": f"/semantic_product_description/provenance.{kind}?request_id={asked.id}",
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
        """Give the provenance of these versions as a CSV or JSON file, in pieces of text."""
        if not self:
            yield "[]\n" if kind == "json" else "product_id\r\n"
            return
        begin = "[\n"
        for ids in split_every(BATCH, self.ids):
            # Forgotten piece by piece: thousands of texts are never held at once.
            self.env.invalidate_all()
            rows = self.browse(ids)._provenance()
            if kind == "json":
                yield begin + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            else:
                yield self._csv_lines(rows, header=begin == "[\n")
            begin = ",\n"
        if kind == "json":
            yield "\n]\n"

    @api.model
    def _csv_lines(self, rows, header):
        lines = io.StringIO()
        writer = csv.DictWriter(lines, list(rows[0]))
        if header:
            writer.writeheader()
        writer.writerows({name: self._cell(value) for name, value in row.items()} for row in rows)
        return lines.getvalue()

    @api.model
    def _cell(self, value):
        if isinstance(value, str) and value.startswith(FORMULA):
            return f"'{value}"
        return value
