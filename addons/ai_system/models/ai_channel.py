import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ai_crew import CREWS
from .ai_job import STATES as JOB_STATES
from .ai_secret_owner import MANAGERS

MODES = [("answer", "Answer customers"), ("draft", "Draft for a person to send")]
SIGNATURES = [("required", "Required"), ("none", "None")]
E164 = re.compile(r"\+[1-9]\d{6,14}")


class AiChannel(models.Model):
    _name = "ai.channel"
    _description = "AI Channel Mapping"
    _inherit = ["ai.secret.owner"]
    _order = "tenant_id, sequence, id"

    _secret_fields = ("bot_token", "reading_token")

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="Of several mappings that take every inbox, the one with the lowest number answers.",
    )
    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    url = fields.Char("Chatwoot URL", required=True, help="For example https://chat.example.com")
    chatwoot_account_id = fields.Integer(required=True, default=1)
    inbox_id = fields.Integer(
        help="Number of the inbox in Chatwoot. Empty: every inbox of the account that no other "
        "mapping names.",
    )
    crew = fields.Selection(CREWS, required=True, default="customer_service")
    mode = fields.Selection(MODES, "Mode of This Channel", help="Empty: the mode of the tenant.")
    owner_phones = fields.Text(
        "Owner's Phone Numbers",
        help="With country code, one per line, for example +5511999990000. What these people "
        "write by WhatsApp or SMS goes to the crew below.",
    )
    owner_crew = fields.Selection(CREWS, "Owner's Crew", required=True, default="analytics")
    signature = fields.Selection(
        SIGNATURES,
        required=True,
        default="required",
        help="Chatwoot signs its webhooks with the webhook secret. Without a signature whoever "
        "learns the webhook address can write in the name of your customers.",
    )
    hook_ids = fields.One2many("ai.channel.hook", "channel_id", "Webhooks", copy=False)
    chatwoot_bot_id = fields.Integer(
        "Agent Bot Number", readonly=True, copy=False, help="Number of the agent bot in Chatwoot."
    )
    bot_token = fields.Char(
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("bot_token"),
        groups=MANAGERS,
        help="Access token of the agent bot; answers are posted with it.",
    )
    reading_token = fields.Char(
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("reading_token"),
        groups=MANAGERS,
        help="Access token of an agent, used only to read: it finds out whether an answer was "
        "posted when the connection broke at the wrong moment.",
    )
    bot_token_set = fields.Boolean(compute="_compute_secrets")
    setup_state = fields.Selection(JOB_STATES, compute="_compute_setup")
    setup_error = fields.Text(compute="_compute_setup")
    reading_token_set = fields.Boolean(compute="_compute_secrets")

    # Only a named inbox belongs to one mapping; of those that take the rest, the first answers.
    _mapping_unique = models.UniqueIndex(
        "(url, chatwoot_account_id, inbox_id) WHERE active AND inbox_id > 0",
        "This inbox of this Chatwoot is already mapped.",
    )

    @api.constrains("url")
    def _check_url(self):
        for channel in self:
            self.env["ai.tenant"]._check_typed_address(channel.url, self.env._("Chatwoot URL"))

    @api.constrains("chatwoot_account_id", "inbox_id")
    def _check_numbers(self):
        for channel in self:
            if channel.chatwoot_account_id <= 0 or channel.inbox_id < 0:
                raise ValidationError(
                    self.env._("The Chatwoot account and the inbox are positive numbers.")
                )

    @api.constrains("owner_phones")
    def _check_owner_phones(self):
        for channel in self:
            for phone in channel._owner_phone_list():
                if not E164.fullmatch(phone):
                    raise ValidationError(
                        self.env._(
                            "“%(phone)s” is not a phone number with its country code, such as "
                            "+5511999990000.",
                            phone=phone,
                        )
                    )

    @api.depends("name", "chatwoot_account_id", "inbox_id", "tenant_id.account_id")
    def _compute_display_name(self):
        for channel in self:
            inbox = channel.inbox_id or "*"
            account = channel.tenant_id.account_id or "?"
            channel.display_name = (
                f"Chatwoot {channel.chatwoot_account_id}/{inbox} → {account} ({channel.name})"
            )

    @api.depends_context("lang", "tz")
    def _compute_setup(self):
        jobs = self.env["ai.job"].search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self._origin.ids),
                ("action", "=", "chatwoot_setup"),
            ],
            order="id",
        )
        newest = {job.res_id: job for job in jobs}
        for channel in self:
            job = newest.get(channel._origin.id, jobs.browse())
            channel.setup_state = job.state
            channel.setup_error = job.state == "failed" and job.error_display

    @api.depends("tenant_id")
    def _compute_secrets(self):
        return super()._compute_secrets()

    @api.model_create_multi
    def create(self, vals_list):
        channels = super().create([self._tidied(vals) for vals in vals_list])
        self.env["ai.channel.hook"].create(
            [
                {"channel_id": channel.id, "kind": "agent_bot"}
                for channel in channels
                if "agent_bot" not in channel.hook_ids.mapped("kind")
            ]
        )
        channels.tenant_id._mark_to_sync()
        return channels

    def write(self, vals):
        vals = self._tidied(vals)
        tenants = self.tenant_id
        moved = []
        if vals.get("tenant_id"):
            # Secrets are filed under the tenant: they follow the channel.
            moved = [
                (channel.tenant_id, channel, ref, value)
                for channel in self
                if channel.tenant_id.id != vals["tenant_id"]
                for ref in channel._all_refs()
                if (value := channel.tenant_id._get_secret(ref))
            ]
        result = super().write(vals)
        for old_tenant, channel, ref, value in moved:
            channel.tenant_id._set_secret(ref, value)
            old_tenant._set_secret(ref, "")
        (tenants | self.tenant_id)._mark_to_sync()
        return result

    def unlink(self):
        tenants = self.tenant_id
        # One by one, so that the secrets of the webhooks go too.
        self.hook_ids.unlink()
        for channel in self:
            channel._remove_secrets()
        result = super().unlink()
        tenants.exists()._mark_to_sync()
        return result

    @api.model
    def _tidied(self, vals):
        """Return `vals` with the address and the phone numbers as they are kept."""
        vals = dict(vals)
        if vals.get("url"):
            vals["url"] = vals["url"].strip().rstrip("/")
        if vals.get("owner_phones"):
            numbers = re.split(r"[\n,;]", vals["owner_phones"])
            tidy = [re.sub(r"[\s().-]", "", number) for number in numbers]
            vals["owner_phones"] = "\n".join(dict.fromkeys(filter(None, tidy)))
        return vals

    def action_set_up(self):
        """Open the wizard that sets this channel up in Chatwoot."""
        self.ensure_one()
        self.tenant_id._check_connected()
        action = self.env["ir.actions.act_window"]._for_xml_id("ai_system.ai_channel_setup_action")
        return {**action, "context": {"default_channel_id": self.id}}

    def _owner_phone_list(self):
        self.ensure_one()
        return (self.owner_phones or "").split("\n") if self.owner_phones else []

    def _hook(self, kind):
        """Return this channel's webhook of `kind`, made when there is none."""
        self.ensure_one()
        found = self.hook_ids.filtered(lambda hook: hook.kind == kind)
        return found or self.env["ai.channel.hook"].create({"channel_id": self.id, "kind": kind})

    def _secret_ref(self, name):
        return f"chatwoot_{name}_{self._origin.id}"

    def _all_refs(self):
        """Return the references of every secret of this channel, those of its webhooks included."""
        self.ensure_one()
        hooks = [hook._secret_ref("secret") for hook in self.hook_ids]
        return [*hooks, *self._secret_refs().values()]

    def _channel_document(self):
        """Return this channel's part of the tenant document (docs/contracts.md)."""
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "url": self.url,
            "account_id": self.chatwoot_account_id,
            "inbox_id": self.inbox_id or None,
            "sequence": self.sequence,
            "crew": self.crew,
            "owner_phones": self._owner_phone_list(),
            "owner_crew": self.owner_crew,
            "mode": self.mode or None,
            "signature": self.signature,
            "hooks": [hook._hook_document() for hook in self.hook_ids],
            "bot_token_ref": self._secret_ref("bot_token"),
            "reading_token_ref": self._secret_ref("reading_token"),
        }
