from datetime import datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class AiTextRule(models.Model):
    """When a product is created without a text, one is written; off unless a manager wants it.

    The cron looks for new products, so that creating or importing them takes no longer.
    """

    _name = "ai.text.rule"
    _description = "Rule for Texts of New Products"

    name = fields.Char(
        required=True, translate=True, default=lambda self: self.env._("Texts for new products")
    )
    active = fields.Boolean("Switched On", default=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users", "In the Name of", required=True, default=lambda self: self.env.user
    )
    category_ids = fields.Many2many(
        "product.category", string="Categories", help="With those below them; none: all."
    )
    language_ids = fields.Many2many(
        "res.lang",
        string="Languages",
        default=lambda self: self.env["ai.product.run"]._default_languages(),
    )
    daily_cap = fields.Integer(
        "Texts a Day at Most",
        required=True,
        default=50,
        help="What is beyond it has its turn on the next days.",
    )
    since = fields.Datetime(
        "New Since", readonly=True, help="Products that were there before are left alone."
    )
    written_today = fields.Integer("Texts Today", compute="_compute_written_today")

    _company_unique = models.Constraint("UNIQUE(company_id)", "A company has one such rule.")

    @api.constrains("daily_cap")
    def _check_daily_cap(self):
        if any(not 0 < rule.daily_cap <= 10_000 for rule in self):
            raise ValidationError(self.env._("Choose 1 to 10,000 texts a day."))

    def _compute_written_today(self):
        for rule in self:
            rule.written_today = rule._count_today()

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.filtered("active").since = fields.Datetime.now()
        return rules

    def write(self, vals):
        if vals.get("active"):
            self.filtered(lambda rule: not rule.active).since = fields.Datetime.now()
        return super().write(vals)

    @api.model
    def action_open(self):
        """Open the rule of the current company; it is made, switched off, when there is none."""
        self.check_access("create")
        rule = self.with_context(active_test=False).search(
            [("company_id", "=", self.env.company.id)]
        ) or self.create({})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Texts for New Products"),
            "res_model": self._name,
            "res_id": rule.id,
            "views": [(False, "form")],
        }

    @api.model
    def _cron_start(self):
        """Start a run for each rule that is on and has new products without a text."""
        for rule in self.search([("active", "=", True)]):
            rule._start_run()

    def _start_run(self):
        """Queue texts for the new products, within what is left for today; return the run."""
        self.ensure_one()
        runs = self.env["ai.product.run"].with_company(self.company_id)
        tenant = self.env["ai.tenant"]._for_company(self.company_id)
        left = (self.daily_cap - self._count_today()) // max(len(self.language_ids), 1)
        if left <= 0 or not self.language_ids or tenant._search_obstacle():
            return runs
        products = self._new_products(tenant, left)
        if not products:
            return runs
        run = runs.create(
            {
                "kind": "generate",
                "company_id": self.company_id.id,
                "user_id": self.user_id.id,
                "rule_id": self.id,
                "product_ids": products.ids,
                "language_ids": [fields.Command.set(self.language_ids.ids)],
            }
        )
        run.action_start()
        return run

    def _new_products(self, tenant, limit):
        """Return new products of the tenant without any text, and not of an earlier run."""
        products = self.env["product.template"].with_company(self.company_id)
        domain = self.env["ai.facade"]._product_domain(tenant) & Domain(
            [
                ("sale_ok", "=", True),
                ("create_date", ">=", self.since),
                ("ai_description_ids", "not any", [("company_id", "=", self.company_id.id)]),
                ("ai_run_line_ids", "not any", [("run_id.rule_id", "=", self.id)]),
            ]
        )
        if self.category_ids:
            domain &= Domain("categ_id", "child_of", self.category_ids.ids)
        # What a person wrote by hand is a text too; en_US is what other languages fall back to.
        source = products.with_context(lang=tenant.language)
        written = Domain("description_sale", "in", (False, ""))
        return source.search(domain & written, order="id", limit=limit)

    def _count_today(self):
        """Return how many texts this rule asked for since midnight by the tenant's clock."""
        self.ensure_one()
        zone = ZoneInfo(self.env["ai.tenant"]._for_company(self.company_id).timezone or "UTC")
        midnight = datetime.combine(datetime.now(zone).date(), time(), zone)
        start = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        return self.env["ai.product.run.line"].search_count(
            [("run_id.rule_id", "=", self.id), ("run_id.started_on", ">=", start)]
        )
