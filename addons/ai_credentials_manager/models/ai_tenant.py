"""The tenant's secrets come from the vault: nothing else in the suite asks another place."""

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .. import platforms, vault


class AiTenant(models.Model):
    _name = "ai.tenant"
    _inherit = ["ai.tenant", "mail.activity.mixin"]

    credential_ids = fields.One2many(
        "ai.credential",
        "tenant_id",
        context={"active_test": False},
        groups="ai_system.ai_system_group_manager",
    )
    # {ref: [ciphertext, reference of its credential, expiry date]}, read once per transaction.
    sealed_secrets = fields.Json(
        compute="_compute_sealed_secrets",
        compute_sudo=True,
        exportable=False,
        groups=fields.NO_ACCESS,
    )

    @api.depends(
        "credential_ids.active",
        "credential_ids.expiry_date",
        "credential_ids.line_ids.ciphertext",
        "credential_ids.line_ids.ref",
    )
    def _compute_sealed_secrets(self):
        self.env["ai.credential"].flush_model(["active", "expiry_date", "reference", "tenant_id"])
        self.env["ai.credential.line"].flush_model(["ciphertext", "credential_id", "ref"])
        rows = self.env.execute_query(
            SQL(
                """SELECT credential.tenant_id, line.ref, line.ciphertext, credential.reference,
                          credential.expiry_date
                   FROM ai_credential credential
                   JOIN ai_credential_line line ON line.credential_id = credential.id
                   WHERE credential.tenant_id IN %s AND credential.active
                   AND line.ciphertext IS NOT NULL""",
                tuple(self.ids) or (0,),
            )
        )
        sealed = {tenant.id: {} for tenant in self}
        for tenant_id, ref, ciphertext, reference, expiry_date in rows:
            sealed[tenant_id][ref] = [ciphertext, reference, fields.Date.to_string(expiry_date)]
        for tenant in self:
            tenant.sealed_secrets = sealed[tenant.id]

    def _compute_secrets_are_clear_text(self):
        self.secrets_are_clear_text = False

    def write(self, vals):
        moved = []
        if "account_id" in vals:
            # A secret is encrypted for its account.
            renamed = self.filtered(lambda tenant: tenant.account_id != vals["account_id"])
            # Sudo: as in _set_secret.
            lines = renamed.sudo().credential_ids.line_ids.filtered("is_set")
            moved = [(line, line._open()) for line in lines]
        result = super().write(vals)
        for line, value in moved:
            line._seal_again(value)
        return result

    def _get_secret(self, name):
        """Return the value of the tenant's secret `name`, or "" when it cannot be given out.

        Raises VaultUnavailable, a UserError, when the vault cannot open it.
        """
        self.ensure_one()
        if not (sealed := self._sealed_secret(name)):
            return ""
        ciphertext, reference, _expiry_date = sealed
        place = vault.Place(self.account_id, reference, name)
        return self.env["ai.credential.line"]._unseal(ciphertext, place)

    def _has_secret(self, name):
        self.ensure_one()
        return bool(self._sealed_secret(name))

    def _sealed_secret(self, name):
        """Return what sealed_secrets holds for `name`, None when it is not set or has expired."""
        # Sudo: ciphertexts are for nobody; callers are private methods.
        sealed = (self.sudo().sealed_secrets or {}).get(name)
        if not sealed or (sealed[2] and sealed[2] < fields.Date.to_string(self._today())):
            return None
        return sealed

    def _set_secret(self, name, value):
        """Seal the tenant's secret `name`; an empty value removes it.

        Raises VaultUnavailable, a UserError, when the vault has no key.
        """
        self.ensure_one()
        # Sudo: secrets are stored on behalf of whoever works with the tenant, and people do not
        # write what Odoo itself keeps.
        lines = self.env["ai.credential.line"].sudo()
        line = lines.search([("tenant_id", "=", self.id), ("ref", "=", name)])
        if value:
            line = line or self._new_secret_line(name)
            credential = line.credential_id
            if credential._is_expired():
                raise UserError(line._expired_sentence())
            if not credential.active:
                credential.active = True
            line._seal(value)
        elif line:
            self._audit("unlink", name)
            line._clear()
            if line.credential_id.platform in (platforms.INTERNAL, "chatwoot"):
                line._remove()  # nobody is asked for it again

    def _new_secret_line(self, ref):
        """Return a new line for the secret `ref`, under the credential where it belongs."""
        self.ensure_one()
        platform, name = platforms.place_of_ref(ref)
        # Sudo: as in _set_secret.
        credentials = (
            self.env["ai.credential"].sudo().with_context(active_test=False, lang=self.language)
        )
        label = dict(credentials._fields["platform"]._description_selection(credentials.env))[
            platform
        ]
        title = "Qdrant" if ref == platforms.QDRANT_REF else label
        code = platforms.slug(title) if platform == "other" else platform
        credential = credentials.search([("tenant_id", "=", self.id), ("code", "=", code)])
        credential = credential or credentials._create_unmarked(
            [{"tenant_id": self.id, "platform": platform, "name": title}]
        )
        return (
            self.env["ai.credential.line"]
            .sudo()
            ._create_unmarked(
                [{"credential_id": credential.id, "name": name, "ref": ref, "is_secret": True}]
            )
        )

    def _forget_secrets(self):
        # Sudo: as in _set_secret.
        self.sudo().with_context(active_test=False).credential_ids.unlink()
        return super()._forget_secrets()

    def _tenant_secrets(self):
        secrets = super()._tenant_secrets()
        if secrets:
            self.env["ai.credential.line"]._note_use(self, list(secrets))
        return secrets

    def _platform_documents(self):
        # Sudo: whoever triggers a synchronization need not administer credentials.
        credentials = self.sudo().credential_ids.sorted("code")
        return {
            **super()._platform_documents(),
            **{
                credential.code: credential._platform_document()
                for credential in credentials
                if credential.code not in platforms.NOT_IN_DOCUMENT
            },
        }

    def _today(self):
        """Return the date of now in the tenant's time zone."""
        self.ensure_one()
        return datetime.now(ZoneInfo(self.timezone or "UTC")).date()

    def _administrators(self):
        """Return the people who administer the AI of this tenant's company."""
        self.ensure_one()
        # Sudo: users belong to the system; only who to tell is read.
        group = self.env.ref("ai_system.ai_system_group_manager").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
