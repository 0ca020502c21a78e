from odoo import fields, models
from odoo.exceptions import UserError


class AiChannelSetup(models.TransientModel):
    _name = "ai.channel.setup"
    _description = "Set Up a Channel in Chatwoot"

    channel_id = fields.Many2one("ai.channel", required=True, readonly=True, ondelete="cascade")
    url = fields.Char(related="channel_id.url", related_sudo=False)
    chatwoot_account_id = fields.Integer(
        related="channel_id.chatwoot_account_id", related_sudo=False
    )
    inbox_id = fields.Integer(related="channel_id.inbox_id", related_sudo=False)
    account_webhook = fields.Boolean(
        "Also Add an Account Webhook",
        help="Tells the AI service of what the agent bot does not hear, such as a conversation "
        "that a person takes over. Chatwoot does not repeat what got lost.",
    )
    # Write-only: tokens are secrets, which the tenant's storage keeps.
    admin_token = fields.Char(
        "Administrator's Token",
        compute="_compute_tokens",
        inverse="_inverse_admin_token",
        help="Access token from the profile of an administrator of this Chatwoot account. It is "
        "used once and removed.",
    )
    reading_token = fields.Char(
        "Agent's Token for Reading",
        compute="_compute_tokens",
        inverse="_inverse_reading_token",
        help="Access token from the profile of an agent, kept and used only to read: it finds "
        "out whether an answer was posted when the connection broke at the wrong moment.",
    )

    def _compute_tokens(self):
        self.admin_token = self.reading_token = False

    def _inverse_admin_token(self):
        for wizard in self:
            channel = wizard.channel_id
            if token := wizard._checked(wizard.admin_token):
                # A token that cannot be used now is not kept.
                channel.tenant_id._check_connected()
                channel.tenant_id._set_secret(f"chatwoot_admin_token_{channel.id}", token)
        self.invalidate_recordset(["admin_token"])

    def _inverse_reading_token(self):
        for wizard in self:
            if token := wizard._checked(wizard.reading_token):
                wizard.channel_id.reading_token = token
        self.invalidate_recordset(["reading_token"])

    def _checked(self, token):
        """Return `token` without blanks around it; UserError when it cannot be one."""
        self.ensure_one()
        # The storage of secrets asks nobody's rights.
        self.channel_id.check_access("write")
        self.channel_id.tenant_id.check_access("write")
        token = (token or "").strip()
        # Anything else would not fit into a header, and the error would show it.
        if not all(33 <= ord(character) <= 126 for character in token) or len(token) > 200:
            raise UserError(
                self.env._("This is not an access token: it has letters, digits and signs only.")
            )
        return token

    def action_setup(self):
        """Queue the setup; the sender talks to Chatwoot in the background."""
        self.ensure_one()
        channel = self.channel_id
        channel.check_access("write")
        channel.tenant_id._check_connected()
        if not channel.tenant_id._get_secret(f"chatwoot_admin_token_{channel.id}"):
            raise UserError(self.env._("Enter the administrator's token."))
        if self.account_webhook:
            channel._hook("account")
        params = {"account_webhook": self.account_webhook}
        self.env["ai.job"]._enqueue(channel.tenant_id, "chatwoot_setup", params, record=channel)
        return {"type": "ir.actions.act_window_close"}
