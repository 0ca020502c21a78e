from odoo import api, fields, models
from odoo.exceptions import UserError

GROUP = "ai_system.ai_system_group_user"


class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_description_ids = fields.One2many(
        "product.ai.description", "product_tmpl_id", "AI Descriptions", groups=GROUP
    )
    # Shown by company: what the tenant of the current company has.
    ai_description_id = fields.Many2one(
        "product.ai.description", compute="_compute_ai_description", groups=GROUP
    )
    ai_short_description = fields.Text(related="ai_description_id.short_description", groups=GROUP)
    ai_description_html = fields.Html(
        related="ai_description_id.description", string="AI Description", groups=GROUP
    )
    ai_key_features = fields.Text(related="ai_description_id.key_features", groups=GROUP)
    ai_use_cases = fields.Text(related="ai_description_id.use_cases", groups=GROUP)
    ai_tags = fields.Text(related="ai_description_id.tags", string="AI Tags", groups=GROUP)
    ai_writer = fields.Selection(
        related="ai_description_id.writer", string="Written by", groups=GROUP
    )
    ai_description_state = fields.Selection(
        related="ai_description_id.state", string="AI Description Status", groups=GROUP
    )
    ai_job_id = fields.Many2one("ai.job", compute="_compute_ai_job", groups=GROUP)
    ai_job_state = fields.Selection(related="ai_job_id.state", string="AI Job Status", groups=GROUP)
    ai_job_error = fields.Text(
        related="ai_job_id.error_display", string="AI Job Error", related_sudo=False, groups=GROUP
    )
    ai_unavailable_reason = fields.Char(compute="_compute_ai_unavailable_reason", groups=GROUP)

    @api.depends("ai_description_ids.state", "ai_description_ids.version")
    @api.depends_context("company")
    def _compute_ai_description(self):
        best = self._ai_best_descriptions(self._ai_company_tenant())
        for product in self:
            product.ai_description_id = best.get(product._origin.id)

    @api.depends_context("company")
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
            product.ai_job_id = newest.get(product._origin.id)

    @api.depends("company_id")
    @api.depends_context("company", "lang")
    def _compute_ai_unavailable_reason(self):
        tenant = self._ai_company_tenant()
        for product in self:
            product.ai_unavailable_reason = product._ai_obstacle(tenant)

    def action_generate_ai_description(self):
        """Queue a description for each of these products; nothing is written before it arrives.

        Raises UserError, with what to do, where the company's tenant cannot do it.
        """
        tenant = self._ai_company_tenant()
        for product in self:
            if obstacle := product._ai_obstacle(tenant):
                raise UserError(obstacle)
            product.check_access("read")
            self.env["ai.job"]._enqueue(
                tenant,
                "generate_description",
                {"product_id": product.id, "language": tenant.language},
                record=product,
            )
        return True

    def action_retry_ai_job(self):
        """Run the failed (or waiting) job of this product again."""
        self.ensure_one()
        return self.ai_job_id.action_retry()

    def action_approve_ai_description(self):
        """Approve the version that is shown."""
        self.ensure_one()
        return self.ai_description_id.action_approve()

    def action_edit_ai_description(self):
        """Open the version that is shown in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("AI Description"),
            "res_model": "product.ai.description",
            "res_id": self.ai_description_id.id,
            "views": [(False, "form")],
            "target": "new",
        }

    @api.model
    def _ai_company_tenant(self):
        return self.env["ai.tenant"]._for_company(self.env.company)

    def _ai_obstacle(self, tenant):
        """Return why no text can be asked for this product now, or False."""
        self.ensure_one()
        company = self.env.company.name
        if not tenant:
            return self.env._(
                "%(company)s has no AI tenant yet. An AI manager can create one in AI System ▸ "
                "Tenants.",
                company=company,
            )
        if tenant.state != "connected":
            return self.env._(
                "“%(tenant)s” is not connected to the AI service. An AI manager can connect it in "
                "AI System ▸ Tenants.",
                tenant=tenant.name,
            )
        if not tenant.product_management_enabled:
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

    def _ai_best_descriptions(self, tenant):
        """Return {product id: its approved description, else its newest draft} of `tenant`."""
        texts = self.env["product.ai.description"].search(
            [
                ("product_tmpl_id", "in", self.ids),
                ("company_id", "=", tenant.company_id.id),
                ("language", "=", tenant.language),
                ("state", "in", ("draft", "approved")),
            ]
        )
        # The last one wins: drafts by version, then the approved one.
        ordered = texts.sorted(lambda text: (text.state == "approved", text.version))
        return {text.product_tmpl_id.id: text for text in ordered}

    def _ai_texts(self, tenant):
        texts = super()._ai_texts(tenant)
        best = self._ai_best_descriptions(tenant)
        return {**texts, **{key: text._plain_text() for key, text in best.items()}}
