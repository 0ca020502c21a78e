import os

from odoo import api, fields, models
from odoo.tools import config

from .. import vault
from ..exceptions import VaultUnavailable


class AiCredentialLine(models.Model):
    _name = "ai.credential.line"
    _description = "Secret of an AI Credential"

    credential_id = fields.Many2one("ai.credential", required=True, ondelete="cascade", index=True)
    tenant_id = fields.Many2one(related="credential_id.tenant_id", store=True, index=True)
    company_id = fields.Many2one(related="credential_id.company_id", store=True, index=True)

    @api.model
    def _open_vault(self):
        """Return the vault. Raises VaultUnavailable, which is a UserError and a VaultError."""
        try:
            return vault.SOURCE.vault(os.environ, config)
        except vault.VaultError as error:
            raise VaultUnavailable("") from error

    @api.model
    def _lease(self, tenant, ref):
        """Return the secret `ref` of `tenant` and note its use; None when it is not to be had.

        Raises VaultUnavailable when the vault cannot open it.
        """
