"""What went wrong and what to do, in words."""

from odoo import api, models
from odoo.tools import format_datetime


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    @api.model
    def _sentence_of(self, code, message="", url=""):
        """Return the sentence for an error `code` of the sidecar or of Chatwoot, or False.

        message: what it said, in English; url: where. In the language of the context.
        """
        env = self.env
        return {
            "unreachable": env._("The AI service at %(url)s does not answer.", url=url),
            "timeout": env._("The AI service at %(url)s did not answer in time.", url=url),
            "unavailable": env._("The AI service at %(url)s is not ready.", url=url),
            "bad_answer": env._(
                "What answers at %(url)s is not the AI service. Check the address.", url=url
            ),
            "not_connected": env._(
                "The tenant is not connected to the AI service. Connect it in AI System ▸ Tenants."
            ),
            "unauthorized": env._(
                "The AI service does not accept this tenant's key. Connect it again with a new "
                "token from “sidecar enroll”."
            ),
            "unknown_account": env._(
                "The AI service does not know this account. Connect it again with a new token "
                "from “sidecar enroll”."
            ),
            "crew_disabled": env._("This kind of work is switched off for the tenant."),
            "upstream_error": env._("A service behind the AI service answered with an error."),
            "upstream_refused": env._("A service behind the AI service refused its credentials."),
            "not_configured": env._("Something the AI service needs is not set up."),
            "deadline_exceeded": env._("The work took too long and was stopped."),
            "invalid_result": env._("The AI service returned an answer that cannot be used."),
            "cancelled": message or env._("Cancelled."),
        }.get(code, False)

    @api.model
    def _chatwoot_sentence(self, code, detail, channel):
        """Return the sentence for an error of a setup in Chatwoot, or False."""
        env = self.env
        url, account = channel.url or "", channel.chatwoot_account_id or ""
        missing = env._(
            "Chatwoot account %(account)s has no inbox %(inbox)s that could be set up. Its "
            "inboxes: %(inboxes)s.",
            account=account,
            inbox=channel.inbox_id or "",
            inboxes=detail or "–",
        )
        return {
            "unauthorized": env._(
                "Chatwoot refused the token: it is wrong, or it is not an administrator's of "
                "account %(account)s. Copy it from the profile of an administrator.",
                account=account,
            ),
            "token_used": env._(
                "The administrator's token was used once and removed. Open the channel and set it "
                "up again."
            ),
            "forbidden": env._(
                "Chatwoot's API is not open for account %(account)s.", account=account
            ),
            "no_account": env._(
                "Chatwoot at %(url)s knows no account %(account)s. Check both numbers of the "
                "mapping.",
                url=url,
                account=account,
            ),
            "no_inbox": missing,
            "not_signing": env._(
                "This Chatwoot does not sign its webhooks (versions before 4.13). Update it, or "
                "set the signature of the channel to “None”."
            ),
            "refused": env._("Chatwoot refused the settings. Its log tells why."),
            "busy": env._("Chatwoot receives too many requests. Try again in a minute."),
            "unavailable": env._("Chatwoot at %(url)s answered with an error.", url=url),
            "unreachable": env._("Chatwoot at %(url)s does not answer.", url=url),
            "timeout": env._("Chatwoot at %(url)s did not answer in time.", url=url),
            "bad_answer": env._("What answers at %(url)s is not Chatwoot.", url=url),
            "private": env._(
                "%(url)s leads into a private network, where Odoo does not connect. A system "
                "administrator can allow the host with the parameter "
                "ai_system.allowed_private_hosts.",
                url=url,
            ),
            "plain": env._(
                "%(url)s is not encrypted: the administrator's token would travel readable. Use "
                "https://.",
                url=url,
            ),
            "malformed": env._("%(url)s is not an address.", url=url),
        }.get(code, False)

    def _error_sentence(self):
        """Return what went wrong and what to do, in the language of the context."""
        self.ensure_one()
        env = self.env
        url = (self.sudo().payload or {}).get("url") or self.tenant_id.sidecar_url or ""
        sentence = (
            self._sentence_of_action()
            or self._sentence_of(self.error_code, self.error_message, url)
            or self.error_message
            or env._("The AI service reported the error “%(code)s”.", code=self.error_code)
        )
        if self.state == "pending" and self.next_try:
            when = format_datetime(env, self.next_try, dt_format="short")
            again = env._("The job will be sent again at %(time)s.", time=when)
            sentence = f"{sentence} {again}"
        return sentence

    def _sentence_of_action(self):
        """Return what a code means for this action in particular, or False."""
        env, code = self.env, self.error_code
        if self.action == "chatwoot_setup" and code.startswith("chatwoot_"):
            # Sudo: a person who reads the queue may not read channels; it is only named.
            channel = env["ai.channel"].sudo().browse(self.res_id).exists()
            detail = self.error_message or ""
            return self._chatwoot_sentence(code.removeprefix("chatwoot_"), detail, channel)
        if self.action == "enroll" and code == "unauthorized":
            return env._(
                "The enrollment token is unknown, used or expired (it lives 15 minutes). Get a "
                "new one with “sidecar enroll”."
            )
        if self.action == "enroll" and code == "conflict":
            return env._(
                "The AI service has this account ID for another Odoo database. Choose another "
                "account ID, or remove the other one there."
            )
        if self.action == "sync_config" and code == "conflict":
            return env._(
                "The AI service holds newer settings than these. Connect the tenant again with a "
                "new token from “sidecar enroll”: that makes these the ones that count."
            )
        settings = self.action in ("enroll", "sync_config")
        if settings and code in ("config_invalid", "unprocessable") and self.error_message:
            return env._(
                "The AI service refused the settings: %(reason)s", reason=self.error_message
            )
        return False
