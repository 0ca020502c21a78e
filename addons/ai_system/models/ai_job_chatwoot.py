"""The job that sets a channel up in Chatwoot, with a token that is used once and removed."""

from dataclasses import asdict

from odoo import models

from ..chatwoot_setup import ChatwootError, Plan, set_up
from ..exceptions import InvalidResult
from ..outbound import DEFAULT_ALLOWED, split_allowed
from ..sidecar_client import Answer

BOT_NAME = "ChatwootAI"


class AiJob(models.Model):
    _inherit = "ai.job"

    def _setup_channel(self):
        self.ensure_one()
        return self.env["ai.channel"].browse(self.res_id).exists()

    def _setup_token(self):
        """Return the administrator's token of this job, "" when it was used."""
        self.ensure_one()
        # Sudo: the storage is the tenant's; who may retry was checked.
        return self.sudo().tenant_id._get_secret(f"chatwoot_admin_token_{self.res_id}")

    def _forget_setup_token(self):
        self.ensure_one()
        if self._setup_token():
            self.tenant_id._set_secret(f"chatwoot_admin_token_{self.res_id}", "")

    def _prepare_chatwoot_setup(self):
        """Return a function that talks to Chatwoot and needs no database."""
        self.ensure_one()
        channel, token = self._setup_channel(), self._setup_token()
        if not (channel and token):
            return lambda: Answer(422, {}, "chatwoot_token_used")
        params = self.env["ir.config_parameter"].sudo()
        allowed = params.get_param("ai_system.allowed_private_hosts", DEFAULT_ALLOWED)
        webhook = (self.payload or {}).get("account_webhook") and channel._hook("account")
        plan = Plan(
            url=channel.url,
            account=channel.chatwoot_account_id,
            inbox=channel.inbox_id,
            name=BOT_NAME,
            bot_id=channel.chatwoot_bot_id,
            bot_url=channel._hook("agent_bot").webhook_url,
            webhook_url=webhook.webhook_url if webhook else "",
            signed=channel.signature == "required",
            others=tuple(channel._siblings().filtered("inbox_id").mapped("inbox_id")),
            allowed=split_allowed(allowed),
        )

        def talk():
            try:
                return Answer(200, asdict(set_up(plan, token)))
            except ChatwootError as error:
                return Answer(422, {}, f"chatwoot_{error.code}", error.detail)

        return talk

    def _apply_chatwoot_setup(self, result):
        """Store what Chatwoot gave and push it: from then on the channel answers."""
        self.ensure_one()
        self._forget_setup_token()
        channel = self._setup_channel()
        if not channel:
            raise InvalidResult("the channel does not exist any more")
        tenant = channel.tenant_id
        tenant._set_secret(channel._secret_ref("bot_token"), result["bot_token"])
        if result["bot_secret"]:
            hook = channel._hook("agent_bot")
            tenant._set_secret(hook._secret_ref("secret"), result["bot_secret"])
        if result["webhook_secret"]:
            hook = channel._hook("account")
            tenant._set_secret(hook._secret_ref("secret"), result["webhook_secret"])
        channel.hook_ids._forget_secret_fields()
        channel._forget_secret_fields()
        channel.chatwoot_bot_id = result["bot_id"]
        tenant._queue_sync_config()
