import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import get_lang

from odoo.addons.base.models.res_partner import _tz_get

from .ai_crew import CREWS, ENABLED_AT_FIRST
from .ai_job import ACTIVE_STATES, UNSEEN

QUIET = timedelta(seconds=30)  # a person who is still typing is not pushed
ACCOUNT_ID = re.compile(r"[a-z][a-z0-9_]{0,62}")

STATES = [
    ("not_connected", "Not connected"),
    ("connecting", "Connecting"),
    ("connected", "Connected"),
    ("error", "Error"),
]
SYNC_STATES = [
    ("not_synced", "Not synced"),
    ("to_sync", "To sync"),
    ("synced", "Synced"),
    ("error", "Error"),
]
BUSINESS_AREAS = [
    ("retail", "Retail"),
    ("ecommerce", "E-commerce"),
    ("healthcare", "Healthcare"),
    ("education", "Education"),
    ("manufacturing", "Manufacturing"),
    ("services", "Services"),
    ("restaurant", "Restaurant"),
    ("financial", "Financial"),
    ("technology", "Technology"),
    ("hospitality", "Hospitality"),
    ("real_estate", "Real Estate"),
    ("furniture", "Furniture"),
    ("cosmetics", "Cosmetics"),
    ("other", "Other"),
]

# What the sidecar is told about; a change of one of them has to be synchronized.
DOCUMENT_FIELDS = frozenset(
    {
        "name",
        "business_area",
        "language",
        "timezone",
        "include_shared_records",
        "availability",
        "client_name",
    }
)


