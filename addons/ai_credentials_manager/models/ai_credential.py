import uuid

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import platforms
from .ai_credential_line_editing import without_new_values

FIXED = ("tenant_id", "platform", "reference")
KEPT_BY_ODOO = frozenset({"reference", "last_used", "warned_days"})
DOCUMENT_FIELDS = frozenset({"active", "expiry_date", "name", "line_ids"})


class AiCredential(models.Model):
    _name = "ai.credential"
    _description = "AI Credential"
    _order = "kind, name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    tenant_id = fields.Many2one(
        "ai.tenant",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["ai.tenant"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    platform = fields.Selection(platforms.PLATFORMS, required=True)
    kind = fields.Selection(platforms.KINDS, compute="_compute_kind", store=True)
    code = fields.Char(
        "Name in the Configuration",
        compute="_compute_code",
        store=True,
        help="Under this name the AI service finds the parameters in the tenant's configuration.",
    )
    reference = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        help="Every secret is encrypted for this reference: copied to another credential it does "
        "not open.",
    )
    expiry_date = fields.Date(
        "Expires on",
        help="The last day on which the AI service may use these secrets. Administrators are "
        "reminded 14 and 3 days before.",
    )
    last_used = fields.Datetime(readonly=True, copy=False)
    notes = fields.Text(help="Never write a secret here: notes are not encrypted.")
    line_ids = fields.One2many("ai.credential.line", "credential_id", "Parameters", copy=False)
    secret_summary = fields.Char("Secrets", compute="_compute_secret_summary")

    _code_unique = models.UniqueIndex(
        "(tenant_id, code)",
        "This tenant already has a credential for this platform, or another one of this name. It "
        "may be archived.",
    )
    _reference_unique = models.Constraint("UNIQUE(reference)", "The reference must be unique.")

    @api.constrains("code")
    def _check_code(self):
        if any(not credential.code for credential in self):
            raise ValidationError(self.env._("The name needs at least one letter or digit."))

    @api.depends("platform")
    def _compute_kind(self):
        for credential in self:
            credential.kind = platforms.KIND_OF.get(credential.platform)

    @api.depends("platform", "name")
    def _compute_code(self):
        for credential in self:
            other = credential.platform == "other"
            code = platforms.slug(credential.name or "") if other else credential.platform
            credential.code = code

    @api.depends("line_ids.is_secret", "line_ids.is_set")
    def _compute_secret_summary(self):
        for credential in self:
            secrets = credential.line_ids.filtered("is_secret")
            credential.secret_summary = self.env._(
                "%(count)s of %(total)s set",
                count=len(secrets.filtered("is_set")),
                total=len(secrets),
            )

    @api.onchange("platform")
    def _onchange_platform(self):
        labels = dict(self._fields["platform"]._description_selection(self.env))
        if self.platform and (not self.name or self.name in labels.values()):
            self.name = labels[self.platform] if self.platform != "other" else False
        if not self.line_ids.filtered("is_set"):
            self.line_ids = [Command.clear(), *self._suggested_lines(self.platform)]

    @api.model
    def _suggested_lines(self, platform):
        public, secret = platforms.PARAMETERS.get(platform, ((), ()))
        return [
            Command.create({"name": name, "is_secret": name in secret, "sequence": place})
            for place, name in enumerate((*public, *secret))
        ]

    def onchange(self, values, field_names, fields_spec):
        # What is typed into a write-only field has no place in an answer.
        values = {
            name: without_new_values(value) if name == "line_ids" else value
            for name, value in values.items()
        }
        line_spec = (fields_spec.get("line_ids") or {}).get("fields") or {}
        if "new_value" in line_spec:
            line_spec = {name: spec for name, spec in line_spec.items() if name != "new_value"}
            line_ids = {**fields_spec["line_ids"], "fields": line_spec}
            fields_spec = {**fields_spec, "line_ids": line_ids}
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_for_people(vals, vals.get("platform"))
            if "line_ids" not in vals:
                vals["line_ids"] = self._suggested_lines(vals.get("platform"))
        credentials = super().create(vals_list)
        credentials._expire_or_warn()
        credentials.tenant_id._mark_to_sync()
        for credential in credentials:
            credential.tenant_id._audit("create", credential.code)
        return credentials

    @api.model
    def _create_unmarked(self, vals_list):
        """Create credentials without telling the tenant that it has to be synchronized."""
        return models.BaseModel.create(self, vals_list)

    def write(self, vals):
        for credential in self:
            self._check_for_people(vals, credential.platform)
            credential._check_fixed(vals)
        if "active" in vals and not vals["active"]:
            self.line_ids._revoke()
        if "expiry_date" in vals:
            vals = {**vals, "warned_days": self._not_warned()}
        result = super().write(vals)
        if "expiry_date" in vals:
            self._expire_or_warn()
        if DOCUMENT_FIELDS & vals.keys():
            self.tenant_id._mark_to_sync()
        if vals.keys() - KEPT_BY_ODOO - {"line_ids"}:  # the lines tell of themselves
            for credential in self:
                credential.tenant_id._audit("write", credential.code)
        return result

    def unlink(self):
        for credential in self:
            self._check_for_people({}, credential.platform)
            credential.tenant_id._audit("unlink", credential.code)
        tenants = self.tenant_id
        self.line_ids._revoke()
        result = super().unlink()
        tenants._mark_to_sync()
        return result

    @api.model
    def _check_for_people(self, vals, platform):
        """Refuse what only Odoo itself does; it acts as superuser."""
        if self.env.su:
            return
        if platform == platforms.INTERNAL or vals.get("platform") == platforms.INTERNAL:
            raise UserError(
                self.env._(
                    "Odoo itself makes and renews the secrets that it shares with the AI service. "
                    "Disconnect the tenant to remove them."
                )
            )
        if names := KEPT_BY_ODOO & vals.keys():
            raise UserError(
                self.env._("Odoo itself keeps these fields: %(fields)s.", fields=", ".join(names))
            )

    def _check_fixed(self, vals):
        self.ensure_one()
        for name in FIXED:
            if name in vals and vals[name] != self._fields[name].convert_to_write(self[name], self):
                raise UserError(
                    self.env._(
                        "A credential stays with its tenant and its platform. Create another one."
                    )
                )

    def _platform_document(self):
        """Return this credential's part of the document's `integrations` (docs/contracts.md).

        Only secrets that the AI service can get are referred to.
        """
        self.ensure_one()
        enabled = self.active and not self._is_expired()
        config = {}
        for line in self.line_ids:
            if not line.is_secret and line.value:
                config[line.name] = line.value
            elif line.is_set and enabled:
                config[f"{line.name}_ref"] = line.ref
        return {"enabled": enabled, "config": config}
