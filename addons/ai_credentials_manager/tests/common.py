import base64
import os
from unittest.mock import patch

from odoo import Command

from odoo.addons.ai_system.tests.common import AiSystemCase

KEY_ONE, KEY_TWO, KEY_THREE = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
PLANTED = "planted-secret-Wq7-zz-4711"


def _keys(*keys):
    """Return a patch of the environment that gives the vault these keys and no others."""
    environ = {"AI_CREDENTIALS_KEYS": ",".join(keys), "AI_CREDENTIALS_KEY_FILE": ""}
    return patch.dict(os.environ, environ)


class CredentialsCase(AiSystemCase):
    """Two companies with tenants, and a vault with a key of the test's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(_keys(KEY_ONE))
        # What earlier rows of the database have in the vault was sealed with other keys.
        cls.env["ai.credential"].with_context(active_test=False).search([]).unlink()

    def _use_keys(self, *keys):
        """Give the vault other keys, the newest first, until the test ends."""
        changed = _keys(*keys)
        changed.start()
        self.addCleanup(changed.stop)

    @classmethod
    def _credential(cls, platform, tenant=None, values=None, **secrets):
        """Create a credential of `tenant` (the first one) with the given secrets."""
        tenant = tenant or cls.tenant
        lines = [Command.create({"name": k, "new_value": v}) for k, v in secrets.items()]
        return cls.env["ai.credential"].create(
            {
                "name": platform,
                "platform": platform,
                "tenant_id": tenant.id,
                "line_ids": lines,
                **(values or {}),
            }
        )

    def _line(self, ref, tenant=None):
        domain = [("ref", "=", ref), ("tenant_id", "=", (tenant or self.tenant).id)]
        return self.env["ai.credential.line"].search(domain)

    def _revocations(self, tenant=None):
        """Return the refs that jobs of `tenant` will have the sidecar evict, in order."""
        domain = [
            ("tenant_id", "=", (tenant or self.tenant).id),
            ("action", "=", "revoke_secrets"),
        ]
        jobs = self.env["ai.job"].search(domain, order="id")
        return [ref for job in jobs for ref in job.payload["refs"]]
