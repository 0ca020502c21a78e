"""The tenant's secrets, and what other addons hang on to: keys, revocation, platforms, audit."""

import logging

from odoo import models

_logger = logging.getLogger(__name__)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    def _compute_secrets_are_clear_text(self):
        """True until an addon with a vault takes over the storage of secrets."""
        self.secrets_are_clear_text = True

    def _get_secret(self, name):
        """Return the value of the tenant's secret `name`, or "" when it is not set.

        Storage of last resort: clear text in the system parameters. A vault overrides this method
        and _set_secret.
        """
        self.ensure_one()
        # Sudo: only the system group reads parameters; callers are private methods.
        return self.env["ir.config_parameter"].sudo().get_param(self._secret_key(name), "")

    def _has_secret(self, name):
        """Return whether the tenant's secret `name` is set; a vault tells without opening it."""
        return bool(self._get_secret(name))

    def _set_secret(self, name, value):
        """Store the tenant's secret `name`; an empty value removes it."""
        self.ensure_one()
        # Sudo: as in _get_secret.
        self.env["ir.config_parameter"].sudo().set_param(self._secret_key(name), value or False)

    def _secret_key(self, name):
        return f"ai_system.{self.account_id}.{name}"

    def _forget_secrets(self):
        self.ensure_one()
        prefix = self._secret_key("").replace("_", r"\_")
        # Sudo: as in _get_secret.
        self.env["ir.config_parameter"].sudo().search([("key", "=like", f"{prefix}%")]).unlink()

    def _signing_keys(self):
        """Return {key id: key}, the newest first, then the one before it, where there are any."""
        self.ensure_one()
        keys = {}
        for prefix in ("", "previous_"):
            key_id = self._get_secret(f"{prefix}signing_key_id")
            key = self._get_secret(f"{prefix}signing_key")
            if key_id and key:
                keys.setdefault(key_id, key)
        return keys

    def _revoke_secrets(self, refs):
        """Have the sidecar evict the secrets named `refs` at once; return the job, or none.

        The stored value is the caller's to remove. A tenant that is not connected has nothing to
        evict.
        """
        self.ensure_one()
        jobs = self.env["ai.job"]
        refs = sorted(set(refs))
        if not refs:
            return jobs
        self._audit("revoke", ", ".join(refs))
        if not self._has_secret("signing_key"):
            return jobs
        return jobs._enqueue(self, "revoke_secrets", {"refs": refs}, record=self)

    def _platform_documents(self):
        """Return {platform: its part of the document's integrations}; for addons to fill."""
        self.ensure_one()
        return {}

    def _audit(self, operation, subject, result="ok", code=""):
        """Note what was done for this tenant, never with a secret's value.

        operation: connect, sync, rotate, …; subject: what it was done to; result: ok, refused or
        error; code: why. An addon with an audit log overrides this.
        """
        self.ensure_one()
        _logger.info(
            "%s: %s %s by %s: %s %s",
            self.account_id,
            operation,
            subject,
            self.env.user.login,
            result,
            code,
        )