class AiTenant(models.Model):
    _name = "ai.tenant"
    _description = "AI Tenant"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    client_name = fields.Char(
        tracking=True, help="The customer's legal name, where it differs from the tenant's name."
    )
    active = fields.Boolean(default=True)
    account_id = fields.Char(
        "Account ID",
        required=True,
        copy=False,
        default=lambda self: self._default_account_id(),
        help="Name of this account in the AI service, such as account_1. Lower-case letters, "
        "digits and underscores; it cannot change once the account is connected.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, copy=False, default=lambda self: self.env.company
    )
    business_area = fields.Selection(BUSINESS_AREAS, required=True, default="retail", tracking=True)
    language = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        required=True,
        default=lambda self: self.env.lang or "en_US",
        help="Language of the descriptions and of the answers to customers.",
    )
    timezone = fields.Selection(
        _tz_get, "Time Zone", required=True, default=lambda self: self.env.user.tz or "UTC"
    )
    availability = fields.Selection(
        [("in_stock", "What can be had now"), ("any", "Everything for sale")],
        "Products Offered",
        required=True,
        default="in_stock",
        tracking=True,
        help="Services, and goods whose stock is not tracked, can always be had.",
    )
    include_shared_records = fields.Boolean(
        tracking=True,
        help="Products without a company belong to every company of this database. Switch this "
        "on only when the AI of this account may show them to its customers.",
    )
    sidecar_url = fields.Char("AI Service", readonly=True, copy=False, tracking=True)
    state = fields.Selection(
        STATES, required=True, default="not_connected", readonly=True, copy=False, tracking=True
    )
    sync_state = fields.Selection(
        SYNC_STATES, required=True, default="not_synced", readonly=True, copy=False
    )
    last_sync = fields.Datetime(readonly=True, copy=False)
    error_text = fields.Text(readonly=True, copy=False)
    config_version = fields.Integer(default=1, readonly=True, copy=False)
    changed_on = fields.Datetime(
        readonly=True, copy=False, help="When something changed that the AI service has to know."
    )
    pushed_document = fields.Json(
        readonly=True,
        copy=False,
        groups="ai_system.ai_system_group_manager",
        help="The settings as the AI service took them last.",
    )
    channel_ids = fields.One2many("ai.channel", "tenant_id", "Channels")
    crew_ids = fields.One2many("ai.crew", "tenant_id", "Crews")
    job_ids = fields.One2many("ai.job", "tenant_id", "Jobs")
    active_job_count = fields.Integer(compute="_compute_job_counts")
    failed_job_count = fields.Integer(compute="_compute_job_counts")
    secrets_are_clear_text = fields.Boolean(compute="_compute_secrets_are_clear_text")

    _account_id_unique = models.Constraint(
        "UNIQUE(account_id)", "Another tenant already uses this account ID."
    )
    _company_unique = models.Constraint(
        "UNIQUE(company_id)", "This company already has a tenant: a tenant is exactly one company."
    )

    @api.model
    def _default_account_id(self):
        # Sudo: the numbers of other companies' tenants are taken too.
        domain = [("account_id", "=like", "account%")]
        tenants = self.sudo().with_context(active_test=False).search(domain)
        taken = set(tenants.mapped("account_id"))
        number = 1
        while f"account_{number}" in taken:
            number += 1
        return f"account_{number}"

    @api.constrains("account_id")
    def _check_account_id(self):
        for tenant in self:
            if not ACCOUNT_ID.fullmatch(tenant.account_id or ""):
                raise ValidationError(
                    self.env._(
                        "The account ID has to start with a lower-case letter and may hold "
                        "lower-case letters, digits and underscores only, for example account_1."
                    )
                )

    @api.depends("job_ids.state")
    def _compute_job_counts(self):
        counts = {
            (tenant.id, state): count
            for tenant, state, count in self.env["ai.job"]._read_group(
                [
                    ("tenant_id", "in", self.ids),
                    ("state", "in", (*ACTIVE_STATES, "failed")),
                    ("action", "not in", UNSEEN),
                ],
                ["tenant_id", "state"],
                ["__count"],
            )
        }
        for tenant in self:
            tenant.active_job_count = sum(counts.get((tenant.id, s), 0) for s in ACTIVE_STATES)
            tenant.failed_job_count = counts.get((tenant.id, "failed"), 0)

    @api.model_create_multi
    def create(self, vals_list):
        tenants = super().create([self._tidied(vals) for vals in vals_list])
        tenants._add_missing_crews()
        if any(tenants.mapped("include_shared_records")):
            self._forget_rule_domains()
        return tenants

    def write(self, vals):
        vals = self._tidied(vals)
        if {"account_id", "company_id"} & vals.keys():
            self._check_identity_stays(vals)
        result = super().write(vals)
        if self._document_fields() & vals.keys():
            self._mark_to_sync()
        if "include_shared_records" in vals:
            self._forget_rule_domains()
        return result

    def unlink(self):
        for tenant in self:
            tenant._forget_secrets()
            # Sudo: managers of the AI system do not manage users.
            tenant.sudo().integration_user_id.active = False
        return super().unlink()

    def _check_identity_stays(self, vals):
        for tenant in self.filtered(lambda t: t.state != "not_connected"):
            account_id = vals.get("account_id", tenant.account_id)
            company_id = vals.get("company_id", tenant.company_id.id)
            if (account_id, company_id) != (tenant.account_id, tenant.company_id.id):
                raise ValidationError(
                    self.env._(
                        "The account ID and the company of a connected tenant cannot change: "
                        "everything the AI service keeps is filed under them."
                    )
                )

    @api.model
    def _document_fields(self):
        """Return the names of the fields that the tenant document is made of."""
        return DOCUMENT_FIELDS

    @api.model
    def _tidied(self, vals):
        """Return `vals` as they are kept: without stray blanks and slashes."""
        return vals

    @api.model
    def _mail_track(self, tracked_fields, initial_values):
        """Tell what nobody in particular changed (crons, the AI service) in the tenant's words."""
        if self.env.context.get("lang"):
            return super()._mail_track(tracked_fields, initial_values)
        here = self.with_context(lang=get_lang(self.env, self.language).code)
        attributes = ("string", "type", "selection", "currency_field")
        told = here.fields_get(list(tracked_fields), attributes=attributes)
        return super(AiTenant, here)._mail_track(told, initial_values)

    def _forget_rule_domains(self):
        # The record rules of the integration user are cached with the flag's old value.
        self.env.registry.clear_cache()

    def action_view_jobs(self):
        """Open the tenant's jobs, the unfinished and failed ones first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("ai_system.ai_job_action")
        return {
            **action,
            "domain": [("tenant_id", "=", self.id), ("action", "not in", UNSEEN)],
            "context": {"search_default_unfinished": 1},
        }

    def action_view_configuration(self):
        """Show the files that a synchronization pushes, and what it would change."""
        self.ensure_one()
        return self.env["ai.tenant.configuration"]._open(self)

    def action_synchronize(self):
        """Queue the tenant's document and secrets for the sidecar."""
        self.check_access("write")
        for tenant in self:
            tenant._check_connected()
            tenant._queue_sync_config()
        return True

    def _queue_sync_config(self):
        """Enqueue `sync_config` of this tenant as it stands when the job is sent."""
        self.ensure_one()
        if self.sync_state != "to_sync":
            self.sync_state = "to_sync"
        return self.env["ai.job"]._enqueue(self, "sync_config", {}, record=self)

    def _mark_to_sync(self):
        """Note that the sidecar's copy of these tenants is out of date."""
        for tenant in self:
            tenant.config_version += 1
            tenant.changed_on = fields.Datetime.now()
            if tenant.sync_state != "not_synced":
                tenant.sync_state = "to_sync"

    @api.model
    def _cron_sync(self):
        """Push the tenants that changed and have been left alone for a while."""
        tenants = self.search(
            [
                ("state", "=", "connected"),
                ("sync_state", "=", "to_sync"),
                ("changed_on", "<=", fields.Datetime.now() - QUIET),
            ]
        )
        for tenant in tenants:
            tenant._queue_sync_config()

    def _add_missing_crews(self):
        """Give these tenants the crews that they do not have yet."""
        # Sudo: the crews are fixed, so that nobody needs the right to make some.
        self.env["ai.crew"].sudo().create(
            [
                {"tenant_id": tenant.id, "key": key, "enabled": key in ENABLED_AT_FIRST}
                for tenant in self
                for key, _label in CREWS
                if key not in tenant.crew_ids.mapped("key")
            ]
        )

    def _crew_is_enabled(self, key):
        """True when the tenant lets the crew `key` work."""
        self.ensure_one()
        # Sudo: the crews are the managers'; whether one works is no secret.
        return any(crew.enabled for crew in self.sudo().crew_ids if crew.key == key)

    @api.model
    def _for_company(self, company):
        """Return the tenant of `company` (empty when it has none), readable by any caller."""
        # Sudo: people without rights on tenants still generate texts for their company.
        return self.sudo().search([("company_id", "=", company.id)], limit=1)

    def _apply_sync_config(self, version, document=None):
        """Note that the sidecar holds `version` of the document."""
        self.ensure_one()
        self.write(
            {
                "last_sync": fields.Datetime.now(),
                "error_text": False,
                "sync_state": "synced" if version == self.config_version else "to_sync",
                "pushed_document": document,
            }
        )
