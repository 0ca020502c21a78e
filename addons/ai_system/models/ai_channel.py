import hashlib
import secrets
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

CREWS = [("customer_service", "Customer Service")]
SIGNATURES = [("required", "Required"), ("none", "None")]
SECRETS = ("webhook_secret", "bot_token", "reading_token")


class AiChannel(models.Model):
    _name = "ai.channel"
    _description = "AI Channel Mapping"
    _order = "tenant_id, sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    url = fields.Char("Chatwoot URL", required=True, help="For example https://chat.example.com")
    chatwoot_account_id = fields.Integer(required=True, default=1)
    inbox_id = fields.Integer(
        help="Number of the inbox in Chatwoot. Empty: every inbox of the account."
    )
    crew = fields.Selection(CREWS, required=True, default="customer_service")
    signature = fields.Selection(
        SIGNATURES,
        required=True,
        default="required",
        help="Chatwoot signs its webhooks with the webhook secret. Without a signature whoever "
        "learns the webhook address can write in the name of your customers.",
    )
    url_token = fields.Char(
        "Webhook Token",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._new_token(),
        groups="ai_system.ai_system_group_manager",
    )
    webhook_url = fields.Char(
        "Webhook Address",
        compute="_compute_webhook_url",
        groups="ai_system.ai_system_group_manager",
        help="Paste it in Chatwoot as the webhook address of the agent bot.",
    )
    # Write-only: what is typed goes to the tenant's secrets and never comes back.
    webhook_secret = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_webhook_secret",
        groups="ai_system.ai_system_group_manager",
    )
    bot_token = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_bot_token",
        groups="ai_system.ai_system_group_manager",
        help="Access token of the agent bot; answers are posted with it.",
    )
    reading_token = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_reading_token",
        groups="ai_system.ai_system_group_manager",
        help="Access token of an agent, used only to read: it finds out whether an answer was "
        "posted when the connection broke at the wrong moment.",
    )
    webhook_secret_set = fields.Boolean(compute="_compute_secrets")
    bot_token_set = fields.Boolean(compute="_compute_secrets")
    reading_token_set = fields.Boolean(compute="_compute_secrets")

    _mapping_unique = models.UniqueIndex(
        "(url, chatwoot_account_id, COALESCE(inbox_id, 0))",
        "This inbox of this Chatwoot is already mapped.",
    )
    _url_token_unique = models.Constraint("UNIQUE(url_token)", "The webhook token must be unique.")

    @api.model
    def _new_token(self):
        return secrets.token_urlsafe(32)

    @api.constrains("url")
    def _check_url(self):
        for channel in self:
            parts = urlsplit(channel.url or "")
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValidationError(
                    self.env._("The Chatwoot URL has to start with https:// (or http://).")
                )

    @api.constrains("chatwoot_account_id", "inbox_id")
    def _check_numbers(self):
        for channel in self:
            if channel.chatwoot_account_id <= 0 or channel.inbox_id < 0:
                raise ValidationError(
                    self.env._("The Chatwoot account and the inbox are positive numbers.")
                )

    @api.depends("name", "chatwoot_account_id", "inbox_id", "tenant_id.account_id")
    def _compute_display_name(self):
        for channel in self:
            inbox = channel.inbox_id or "*"
            account = channel.tenant_id.account_id or "?"
            channel.display_name = (
                f"Chatwoot {channel.chatwoot_account_id}/{inbox} → {account} ({channel.name})"
            )

    @api.depends("url_token", "tenant_id.sidecar_url")
    def _compute_webhook_url(self):
        for channel in self:
            base = channel.tenant_id.sidecar_url
            channel.webhook_url = base and f"{base}/webhook/chatwoot/{channel.url_token}"

    @api.depends("tenant_id")
    def _compute_secrets(self):
        for channel in self:
            refs = channel._secret_refs()
            for name in SECRETS:
                channel[name] = False
                channel[f"{name}_set"] = bool(
                    channel._origin.id
                    and channel.tenant_id.account_id
                    and channel.tenant_id._get_secret(refs[name])
                )

    def _inverse_webhook_secret(self):
        self._store_secret("webhook_secret")

    def _inverse_bot_token(self):
        self._store_secret("bot_token")

    def _inverse_reading_token(self):
        self._store_secret("reading_token")

    def _store_secret(self, name):
        for channel in self:
            # An empty field means "unchanged": the value never reaches the browser.
            if value := channel[name]:
                channel.tenant_id._set_secret(channel._secret_refs()[name], value.strip())
        self.invalidate_recordset([*SECRETS, *(f"{name}_set" for name in SECRETS)])

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("url"):
                vals["url"] = vals["url"].strip().rstrip("/")
        channels = super().create(vals_list)
        channels.tenant_id._mark_to_sync()
        return channels

    def write(self, vals):
        if vals.get("url"):
            vals = {**vals, "url": vals["url"].strip().rstrip("/")}
        tenants = self.tenant_id
        moved = []
        if vals.get("tenant_id"):
            # Secrets are filed under the tenant: they follow the channel.
            moved = [
                (channel, ref, value)
                for channel in self
                if channel.tenant_id.id != vals["tenant_id"]
                for ref in channel._secret_refs().values()
                if (value := channel.tenant_id._get_secret(ref))
            ]
            for channel, ref, _value in moved:
                channel.tenant_id._set_secret(ref, "")
        result = super().write(vals)
        for channel, ref, value in moved:
            channel.tenant_id._set_secret(ref, value)
        (tenants | self.tenant_id)._mark_to_sync()
        return result

    def unlink(self):
        tenants = self.tenant_id
        for channel in self:
            for ref in channel._secret_refs().values():
                channel.tenant_id._set_secret(ref, "")
        result = super().unlink()
        tenants.exists()._mark_to_sync()
        return result

    def action_new_token(self):
        """Replace the webhook token; the old address stops working at the next sync."""
        for channel in self:
            channel.url_token = self._new_token()
        return True

    def _secret_refs(self):
        """Return {field: ref of the secret in the tenant document}."""
        self.ensure_one()
        number = self._origin.id
        return {
            "webhook_secret": f"chatwoot_webhook_secret_{number}",
            "bot_token": f"chatwoot_bot_token_{number}",
            "reading_token": f"chatwoot_reading_token_{number}",
        }

    def _channel_document(self):
        """Return this channel's part of the tenant document (docs/contracts.md)."""
        self.ensure_one()
        refs = self._secret_refs()
        # Sudo: the token is for managers; whoever triggers a sync only causes its hash to travel.
        token = self.sudo().url_token
        return {
            "id": self.id,
            "url": self.url,
            "account_id": self.chatwoot_account_id,
            "inbox_id": self.inbox_id or None,
            "crew": self.crew,
            "signature": self.signature,
            "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
            "webhook_secret_ref": refs["webhook_secret"],
            "bot_token_ref": refs["bot_token"],
            "reading_token_ref": refs["reading_token"],
        }
