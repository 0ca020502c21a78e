"""What follows from how a job ended, action by action."""

from odoo import models

from ..exceptions import InvalidResult

# What the audit calls an action. A revocation is noted when it is asked for.
AUDITED = {
    "enroll": "connect",
    "sync_config": "sync",
    "test_connection": "test_connection",
    "rotate_signing_key": "rotate",
    "chatwoot_setup": "setup",
}


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    def _storable_result(self, result):
        """Return what of a `result` may stay on the job: never a secret, nothing bulky."""
        if self.action in ("enroll", "rotate_signing_key"):
            return {"key_id": result.get("key_id")}
        if self.action == "get_config":
            return {"version": result.get("version")}
        if self.action == "chatwoot_setup":
            return {name: result.get(name) for name in ("inboxes", "bot_id", "webhook_id")}
        return result

    def _ended_well(self):
        self.ensure_one()
        if self.action in AUDITED:
            self._audit("ok", "")

    def _ended_badly(self):
        """Tell what the job was about that it failed or was cancelled."""
        self.ensure_one()
        tenant = self.tenant_id
        if self.action == "chatwoot_setup":
            self._forget_setup_token()
        if self.state != "failed":
            return
        if self.action == "enroll":
            tenant._fail_enrollment(self.error_display)
        elif self.action == "sync_config":
            tenant.write({"sync_state": "error", "error_text": self.error_display})
        elif self.action == "get_config":
            self.env[self.model].browse(self.res_id).exists().write({"state": "failed"})
        elif self.action == "test_connection":
            tenant._sidecar_failed(self.error_code, self.error_message)
        if self.action in AUDITED:
            self._audit("error", self.error_code)

    def _audit(self, result, code):
        # In the name of who asked for it; sudo because the sender works for everybody.
        tenant = self.tenant_id.with_user(self.user_id or self.env.user).sudo()
        tenant._audit(AUDITED[self.action], self.record_name or tenant.name, result, code)

    def _apply_enroll(self, data):
        for name in ("key_id", "signing_key"):
            if not isinstance(data.get(name), str) or not data[name]:
                raise InvalidResult(f"{name} is not a text")
        document = self.payload["document"]
        self.tenant_id._apply_enrollment(self.payload["url"], document["version"], document, data)
        self._apply_api_key()

    def _apply_sync_config(self, result):
        if not isinstance(result.get("version"), int):
            raise InvalidResult("version is not a number")
        tenant, document = self.tenant_id, self.payload["document"]
        tenant._apply_sync_config(result["version"], document)
        self._apply_api_key()
        if document["version"] < tenant.config_version:
            # Changed under way: who asked for a push meanwhile was given this job.
            tenant._queue_sync_config()

    def _apply_api_key(self):
        """Remove the API keys older than the one the sidecar has just taken over."""
        self.tenant_id._remove_api_keys(before=self.payload["api_key_id"])
        # The tenant has the document now; a queue of copies of it helps nobody.
        self.payload = {name: v for name, v in self.payload.items() if name != "document"}

    def _apply_test_connection(self, result):
        self.tenant_id._apply_checks(result)

    def _apply_get_config(self, result):
        files = result.get("files")
        if not isinstance(files, dict) or not all(
            isinstance(text, str) for text in (*files, *files.values())
        ):
            raise InvalidResult("files is not a mapping of texts")
        # The dialog may be closed and forgotten by now.
        self.env[self.model].browse(self.res_id).exists()._show_held(files)

    def _apply_rotate_signing_key(self, result):
        self.tenant_id._apply_signing_key(result)

    def _apply_revoke_secrets(self, result):
        """Nothing is stored; how many were evicted stays on the job."""
        if not isinstance(result.get("revoked"), int):
            raise InvalidResult("revoked is not a number")
