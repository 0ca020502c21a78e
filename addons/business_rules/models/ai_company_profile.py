from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError

from .ai_job import KINDS

TONES = [
    ("friendly", "Friendly"),
    ("polite", "Polite"),
    ("professional", "Professional"),
    ("technical", "Technical"),
]
VOICES = [
    ("welcoming", "Welcoming"),
    ("energetic", "Energetic"),
    ("calm", "Calm"),
    ("objective", "Objective"),
]
FORMALITIES = [("informal", "Informal"), ("moderate", "Moderate"), ("formal", "Formal")]
EMOJIS = [
    ("none", "None"),
    ("minimal", "Minimal"),
    ("moderate", "Moderate"),
    ("frequent", "Frequent"),
]
TOLD = frozenset(
    [
        "name",
        "description",
        "brand_values",
        "business_area",
        "address",
        "tell_address",
        "website",
        "mention_website",
        "facebook",
        "mention_facebook",
        "instagram",
        "mention_instagram",
        "greeting",
        "farewell",
        "ask_rating",
        "rating_request",
        "tone",
        "voice",
        "formality",
        "emoji",
        "announce_promotions",
        "suggest_promotions",
        "serves_sales",
        "serves_scheduling",
        "serves_delivery",
        "serves_support",
    ]
)
CHILDREN = ("rule_ids", "scheduling_ids", "document_ids")


