"""What people may do with the parameters of a credential: everything but read a secret."""

from odoo import api, models
from odoo.exceptions import UserError

from .ai_credential_line import KEPT_BY_ODOO

FIXED = ("credential_id",)
FIXED_WHEN_SET = (*FIXED, "ref", "is_secret")
DOCUMENT_FIELDS = frozenset({"name", "ref", "is_secret", "value"})


def without_new_values(commands):
    """Return one2many `commands` of lines without what was typed as a new secret."""
    if not isinstance(commands, list):
        return commands
    return [
        [*command[:2], {k: v for k, v in command[2].items() if k != "new_value"}]
        if len(command) == 3 and isinstance(command[2], dict)
        else command
        for command in commands
    ]


class AiCredentialLine(models.Model):
    _inherit = "ai.credential.line"

    def onchange(self, values, field_names, fields_spec):
        # What is typed into a write-only field has no place in an answer.
        values = {name: value for name, value in values.items() if name != "new_value"}
        fields_spec = {name: spec for name, spec in fields_spec.items() if name != "new_value"}
        if field_names == ["new_value"]:
            return {}
        field_names = [name for name in field_names if name != "new_value"]
        return super().onchange(values, field_names, fields_spec)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        new_values = [vals.pop("new_value", False) for vals in vals_list]
        credentials = self.env["ai.credential"]
        for vals in vals_list:
            self._check_for_people(vals, credentials.browse(vals.get("credential_id")))
        lines = super().create([self._prepare_values(vals) for vals in vals_list])
        for line, value in zip(lines, new_values, strict=True):
            if value:
                line._set_by_a_person(value)
        lines.tenant_id._mark_to_sync()
        return lines

    def write(self, vals):
        vals = dict(vals)
        new_value = vals.pop("new_value", False)
        for line in self:
            self._check_for_people(vals, line.credential_id)
            line._check_fixed(vals)
        result = super().write(self._prepare_values(vals)) if vals else True
        if new_value:
            for line in self:
                line._set_by_a_person(new_value)
        if new_value or DOCUMENT_FIELDS & vals.keys():
            self.tenant_id._mark_to_sync()
        if DOCUMENT_FIELDS & vals.keys():
            for tenant, lines in self.grouped("tenant_id").items():
                tenant._audit("write", ", ".join(lines.mapped("ref")))
        return result

    def unlink(self):
        for line in self:
            self._check_for_people({}, line.credential_id)
        tenants = self.tenant_id
        self._revoke()
        result = super().unlink()
        tenants._mark_to_sync()
        return result

    def action_revoke(self):
        """Remove the secrets here and in the AI service."""
        self.check_access("write")
        for line in self:
            self._check_for_people({}, line.credential_id)
        self._revoke()
        return True

    @api.model
    def _prepare_values(self, vals):
        """Return `vals` so that a secret has no value in clear text."""
        return {**vals, "value": False} if vals.get("is_secret") else vals

    @api.model
    def _check_for_people(self, vals, credential):
        """Refuse what only Odoo itself does; it acts as superuser."""
        if self.env.su:
            return
        credential._check_for_people({}, credential.platform)
        if names := KEPT_BY_ODOO & vals.keys():
            raise UserError(
                self.env._("Odoo itself keeps these fields: %(fields)s.", fields=", ".join(names))
            )

    def _check_fixed(self, vals):
        self.ensure_one()
        for name in FIXED_WHEN_SET if self.is_set else FIXED:
            if name in vals and vals[name] != self._fields[name].convert_to_write(self[name], self):
                raise UserError(
                    self.env._(
                        "A stored secret stays where it is: “%(ref)s” is encrypted for its "
                        "credential and its reference. Revoke it, then enter it at its new place.",
                        ref=self.ref,
                    )
                )

    def _set_by_a_person(self, value):
        """Seal what a person typed or pasted. Raises UserError."""
        self.ensure_one()
        if not self.is_secret:
            raise UserError(
                self.env._("“%(name)s” is not a secret: enter it as its value.", name=self.label)
            )
        if self.credential_id._is_expired():
            raise UserError(self._expired_sentence())
        self._seal(value.strip())
