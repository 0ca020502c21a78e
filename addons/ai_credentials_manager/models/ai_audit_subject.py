"""What a row of the access log is about, with the names of people while they are kept."""

import re

from odoo import api, fields, models
from odoo.fields import Domain

VERSION = re.compile(r"version (\d+)")  # the AI service's words for a tenant's settings


class AiAuditLog(models.Model):
    _inherit = "ai.audit.log"

    subject_text = fields.Char(
        "About",
        compute="_compute_subject_text",
        search="_search_subject_text",
        help="The subject, with the names of people who were served and have not been erased.",
    )

    @api.depends("subject", "operation", "tenant_id")
    @api.depends_context("lang")
    def _compute_subject_text(self):
        # Sudo: who reads the log may read whom it is about, and nobody the list of people.
        people = self.env["ai.served.person"].sudo()
        served = self.filtered(lambda row: row.operation == "tool" and row.subject)
        named = people._named([(row.tenant_id.id, row.subject) for row in served])
        texts = dict(zip(served.ids, named, strict=True))
        for row in self:
            version = VERSION.fullmatch(row.subject or "")
            if version:
                text = self.env._("Version %(number)s", number=version.group(1))
            else:
                text = texts.get(row.id, row.subject)
            row.subject_text = text

    @api.model
    def _search_subject_text(self, operator, value):
        if operator not in ("ilike", "=ilike", "like", "="):
            return NotImplemented
        # Sudo: as in the computation; whose rows are found is for the rules of the log.
        people = self.env["ai.served.person"].sudo().search([("name", operator, value)], limit=500)
        found = Domain("subject", operator, value)
        for person in people:
            # The bracket keeps #12 from being #123.
            of_them = Domain("tenant_id", "=", person.tenant_id.id) & Domain(
                "operation", "=", "tool"
            )
            called = (f"person #{person.id})", f"person #{person.id} (", f"person #{person.id}, ")
            found |= of_them & Domain.OR(Domain("subject", "like", one) for one in called)
        return found
