import os
import re

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, config, mute_logger

from .. import platforms, vault
from ..exceptions import VaultUnavailable

REF = re.compile(r"[A-Za-z0-9_.-]{1,128}")
MAX_SECRET = 16384  # characters
KEPT_BY_ODOO = frozenset(
    {
        *("ciphertext", "is_set", "last_four", "fingerprint", "key_fingerprint"),
        *("set_on", "set_by", "last_used"),
    }
)


class AiCredentialLine(models.Model):
    _name = "ai.credential.line"
    _description = "Parameter of an AI Credential"
    _order = "credential_id, sequence, id"

    credential_id = fields.Many2one("ai.credential", required=True, ondelete="cascade", index=True)
    tenant_id = fields.Many2one(related="credential_id.tenant_id", store=True, index=True)
    company_id = fields.Many2one(related="credential_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(
        required=True, help="The parameter's name in the configuration, such as client_secret."
    )
    label = fields.Char("Meaning", compute="_compute_label")
    ref = fields.Char(
        "Reference",
        compute="_compute_ref",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="The configuration names the secret by this reference and never holds its value.",
    )
    is_secret = fields.Boolean("Secret", default=True)
    value = fields.Char(help="For what is no secret, such as the ID of an app.")
    # Write-only: `create` and `write` take it out before anything is stored or remembered.
    new_value = fields.Char(compute="_compute_new_value", readonly=False, exportable=False)
    ciphertext = fields.Text(
        readonly=True, copy=False, exportable=False, prefetch=False, groups=fields.NO_ACCESS
    )
    is_set = fields.Boolean("Set", readonly=True, copy=False)
    status = fields.Selection(
        [("set", "Set"), ("not_set", "Not set"), ("expired", "Expired")],
        compute="_compute_status",
    )
    last_four = fields.Char("Last Four Characters", readonly=True, copy=False)
    masked = fields.Char("Stored Value", compute="_compute_masked")
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Two secrets of this tenant with the same fingerprint are the same. It cannot be "
        "turned back into the secret.",
    )
    key_fingerprint = fields.Char(
        "Key", readonly=True, copy=False, groups="base.group_system", index=True
    )
    set_on = fields.Datetime(readonly=True, copy=False)
    set_by = fields.Many2one("res.users", readonly=True, copy=False)
    last_used = fields.Datetime(readonly=True, copy=False)

    _ref_unique = models.Constraint(
        "UNIQUE(tenant_id, ref)", "Another secret of this tenant already has this reference."
    )
    _name_unique = models.Constraint(
        "UNIQUE(credential_id, name)", "This credential already has a parameter of this name."
    )

    @api.constrains("name", "ref")
    def _check_names(self):
        for line in self:
            if not (REF.fullmatch(line.ref or "") and REF.fullmatch(line.name or "")):
                raise ValidationError(
                    self.env._(
                        "Names and references of parameters hold letters, digits, “_”, “-” and "
                        "“.” only, 128 at most."
                    )
                )
            if line.name.endswith("_ref"):
                raise ValidationError(
                    self.env._("A parameter's name must not end with “_ref”: references do.")
                )

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_label(self):
        for line in self:
            line.label = line.name and platforms.label_of(self.env, line.name)

    @api.depends("label")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.label

    @api.depends("name", "credential_id.code")
    def _compute_ref(self):
        for line in self:
            # A secret is encrypted for its reference.
            if line.name and not line.is_set:
                line.ref = platforms.default_ref(line.credential_id.code or "", line.name)

    def _compute_new_value(self):
        self.new_value = False

    @api.depends("is_secret", "is_set", "credential_id.expiry_state")
    def _compute_status(self):
        for line in self:
            if not line.is_secret:
                line.status = False
            elif not line.is_set:
                line.status = "not_set"
            else:
                expired = line.credential_id.expiry_state == "expired"
                line.status = "expired" if expired else "set"

    @api.depends("is_set", "last_four")
    def _compute_masked(self):
        for line in self:
            line.masked = line.is_set and f"••••{line.last_four or '••••'}"

    @api.model
    def _create_unmarked(self, vals_list):
        """Create lines past what guards people: nobody is told, the tenant is not marked."""
        return models.BaseModel.create(self, vals_list)

    def _expired_sentence(self):
        self.ensure_one()
        return self.env._(
            "The credential “%(name)s” has expired. Set a new expiry date, or none, in AI System ▸ "
            "AI Credentials together with the new secret.",
            name=self.credential_id.name,
        )

    def _seal(self, value):
        """Keep `value` as this line's secret. Raises UserError (VaultUnavailable without key)."""
        self.ensure_one()
        if not value or len(value) > MAX_SECRET:
            raise UserError(self.env._("A secret has 1 to %(count)s characters.", count=MAX_SECRET))
        self._write_sealed(self._open_vault(), value, fields.Datetime.now(), self.env.uid)
        self.tenant_id._audit("write", self.ref)

    def _seal_again(self, value):
        """Encrypt the unchanged `value` anew: for its present place, with the newest key."""
        self.ensure_one()
        self._write_sealed(self._open_vault(), value, self.set_on, self.set_by.id)

    def _write_sealed(self, opened, value, set_on, set_by):
        place = self._place()
        # Sudo, and past the guard of `write`: people do not write what Odoo itself keeps.
        models.BaseModel.write(
            self.sudo(),
            {
                "ciphertext": opened.seal(value, place),
                "is_secret": True,
                "is_set": True,
                "value": False,
                "last_four": vault.last_four(value),
                "fingerprint": opened.mark(value, place.account),
                "key_fingerprint": opened.newest.fingerprint,
                "set_on": set_on,
                "set_by": set_by,
            },
        )

    def _clear(self):
        """Forget the values of these lines; the sidecar is not told."""
        # Sudo: as in _write_sealed.
        models.BaseModel.write(self.sudo(), dict.fromkeys((*KEPT_BY_ODOO - {"last_used"},), False))

    def _revoke(self):
        """Forget the values of these lines and have the AI service evict them at once."""
        for tenant, lines in self.filtered("is_set").grouped("tenant_id").items():
            refs = lines.mapped("ref")
            lines._clear()
            tenant._mark_to_sync()
            tenant._revoke_secrets(refs)

    def _remove(self):
        """Delete lines that Odoo made, without telling anybody."""
        models.BaseModel.unlink(self)

    def _place(self):
        """Return what the secret is encrypted for."""
        self.ensure_one()
        credential = self.credential_id
        return vault.Place(credential.tenant_id.account_id, credential.reference, self.ref)

    def _open(self):
        """Return the secret of this line, "" when it is not set. Raises VaultUnavailable."""
        self.ensure_one()
        # Sudo: the ciphertext is for nobody; callers are private methods.
        sealed = self.sudo().ciphertext
        return self._unseal(sealed, self._place()) if sealed else ""

    @api.model
    def _unseal(self, sealed, place):
        """Return the value of a `sealed` secret. Raises VaultUnavailable in words."""
        opened = self._open_vault()
        try:
            return opened.unseal(sealed, place)
        except vault.UnknownKey as error:
            sentence = self.env._(
                "The secret “%(ref)s” was encrypted with the key %(key)s, which the vault no "
                "longer has. Put that key back behind the newest one, or enter the secret again.",
                ref=place.ref,
                key=error.fingerprint,
            )
            raise VaultUnavailable(sentence) from None
        except vault.SecretChanged:
            sentence = self.env._(
                "The secret “%(ref)s” was changed or moved outside Odoo and does not open. Enter "
                "it again, and find out who changed the database.",
                ref=place.ref,
            )
            raise VaultUnavailable(sentence) from None

    @api.model
    def _open_vault(self):
        """Return the vault. Raises VaultUnavailable, which is a UserError and a VaultError."""
        try:
            return vault.SOURCE.vault(os.environ, config)
        except vault.NoKey:
            sentence = self.env._(
                "The vault has no key, so that secrets can be neither saved nor used. Make one "
                "with “openssl rand -base64 32” and give it to Odoo: in the environment variable "
                "AI_CREDENTIALS_KEYS, or in a file that ai_credentials_key_file in odoo.conf "
                "names. Keep a copy away from the database's backups."
            )
        except vault.UnreadableKeys as error:
            sentence = self.env._(
                "The file of the vault's keys, %(file)s, cannot be read. Make it with “openssl "
                "rand -base64 32”, or give Odoo's user the right to read it.",
                file=error,
            )
        except vault.MalformedKey as error:
            sentence = self.env._(
                "Key number %(number)s of the vault is malformed: a key is 32 bytes in base64, as "
                "“openssl rand -base64 32” prints them.",
                number=error,
            )
        raise VaultUnavailable(sentence)

    @api.model
    def _lease(self, tenant, ref):
        """Return the secret `ref` of `tenant` and note its use.

        None when there is none to be had: unknown, not set, revoked, expired or archived. Raises
        VaultUnavailable (a VaultError) when the vault cannot open it.
        """
        value = tenant._get_secret(ref)
        if not value:
            return None
        self._note_use(tenant, [ref])
        return value

    @api.model
    def _note_use(self, tenant, refs):
        """Note that the secrets `refs` of `tenant` are given out now, to the minute.

        Left out where somebody else is writing the same row: nobody waits for a remark.
        """
        lines = SQL(
            """UPDATE ai_credential_line SET last_used = %(now)s WHERE id IN (
                 SELECT id FROM ai_credential_line WHERE tenant_id = %(tenant)s AND ref IN %(refs)s
                 AND (last_used IS NULL OR last_used < %(now)s - interval '1 minute')
                 FOR NO KEY UPDATE SKIP LOCKED) RETURNING credential_id""",
            now=fields.Datetime.now(),
            tenant=tenant.id,
            refs=tuple(refs),
        )
        credentials = """UPDATE ai_credential SET last_used = %(now)s WHERE id IN (
             SELECT id FROM ai_credential WHERE id IN %(ids)s FOR NO KEY UPDATE SKIP LOCKED)"""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
                ids = tuple(row[0] for row in self.env.execute_query(lines))
                if ids:
                    now = fields.Datetime.now()
                    self.env.execute_query(SQL(credentials, now=now, ids=ids))
        except OperationalError:
            return  # written meanwhile by another transaction, which noted the same minute
        self.invalidate_model(["last_used"])
        self.env["ai.credential"].invalidate_model(["last_used"])
