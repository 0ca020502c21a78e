from odoo import api, fields, models


class AiGlossaryTerm(models.Model):
    """A word that has one translation only in the texts of a company."""

    _name = "ai.glossary.term"
    _description = "Glossary Term"
    _order = "company_id, source_language, source, target_language"
    _rec_name = "source"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    source = fields.Char("Word", required=True)
    source_language = fields.Selection(
        "_selection_language", required=True, default=lambda self: self._default_language()
    )
    target = fields.Char("Translation", required=True)
    target_language = fields.Selection("_selection_language", required=True)
    note = fields.Char(help="When this word is meant, for people.")

    _term_unique = models.Constraint(
        "UNIQUE(company_id, source_language, source, target_language)",
        "This word has a translation into that language already.",
    )

    @api.model
    def _selection_language(self):
        return self.env["res.lang"].get_installed()

    @api.model
    def _default_language(self):
        tenant = self.env["ai.tenant"]._for_company(self.env.company)
        return tenant.language or self.env.lang

    @api.model
    def _as_brief(self, company, language):
        """Return [{"source", "target"}] of the terms of `company` for texts in `language`."""
        # Sudo: as the brand voice.
        terms = self.sudo().search(
            [("company_id", "=", company.id), ("target_language", "=", language)]
        )
        return [{"source": term.source, "target": term.target} for term in terms]
