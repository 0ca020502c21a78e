"""Asking for texts, and how the work on them stands."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.ai_system.models.ai_job import STATES as JOB_STATES

from ..parts import PARTS
from .product_template import GROUP

JOB_FIELDS = ("ai_job_id", "ai_job_state", "ai_job_error", "ai_job_stage")
STAGES = [
    ("queued", "Queued"),
    ("reading", "Reading the facts"),
    ("writing", "Writing"),
    ("checking", "Checking every claim"),
]


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_job_id = fields.Many2one("ai.job", "AI Job", compute="_compute_ai_job", groups=GROUP)
    ai_job_state = fields.Selection(
        JOB_STATES, "AI Job Status", compute="_compute_ai_job", groups=GROUP
    )
    ai_job_stage = fields.Selection(STAGES, "AI Job Step", compute="_compute_ai_job", groups=GROUP)
    ai_job_error = fields.Text("AI Job Error", compute="_compute_ai_job", groups=GROUP)
    ai_unavailable_reason = fields.Char(
        "AI Obstacle", compute="_compute_ai_unavailable_reason", groups=GROUP
    )
    ai_missing_text = fields.Text(
        "Missing for the AI", compute="_compute_ai_missing_text", groups=GROUP
    )
    ai_document_ids = fields.One2many(
        "product.ai.document", "product_tmpl_id", "AI Support Documents", groups=GROUP
    )

    @api.depends_context("company", "lang", "tz")
    def _compute_ai_job(self):
        jobs = self.env["ai.job"].search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("action", "=", "generate_description"),
                ("company_id", "=", self.env.company.id),
            ],
            order="id",
        )
        newest = {job.res_id: job for job in jobs}
        for product in self:
            job = newest.get(product._origin.id, jobs.browse())
            product.ai_job_id = job
            product.ai_job_state = job.state
            product.ai_job_stage = job._description_stage() if job else False
            product.ai_job_error = job.error_display

    @api.depends("company_id")
    @api.depends_context("company", "lang")
    def _compute_ai_unavailable_reason(self):
        tenant = self._ai_company_tenant()
        for product in self:
            product.ai_unavailable_reason = product._ai_obstacle(tenant)

    @api.depends("ai_description_ids.missing")
    @api.depends_context("company", "lang")
    def _compute_ai_missing_text(self):
        for product in self:
            questions = product._origin._ai_missing_questions() if product._origin else []
            product.ai_missing_text = "\n".join(f"• {question}" for question in questions)

    def _ai_missing_questions(self):
        """Return what people are asked about this product, in the language of the context."""
        self.ensure_one()
        missing = self._ai_missing_facts(self.env.company)
        return [
            *missing.with_context(lang=self.env.lang).mapped("question"),
            *self.ai_description_id._other_missing(missing.mapped("code")),
        ]

    def action_generate_description(self):
        """Queue a description for each of these products; nothing is written before it arrives.

        Raises UserError, with what to do, where the company's tenant cannot do it.
        """
        self._queue_generation()
        return True

    def _queue_generation(self, parts=None, languages=None):
        """Queue a text of each of these products in each language; return the jobs.

        parts: names of parts.PARTS, all when None. languages: codes of installed languages, the
        tenant's own when None. Raises UserError, with what to do, for the first obstacle; an
        unfinished job for the same is not queued twice.
        """
        # Who may see jobs may ask for them; employees outside the AI groups may not.
        self.env["ai.job"].check_access("read")
        tenant = self._ai_company_tenant()
        jobs = self.env["ai.job"]
        for product in self:
            if obstacle := product._ai_obstacle(tenant):
                raise UserError(obstacle)
            product.check_access("read")
            for language in languages or [tenant.language]:
                params = product._generation_params(language, parts)
                jobs |= jobs._enqueue(tenant, "generate_description", params, record=product)
        self.invalidate_recordset(JOB_FIELDS)
        return jobs

    def _generation_params(self, language, parts=None):
        """Return the params of `generate_description` for this product (docs/studio.md)."""
        self.ensure_one()
        unknown = set(parts or ()) - set(PARTS)
        if unknown or language not in dict(self.env["res.lang"].get_installed()):
            raise UserError(self.env._("Choose parts that exist and languages that are installed."))
        params = {"product_id": self.id, "language": language}
        if parts and set(parts) != set(PARTS):
            params["parts"] = [part for part in PARTS if part in parts]
        return params

    def action_request_description(self):
        """Open the dialog in which parts and languages are chosen."""
        self.env["ai.job"].check_access("read")
        asked = self.env["ai.description.request"].create({"product_ids": self.ids})
        return asked._open()

    def action_retry_ai_job(self):
        """Run the failed (or waiting) job of this product again."""
        self.ensure_one()
        self.ai_job_id.action_retry()
        self.invalidate_recordset(JOB_FIELDS)
        return True

    def action_answer_missing(self):
        """Open the questions about this product; the answers become facts for its texts."""
        self.ensure_one()
        return self.env["ai.missing.answers"]._open(self)

    def action_add_ai_document(self):
        """Open the dialog in which a support document is added."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add Document"),
            "res_model": "product.ai.document",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_product_tmpl_id": self.id},
        }

    def action_sync_ai_documents(self):
        """Read the support documents of this product: what they say becomes facts."""
        self.ensure_one()
        company_documents = self.ai_document_ids.filtered(
            lambda document: document.company_id == self.env.company
        )
        return company_documents.action_synchronize()

    def action_sync_ai(self):
        """Have this product synchronized with the AI system at once."""
        self.ensure_one()
        return self._ai_sync_row().action_synchronize()

    def action_view_ai_voice(self):
        """Show how texts of this product sound, and where each setting comes from."""
        self.ensure_one()
        return self.env["ai.voice.preview"]._open(self)

    def _ai_obstacle(self, tenant):
        """Return why no text can be asked for this product now, or False."""
        self.ensure_one()
        company = self.env.company.name
        if not tenant:
            return self.env._(
                "%(company)s has no AI tenant yet. An AI administrator can create one in "
                "AI System ▸ Tenants.",
                company=company,
            )
        if tenant.state != "connected":
            return self.env._(
                "“%(tenant)s” is not connected to the AI service. An AI administrator can connect "
                "it in AI System ▸ Tenants.",
                tenant=tenant.name,
            )
        if not tenant._crew_is_enabled("product_management"):
            return self.env._(
                "Product management is switched off for “%(tenant)s”.", tenant=tenant.name
            )
        if not self.company_id and not tenant.include_shared_records:
            return self.env._(
                "This product belongs to no company, and the AI of “%(tenant)s” does not see "
                "shared products. Set the product's company.",
                tenant=tenant.name,
            )
        if self.company_id and self.company_id != tenant.company_id:
            return self.env._(
                "This product belongs to another company than %(company)s.", company=company
            )
        return False
