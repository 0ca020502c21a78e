import hashlib
import secrets

from odoo import api, fields, models

from .ai_secret_owner import MANAGERS

KINDS = [
    ("agent_bot", "Agent Bot"),
    ("account", "Account Webhook"),
    ("api_inbox", "API Inbox"),
]
SECRET_STATES = [("set", "Set"), ("not_set", "Not set")]


class AiChannelHook(models.Model):
    """One webhook of Chatwoot that comes in: its address holds a token, its secret signs it."""

    _name = "ai.channel.hook"
    _description = "AI Channel Webhook"
    _inherit = ["ai.secret.owner"]
    _order = "channel_id, kind, id"
    _rec_name = "kind"

    _secret_fields = ("secret",)

    channel_id = fields.Many2one("ai.channel", required=True, ondelete="cascade", index=True)
    tenant_id = fields.Many2one(related="channel_id.tenant_id")
    company_id = fields.Many2one(related="channel_id.company_id", store=True, index=True)
    kind = fields.Selection(
        KINDS,
        required=True,
        default="account",
        help="Chatwoot repeats what the agent bot did not receive; it does not repeat the others.",
    )
    url_token = fields.Char(
        "Webhook Token",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._new_token(),
        groups=MANAGERS,
    )
    webhook_url = fields.Char("Webhook Address", compute="_compute_webhook_url", groups=MANAGERS)
    secret = fields.Char(
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("secret"),
        groups=MANAGERS,
        help="Chatwoot signs with it: copy it from the bot or the webhook in Chatwoot.",
    )
    secret_set = fields.Boolean(compute="_compute_secrets")
    secret_state = fields.Selection(SECRET_STATES, compute="_compute_secret_state")

    _kind_unique = models.Constraint(
        "UNIQUE(channel_id, kind)", "A channel has one webhook of each kind."
    )
    _url_token_unique = models.Constraint("UNIQUE(url_token)", "The webhook token must be unique.")

    @api.model
    def _new_token(self):
        return secrets.token_urlsafe(32)

    @api.depends("url_token", "tenant_id.sidecar_url")
    def _compute_webhook_url(self):
        for hook in self:
            base = hook.tenant_id.sidecar_url
            hook.webhook_url = base and f"{base}/webhook/chatwoot/{hook.url_token}"

    @api.depends("channel_id.tenant_id")
    def _compute_secrets(self):
        return super()._compute_secrets()

    @api.depends("secret_set")
    def _compute_secret_state(self):
        for hook in self:
            hook.secret_state = "set" if hook.secret_set else "not_set"

    @api.model_create_multi
    def create(self, vals_list):
        hooks = super().create(vals_list)
        hooks.tenant_id._mark_to_sync()
        return hooks

    def write(self, vals):
        result = super().write(vals)
        self.tenant_id._mark_to_sync()
        return result

    def unlink(self):
        tenants = self.tenant_id
        for hook in self:
            hook._remove_secrets()
        result = super().unlink()
        tenants._mark_to_sync()
        return result

    def action_new_address(self):
        """Replace the webhook token; the old address stops working at the next sync."""
        for hook in self:
            hook.url_token = self._new_token()
            hook.tenant_id._audit("new_address", f"chatwoot_hook_{hook.id}")
        return True

    def _secret_ref(self, name):
        return f"chatwoot_hook_{self._origin.id}"

    def _hook_document(self):
        """Return this webhook's part of the tenant document."""
        self.ensure_one()
        # Sudo: the token is for managers; whoever triggers a sync only causes its hash to travel.
        token = self.sudo().url_token
        return {
            "id": self.id,
            "kind": self.kind,
            "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
            "secret_ref": self._secret_ref("secret"),
        }