class AiCompanyProfile(models.Model):
    _name = "ai.company.profile"
    _description = "Company Profile for the AI"
    _inherit = ["mail.thread", "ai.synced"]
    _order = "name, id"

    _synced_kind = "profile"
    _synced_fields = TOLD

    tenant_id = fields.Many2one("ai.tenant", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    timezone = fields.Selection(related="tenant_id.timezone", string="Time Zone")
    language = fields.Selection(related="tenant_id.language")
    business_area = fields.Selection(related="tenant_id.business_area", readonly=False)

    name = fields.Char("Company Name", required=True, tracking=True)
    description = fields.Text(
        tracking=True, help="What the company is and does, as you would tell a customer."
    )
    brand_values = fields.Text("Values", tracking=True)
    # Not the integration user's to read: the façade gives it only where it may be told.
    address = fields.Text(tracking=True, groups="ai_system.ai_system_group_user")
    tell_address = fields.Boolean("The AI May Tell It", tracking=True)
    website = fields.Char(tracking=True)
    mention_website = fields.Boolean("Mention the Website when Closing")
    facebook = fields.Char(tracking=True)
    mention_facebook = fields.Boolean("Mention Facebook when Closing")
    instagram = fields.Char(tracking=True)
    mention_instagram = fields.Boolean("Mention Instagram when Closing")

    greeting = fields.Text(tracking=True)
    farewell = fields.Text(tracking=True)
    ask_rating = fields.Boolean("Ask for a Rating", tracking=True)
    rating_request = fields.Text(tracking=True)
    tone = fields.Selection(TONES, required=True, default="friendly", tracking=True)
    voice = fields.Selection(VOICES, required=True, default="welcoming", tracking=True)
    formality = fields.Selection(FORMALITIES, required=True, default="moderate", tracking=True)
    emoji = fields.Selection(EMOJIS, "Emojis", required=True, default="minimal", tracking=True)
    announce_promotions = fields.Boolean("Announce Promotions at the Start")
    suggest_promotions = fields.Boolean("Suggest Promotions when Selling", default=True)
    serves_sales = fields.Boolean("Sales", default=True, tracking=True)
    serves_scheduling = fields.Boolean("Scheduling", tracking=True)
    serves_delivery = fields.Boolean("Delivery", tracking=True)
    serves_support = fields.Boolean("Support", default=True, tracking=True)
    notice_days = fields.Integer(
        "Expiry Notice (days)",
        default=3,
        help="That many days before a temporary rule ends, the administrators get an activity.",
    )

    rule_ids = fields.One2many("ai.business.rule", "profile_id", "Rules")
    permanent_rule_ids = fields.One2many(
        "ai.business.rule", "profile_id", domain=[("validity", "=", "permanent")]
    )
    temporary_rule_ids = fields.One2many(
        "ai.business.rule", "profile_id", domain=[("validity", "=", "temporary")]
    )
    scheduling_ids = fields.One2many("ai.scheduling.rule", "profile_id", "Scheduling Rules")
    document_ids = fields.One2many("ai.support.document", "profile_id", "Support Documents")
    in_force_count = fields.Integer(compute="_compute_counts")
    ending_count = fields.Integer(compute="_compute_counts")
    conflict_count = fields.Integer(compute="_compute_counts")

    _tenant_unique = models.Constraint(
        "UNIQUE(tenant_id)", "This company already has a profile: a company has exactly one."
    )

    @api.depends(
        "rule_ids.stage", "rule_ids.starts_at", "rule_ids.ends_at", "rule_ids.conflict_text"
    )
    def _compute_counts(self):
        rules = self.env["ai.business.rule"]
        for profile in self:
            mine = [("profile_id", "in", profile.ids)]
            profile.in_force_count = rules.search_count([*mine, ("state", "=", "active")])
            profile.ending_count = rules.search_count([*mine, ("ends_soon", "=", True)])
            profile.conflict_count = rules.search_count([*mine, ("has_conflict", "=", True)])

    def unlink(self):
        # One by one, so that the AI service forgets them too.
        for name in CHILDREN:
            self.with_context(active_test=False)[name].unlink()
        return super().unlink()

    @api.model
    def action_open(self):
        """Open the profile of the company; of several companies a list to choose from."""
        companies = self.env.companies
        profiles = self._ensure(companies)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "business_rules.ai_company_profile_action"
        )
        if len(profiles) == 1:
            return {**action, "views": [(False, "form")], "res_id": profiles.id}
        if profiles:
            return {**action, "domain": [("id", "in", profiles.ids)]}
        message = self.env._(
            "%(company)s has no AI tenant yet. Create one first: it says which company the rules "
            "are for.",
            company=self.env.company.name,
        )
        if not self.env.user.has_group("ai_system.ai_system_group_manager"):
            raise UserError(message)
        tenants = self.env.ref("ai_system.ai_tenant_action")
        raise RedirectWarning(message, tenants.id, self.env._("Open Tenants"))

    def action_view_in_force(self):
        """Open the rules that hold at this moment."""
        return self._open_rules({"search_default_in_force": 1})

    def action_view_ending(self):
        """Open the rules that end soon."""
        return self._open_rules({"search_default_ends_soon": 1})

    def action_view_conflicts(self):
        """Open the rules that contradict each other."""
        return self._open_rules({"search_default_conflicts": 1})

    def action_use_template(self):
        """Open the wizard that adds ready-made rules as drafts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "business_rules.ai_rule_template_wizard_action"
        )
        return {**action, "context": {"default_profile_id": self.id}}

    def action_synchronize_all(self):
        """Have the AI service compare everything with its copy."""
        self.check_access("write")
        for profile in self:
            profile.tenant_id._check_connected()
            for records in profile._all_synced():
                known = records.filtered(lambda record: record.sync_state != "not_synced")
                known._set_sync({"sync_state": "to_sync"})
            profile.tenant_id._queue_all_rules()
        return True

    def _open_rules(self, context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "business_rules.ai_business_rule_action_active"
        )
        return {
            **action,
            "domain": [("profile_id", "=", self.id)],
            "context": {**context, "default_profile_id": self.id},
        }

    @api.model
    def _ensure(self, companies):
        """Return the profiles of `companies`, made where a company has a tenant but none yet."""
        tenants = self.env["ai.tenant"].search([("company_id", "in", companies.ids)])
        profiles = self.with_context(active_test=False).search([("tenant_id", "in", tenants.ids)])
        missing = tenants - profiles.tenant_id
        # Sudo: an empty profile says nothing yet; without one there is no page to open.
        made = self.sudo().create([self._first_values(tenant) for tenant in missing])
        return profiles | self.browse(made.ids)

    @api.model
    def _first_values(self, tenant):
        """Return what is known of a company before anybody wrote its profile."""
        company = tenant.company_id.sudo()
        partner = company.partner_id.with_context(lang=tenant.language)
        lines = partner._display_address(without_company=True).split("\n")
        return {
            "tenant_id": tenant.id,
            "name": company.name,
            "website": company.website or False,
            "address": "\n".join(line for line in lines if line.strip()) or False,
        }

    @api.model
    def _of_company(self, company):
        """Return the profile of `company`; empty when it has none."""
        return self.search([("company_id", "=", company.id)], limit=1)

    def _sync_profile(self):
        return self

    def _all_synced(self):
        """Return, kind by kind, what the AI service may hold or should hold of these profiles."""
        found = []
        for model in KINDS.values():
            records = self.env[model].with_context(active_test=False)
            key = "id" if model == self._name else "profile_id"
            mine = records.search([(key, "in", self.ids)])
            found.append(mine.filtered(lambda r: r.sync_state != "not_synced") | mine._told())
        return found

    def _changed_ids(self):
        """Return {kind: ids} of what the AI service's copy lacks, or has in an older version."""
        changed = {}
        for kind, model in KINDS.items():
            records = self.env[model].with_context(active_test=False)
            key = "id" if model == self._name else "profile_id"
            domain = [(key, "in", self.ids), *records._unsynced_domain()]
            changed[kind] = records.search(domain, order="id").ids
        return changed

    @api.model
    def _cron_repair_sync(self):
        """Queue what a lost job left behind. Everything else is queued when it changes."""
        active = ("pending", "sent")
        for profile in self.search([("tenant_id.state", "=", "connected")]):
            for records in profile._all_synced():
                lost = records.filtered(
                    lambda r: r.sync_state == "syncing" and r.sync_job_id.state not in active
                )
                lost._set_sync({"sync_state": "to_sync"})
            waiting = self.env["ai.job"].search_count(
                [
                    ("tenant_id", "=", profile.tenant_id.id),
                    ("action", "=", "sync_rules"),
                    ("state", "in", active),
                ],
                limit=1,
            )
            # What failed for a reason that a person has to mend is not repeated for ever.
            failed = profile._failed_ids()
            changed = profile._changed_ids()
            if not waiting and any(set(ids) - failed[kind] for kind, ids in changed.items()):
                self.env["ai.job"]._queue_rules_sync(profile)

    def _failed_ids(self):
        return {
            self.env[model]._synced_kind: set(
                records.filtered(lambda record: record.sync_state == "error").ids
            )
            for model, records in zip(KINDS.values(), self._all_synced(), strict=True)
        }
