from odoo import api, models
from odoo.exceptions import UserError

MANAGERS = "ai_system.ai_system_group_manager"


class AiSecretOwner(models.AbstractModel):
    """Write-only secrets on a form.

    What is typed goes to the tenant's storage and never comes back: the field is always read as
    empty, and `<field>_set` says whether there is a value. Heirs name their fields in
    `_secret_fields` and say in `_secret_ref(name)` under which reference (docs/contracts.md) the
    tenant keeps what was typed there.
    """

    _name = "ai.secret.owner"
    _description = "Owner of Write-Only Secrets"

    _secret_fields = ()

    def _secret_tenant(self):
        """Return the tenant under which this record's secrets are filed."""
        return self.tenant_id

    def _secret_refs(self):
        """Return {field: reference}."""
        self.ensure_one()
        return {name: self._secret_ref(name) for name in self._secret_fields}

    def _compute_secrets(self):
        for record in self:
            tenant = record._secret_tenant()
            stored = bool(record._origin.id and tenant.account_id)
            for name in self._secret_fields:
                record[name] = False
                record[f"{name}_set"] = stored and tenant._has_secret(record._secret_ref(name))

    def _store_secret(self, name):
        for record in self:
            # An empty field means "unchanged": the value never reaches the browser.
            if value := (record[name] or "").strip():
                record._secret_tenant()._set_secret(record._secret_ref(name), value)
        self._forget_secret_fields()

    @api.model
    def _forget_secret_fields(self):
        names = [*self._secret_fields, *(f"{name}_set" for name in self._secret_fields)]
        self.env[self._name].invalidate_model(names)

    def action_revoke_secret(self):
        """Remove the secret that the context's `secret_name` names, here and in the AI service."""
        name = self.env.context.get("secret_name")
        if name not in self._secret_fields:
            raise UserError(self.env._("There is no such secret."))
        self.check_access("write")
        for record in self:
            record._remove_secrets([name])
        return True

    def _remove_secrets(self, names=None):
        """Remove the secrets in the fields `names` (all when None) and have them evicted."""
        self.ensure_one()
        tenant = self._secret_tenant()
        refs = [self._secret_ref(name) for name in names or self._secret_fields]
        stored = [ref for ref in refs if tenant._has_secret(ref)]
        for ref in stored:
            tenant._set_secret(ref, "")
        if stored:
            tenant._mark_to_sync()
            tenant._revoke_secrets(stored)
        self._forget_secret_fields()
