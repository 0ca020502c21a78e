from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.ai_system.models.ai_job import STATES as JOB_STATES

from .product_ai_description import CONTENT, STATES, WRITERS

GROUP = "ai_system.ai_system_group_user"
SHOWN = sorted(CONTENT)
JOB_FIELDS = ("ai_job_id", "ai_job_state", "ai_job_error")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    ai_description_ids = fields.One2many(
        "product.ai.description", "product_tmpl_id", "AI Descriptions", groups=GROUP
    )
    # Shown by company: what the tenant of the current company has.
    ai_description_id = fields.Many2one(
        "product.ai.description",
        "Shown AI Description",
        compute="_compute_ai_description",
        groups=GROUP,
    )
    # Computed, not related: what depends on a computed link cannot be found again by Odoo when the
    # link's target changes.
    ai_short_description = fields.Text(
        "AI Summary", compute="_compute_ai_description", groups=GROUP
    )
    ai_description_html = fields.Html(
        "AI Description", compute="_compute_ai_description", groups=GROUP
    )
    ai_key_features = fields.Text(
        "AI Key Features", compute="_compute_ai_description", groups=GROUP
    )
    ai_use_cases = fields.Text("AI Use Cases", compute="_compute_ai_description", groups=GROUP)
    ai_tags = fields.Text("AI Tags", compute="_compute_ai_description", groups=GROUP)
    ai_writer = fields.Selection(
        WRITERS, "Written by", compute="_compute_ai_description", groups=GROUP
    )
    ai_description_state = fields.Selection(
        STATES, "AI Description Status", compute="_compute_ai_description", groups=GROUP
    )
    ai_job_id = fields.Many2one("ai.job", "AI Job", compute="_compute_ai_job", groups=GROUP)
    ai_job_state = fields.Selection(
        JOB_STATES, "AI Job Status", compute="_compute_ai_job", groups=GROUP
    )
    ai_job_error = fields.Text("AI Job Error", compute="_compute_ai_job", groups=GROUP)
    ai_unavailable_reason = fields.Char(
        "AI Obstacle", compute="_compute_ai_unavailable_reason", groups=GROUP
    )

    @api.depends(*(f"ai_description_ids.{name}" for name in ("state", "version", *SHOWN)))
    @api.depends_context("company")
    def _compute_ai_description(self):
        texts = self._ai_descriptions(self._ai_company_tenant())
        # People look at the newest text, even while customers still hear the approved one.
        newest = {text.product_tmpl_id.id: text for text in texts.sorted("version")}
        for product in self:
            text = newest.get(product._origin.id, texts.browse())
            product.ai_description_id = text
            product.ai_short_description = text.short_description
            product.ai_description_html = text.description
            product.ai_key_features = text.key_features
            product.ai_use_cases = text.use_cases
            product.ai_tags = text.tags
            product.ai_writer = text.writer
            product.ai_description_state = text.state

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
            product.ai_job_error = job.error_display

    @api.depends("company_id")
    @api.depends_context("company", "lang")
    def _compute_ai_unavailable_reason(self):
        tenant = self._ai_company_tenant()
        for product in self:
            product.ai_unavailable_reason = product._ai_obstacle(tenant)

    def action_generate_description(self):
        """Queue a description for each of these products; nothing is written before it arrives.

        Raises UserError, with what to do, where the company's tenant cannot do it.
        """
        # Who may see jobs may ask for them; employees outside the AI groups may not.
        self.env["ai.job"].check_access("read")
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
        self.invalidate_recordset(JOB_FIELDS)
        return True

    def action_retry_ai_job(self):
        """Run the failed (or waiting) job of this product again."""
        self.ensure_one()
        self.ai_job_id.action_retry()
        self.invalidate_recordset(JOB_FIELDS)
        return True

    def action_approve_ai_description(self):
        """Approve the version that is shown."""
        self.ensure_one()
        return self.ai_description_id.action_approve()

    def action_reject_ai_description(self):
        """Put the version that is shown aside; the one before it comes back."""
        self.ensure_one()
        return self.ai_description_id.action_reject()

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

    def _ai_descriptions(self, tenant):
        """Return the versions of these products that `tenant` shows or uses, in its language."""
        return self.env["product.ai.description"].search(
            [
                ("product_tmpl_id", "in", self.ids),
                ("company_id", "=", tenant.company_id.id),
                ("language", "=", tenant.language),
                ("state", "in", ("draft", "approved")),
            ]
        )

    def _ai_texts(self, tenant):
        """Add the approved description of each product: nobody hears what nobody approved."""
        texts = super()._ai_texts(tenant)
        approved = self._ai_descriptions(tenant).filtered(lambda text: text.state == "approved")
        return {**texts, **{text.product_tmpl_id.id: text._plain_text() for text in approved}}
