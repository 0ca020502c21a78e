from odoo import api, fields, models
from odoo.exceptions import UserError

ACTIVE_STATES = ("pending", "sent")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_description_ids = fields.One2many(
        "product.ai.description",
        "product_tmpl_id",
        "AI Text Versions",
        groups="ai_system.ai_system_group_user",
    )
    ai_description_id = fields.Many2one(
        "product.ai.description",
        "AI Text",
        compute="_compute_ai_description_id",
        groups="ai_system.ai_system_group_user",
    )
    ai_short_description = fields.Char(related="ai_description_id.short_description")
    ai_description = fields.Html(related="ai_description_id.description", string="AI Text Body")
    ai_key_features = fields.Text(related="ai_description_id.key_features")
    ai_use_cases = fields.Text(related="ai_description_id.use_cases")
    ai_tags = fields.Char(related="ai_description_id.tags", string="AI Tags")
    ai_text_state = fields.Selection(related="ai_description_id.state", string="AI Text State")
    ai_text_version = fields.Integer(related="ai_description_id.version", string="Version")
    ai_text_writer = fields.Selection(related="ai_description_id.writer", string="Written by")
    ai_job_id = fields.Many2one(
        "ai.job",
        "AI Job",
        compute="_compute_ai_job_id",
        groups="ai_system.ai_system_group_user",
    )
    ai_job_state = fields.Selection(related="ai_job_id.state", string="AI Job State")
    ai_job_error = fields.Text(related="ai_job_id.error_display", string="AI Job Error")

    @api.depends("ai_description_ids.version", "ai_description_ids.state")
    @api.depends_context("company", "lang")
    def _compute_ai_description_id(self):
        texts = self._ai_current_texts(self.env.company, self.env.lang)
        for product in self:
            product.ai_description_id = texts.get(product.id)

    @api.depends_context("company")
    def _compute_ai_job_id(self):
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
            product.ai_job_id = newest.get(product.id)

    def action_generate_description(self):
        """Ask the AI service for a text in the user's language; the answer shows in the form."""
        self.ensure_one()
        # Sudo: asking for a text is what this group may do; jobs are not written by hand.
        self.env["ai.job"].check_access("read")
        tenant = self.env["ai.tenant"]._for_company(self.env.company)
        if not tenant:
            raise UserError(
                self.env._(
                    "%(company)s has no AI tenant yet. An AI manager can create one in "
                    "AI System ▸ Tenants.",
                    company=self.env.company.name,
                )
            )
        tenant._check_connected()
        if self.company_id and self.company_id != tenant.company_id:
            raise UserError(
                self.env._("This product belongs to another company; switch companies first.")
            )
        params = {"product_id": self.id, "language": self.env.lang or tenant.language}
        self.env["ai.job"]._enqueue(tenant, "generate_description", params, record=self)
        return True

    def action_retry_ai_job(self):
        """Try the failed or waiting job again."""
        return self.ai_job_id.action_retry()

    def action_approve_ai_description(self):
        """Verify the text that is shown."""
        return self.ai_description_id.action_approve()

    def action_reject_ai_description(self):
        """Reject the text that is shown."""
        return self.ai_description_id.action_reject()

    def _ai_current_texts(self, company, language):
        """Return {product id: the version to show}: the newest that was not rejected."""
        domain = [
            ("product_tmpl_id", "in", self.ids),
            ("company_id", "=", company.id),
            ("language", "=", language or "en_US"),
            ("state", "!=", "rejected"),
        ]
        texts = self.env["product.ai.description"].search(domain, order="version")
        return {text.product_tmpl_id.id: text for text in texts}

    def _ai_texts(self, tenant):
        texts = super()._ai_texts(tenant)
        # Sudo: the integration user reads the texts of its own tenant through its facts only.
        # Only what a person verified is told to customers.
        approved = self.env["product.ai.description"].sudo().search(
            [
                ("product_tmpl_id", "in", self.ids),
                ("company_id", "=", tenant.company_id.id),
                ("language", "=", self.env.lang or tenant.language),
                ("state", "=", "approved"),
            ],
            order="version",
        )
        for text in approved:
            parts = [text.short_description, self._ai_plain(text.description)]
            texts[text.product_tmpl_id.id] = "\n".join(filter(None, parts))
        return texts
