"""The key that signs the requests between Odoo and the sidecar, and its renewal."""

from datetime import timedelta

from odoo import api, fields, models

from ..exceptions import InvalidResult

KEY_AGE = timedelta(days=90)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    signing_key_date = fields.Datetime(
        "Signing Key of",
        readonly=True,
        copy=False,
        groups="ai_system.ai_system_group_manager",
        help="A new key is asked for by itself after 90 days.",
    )

    def action_rotate_signing_key(self):
        """Ask the sidecar for a new signing key; the one in use stays valid meanwhile."""
        self.check_access("write")
        for tenant in self:
            tenant._check_connected()
            tenant._queue_rotation()
        return True

    def _queue_rotation(self):
        self.ensure_one()
        return self.env["ai.job"]._enqueue(self, "rotate_signing_key", {}, record=self)

    def _apply_signing_key(self, data):
        """Take the new key over and keep the one before it. Raises InvalidResult.

        Asked twice, the sidecar gives the same pending key twice: the second time changes nothing.
        """
        self.ensure_one()
        for name in ("key_id", "signing_key"):
            if not isinstance(data.get(name), str) or not data[name]:
                raise InvalidResult(f"{name} is not a text")
        if data["key_id"] == self._get_secret("signing_key_id"):
            return
        for name in ("signing_key", "signing_key_id"):
            self._set_secret(f"previous_{name}", self._get_secret(name))
        self._set_secret("signing_key", data["signing_key"])
        self._set_secret("signing_key_id", data["key_id"])
        self.signing_key_date = fields.Datetime.now()

    @api.model
    def _cron_rotate_keys(self):
        """Renew the signing keys that are older than 90 days."""
        limit = fields.Datetime.now() - KEY_AGE
        for tenant in self.search([("state", "=", "connected"), ("signing_key_date", "<=", limit)]):
            tenant._queue_rotation()
