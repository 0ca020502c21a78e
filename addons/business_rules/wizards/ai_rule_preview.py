import json

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..models.ai_job import KINDS


class AiRulePreview(models.TransientModel):
    """What the AI gets of one record, word for word: the façade's own facts, read by a person."""

    _name = "ai.rule.preview"
    _description = "In the AI System"

    model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    told = fields.Boolean(compute="_compute_facts")
    reason = fields.Char("Why Not", compute="_compute_facts")
    title = fields.Char(compute="_compute_facts")
    words = fields.Text(compute="_compute_facts")
    valid = fields.Char(compute="_compute_facts")
    figures = fields.Text(compute="_compute_facts", help="For what is computed, as JSON.")

    @api.depends("model", "res_id")
    def _compute_facts(self):
        for preview in self:
            record = preview._record()
            # Unsaved and archived records too; with the reader's own rights.
            [fact] = record._ai_facts(record._sync_profile().language)
            preview.told = bool(record._told())
            preview.reason = record._untold_reason()
            preview.title = fact["title"]
            parts = [fact["sentence"], fact["text"]]
            parts += [
                self.env._("[Page %(page)s] %(text)s", page=chunk["page"], text=chunk["text"])
                for chunk in fact["chunks"]
            ]
            preview.words = "\n\n".join(part for part in parts if part) or False
            bounds = [fact["valid_from"], fact["valid_to"]]
            preview.valid = " – ".join(b or "…" for b in bounds) if any(bounds) else False
            figures = fact["structure"]
            if record._name == "ai.company.profile":
                figures = record._ai_profile(record.language)
            preview.figures = (
                json.dumps(figures, indent=2, ensure_ascii=False) if figures else False
            )

    def _record(self):
        self.ensure_one()
        if self.model not in KINDS.values():
            raise AccessError(self.env._("Only rules, documents and profiles are shown here."))
        record = self.env[self.model].browse(self.res_id)
        record.check_access("read")
        return record
