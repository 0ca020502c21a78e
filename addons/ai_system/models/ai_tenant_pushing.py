"""A tenant whose ERP is no Odoo: it sends its data to the AI service (docs/erp-client.md)."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .. import erp_mapping
from .ai_secret_owner import MANAGERS

AUTHS = [
    ("signature", "The signature alone"),
    ("bearer", "Bearer token"),
    ("basic", "User and password"),
    ("api_key", "X-API-Key header"),
]
COUNTRY = re.compile(r"[1-9][0-9]{0,2}")
LONGEST_CALL = 60  # seconds
MOST_CALLS = 600  # a minute

# A change of one of them has to be synchronized.
SETTINGS = frozenset(
    {
        "erp_mapping",
        "erp_phone_country",
        "erp_callback_url",
        "erp_callback_auth",
        "erp_callback_rate",
        "erp_callback_secret",
    }
)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    _secret_fields = ("erp_api_key", "llm_api_key", "qdrant_api_key", "erp_callback_secret")

    erp_kind = fields.Selection(
        selection_add=[("sends", "Another ERP, which sends its data")],
        ondelete={"sends": "set default"},
    )
    erp_mapping = fields.Text(
        "Field Mapping",
        help="Where our fields stand in the rows that the ERP sends, as YAML. Empty: the ERP uses "
        "our names. The guide for client ERPs tells every rule.",
    )
    erp_phone_country = fields.Char(
        "Country Code of Phones",
        help="Of numbers that the ERP writes without one, such as 55.",
    )
    erp_callback_url = fields.Char(
        "Address for Quotations",
        tracking=True,
        help="Where the ERP takes quotations that customers asked for. Empty: nothing is ever "
        "written to the ERP.",
    )
    erp_callback_auth = fields.Selection(
        AUTHS,
        "It Wants to See",
        required=True,
        default="signature",
        help="Every call is signed; some ERPs want a credential besides.",
    )
    erp_callback_rate = fields.Integer(
        "Calls per Minute",
        default=30,
        help="At most so many, so that the ERP is spared (1 to 600).",
    )
    erp_callback_secret = fields.Char(
        "Signing Secret",
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("erp_callback_secret"),
        groups=MANAGERS,
        help="What calls are signed with; the ERP checks them with the same.",
    )
    erp_callback_secret_set = fields.Boolean(compute="_compute_secrets", groups=MANAGERS)
    erp_push_url = fields.Char("The ERP Sends to", compute="_compute_erp_push")
    erp_key_command = fields.Char("Its Key", compute="_compute_erp_push")

    @api.depends("sidecar_url", "account_id")
    def _compute_erp_push(self):
        for tenant in self:
            tenant.erp_push_url = (
                tenant.sidecar_url and f"{tenant.sidecar_url}/api/v1/sync/products"
            )
            tenant.erp_key_command = (
                f"sidecar erp key create {tenant.account_id} --scopes products,customers,orders"
            )

    @api.constrains("erp_callback_url")
    def _check_callback_address(self):
        for tenant in self:
            label = self._fields["erp_callback_url"]._description_string(self.env)
            tenant._check_typed_address(tenant.erp_callback_url, label)

    @api.constrains("erp_kind", "erp_callback_url", "erp_callback_auth", "erp_login")
    def _check_callback_user(self):
        for tenant in self:
            if tenant._callback_auth() == "basic" and not tenant.erp_login:
                raise ValidationError(self.env._("User and password need the user."))
            if tenant._callback_auth() == "basic" and ":" in tenant.erp_login:
                raise ValidationError(self.env._("The user must not contain a colon."))

    @api.constrains("erp_phone_country")
    def _check_phone_country(self):
        for tenant in self:
            if tenant.erp_phone_country and not COUNTRY.fullmatch(tenant.erp_phone_country):
                raise ValidationError(
                    self.env._("The country code of phones is 1 to 3 digits, such as 55.")
                )

    @api.constrains("erp_kind", "erp_callback_url", "erp_callback_rate", "erp_timeout")
    def _check_callback_limits(self):
        for tenant in self.filtered(lambda tenant: tenant._callback_auth()):
            if not 1 <= tenant.erp_callback_rate <= MOST_CALLS:
                raise ValidationError(
                    self.env._("The calls per minute are 1 to %(most)s.", most=MOST_CALLS)
                )
            if tenant.erp_timeout > LONGEST_CALL:
                raise ValidationError(
                    self.env._(
                        "The time-out of calls with quotations is at most %(most)s seconds.",
                        most=LONGEST_CALL,
                    )
                )

    @api.constrains("erp_mapping")
    def _check_mapping(self):
        for tenant in self:
            try:
                erp_mapping.parsed(tenant.erp_mapping or "")
            except erp_mapping.MappingRefused as refused:
                raise ValidationError(self._mapping_sentence(refused)) from None

    @api.model
    def _mapping_sentence(self, refused):
        where, env = refused.where, self.env
        return {
            "long": env._("The field mapping is too long."),
            "yaml": env._(
                "The field mapping is not plain YAML (line %(line)s).", line=where or "?"
            ),
            "shape": env._(
                "The field mapping has to be kinds (products, customers, orders) with a rule for "
                "each field. Look at: %(where)s.",
                where=where or "–",
            ),
            "name": env._(
                "“%(name)s” cannot name a mapping: lower-case letters, digits and underscores "
                "only.",
                name=where,
            ),
            "kind": env._(
                "“%(kind)s” is no kind of record: products, customers or orders.", kind=where
            ),
            "rule": env._("The rule for “%(field)s” is a path or has named parts.", field=where),
            "id": env._("The mapping of %(kind)s needs a rule for id.", kind=where),
        }[refused.code]

    @api.model
    def _document_fields(self):
        return super()._document_fields() | SETTINGS

    @api.model
    def _tidied(self, vals):
        vals = dict(super()._tidied(vals))
        if vals.get("erp_callback_url"):
            vals["erp_callback_url"] = vals["erp_callback_url"].strip().rstrip("/")
        if vals.get("erp_phone_country"):
            vals["erp_phone_country"] = vals["erp_phone_country"].strip().lstrip("+")
        return vals

    def _callback_auth(self):
        """Return how a callback is proven; False where there is none."""
        self.ensure_one()
        return self.erp_kind == "sends" and self.erp_callback_url and self.erp_callback_auth

    def _erp_document(self):
        if self.erp_kind != "sends":
            return super()._erp_document()
        return {
            "type": "rest-generic",
            "config": {
                "phone_country": self.erp_phone_country or None,
                "mapping": erp_mapping.parsed(self.erp_mapping or ""),
                "callback": self._callback_document(),
            },
        }

    def _callback_document(self):
        """Return the callback, None without one or while a secret of it is missing."""
        auth = self._callback_auth()
        needed = ["erp_callback_secret", *(["erp_api_key"] if auth != "signature" else [])]
        if not auth or not all(self._ref_if_set(ref) for ref in needed):
            return None
        return {
            "url": self.erp_callback_url,
            "secret_ref": "erp_callback_secret",
            "auth": auth,
            "username": self.erp_login if auth == "basic" else "",
            "credential_ref": None if auth == "signature" else "erp_api_key",
            "timeout": self.erp_timeout,
            "rate": self.erp_callback_rate,
        }
