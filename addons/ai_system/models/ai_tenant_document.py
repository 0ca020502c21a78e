"""What the sidecar is told about a tenant: its ERP, model and stores, and the whole document."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..outbound import AddressRefused, check_address
from .ai_secret_owner import MANAGERS

ERP_KINDS = [("own", "This Odoo"), ("external", "Another Odoo")]
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
DEFAULT_TIMEOUT = 10

# A change of one of them has to be synchronized.
SETTINGS = frozenset(
    {
        "erp_kind",
        "erp_url",
        "erp_database",
        "erp_login",
        "erp_api_key",
        "erp_timeout",
        "erp_verify_ssl",
        "llm_base_url",
        "llm_chat_model",
        "llm_fallback_chat_model",
        "llm_api_key",
        "qdrant_collection",
        "qdrant_url",
        "qdrant_api_key",
        "redis_prefix",
    }
)
ADDRESSES = ("erp_url", "llm_base_url", "qdrant_url")
TEXTS = (
    "qdrant_collection",
    "erp_database",
    "erp_login",
    "llm_chat_model",
    "llm_fallback_chat_model",
)


class AiTenant(models.Model):
    _name = "ai.tenant"
    _inherit = ["ai.tenant", "ai.secret.owner"]

    _secret_fields = ("erp_api_key", "llm_api_key", "qdrant_api_key")

    erp_kind = fields.Selection(
        ERP_KINDS,
        "ERP",
        required=True,
        default="own",
        tracking=True,
        help="Where products, stock and orders are read: in this database, in another one, or in "
        "what an ERP sends.",
    )
    erp_url = fields.Char("ERP URL", tracking=True)
    erp_database = fields.Char("ERP Database", tracking=True)
    erp_login = fields.Char("ERP User", tracking=True)
    erp_timeout = fields.Integer(
        "ERP Time-out", default=DEFAULT_TIMEOUT, help="Seconds to wait for an answer (1 to 120)."
    )
    erp_verify_ssl = fields.Boolean("Verify SSL", default=True, tracking=True)
    llm_base_url = fields.Char(
        "LLM URL",
        tracking=True,
        help="An OpenAI-compatible service, for example https://api.openai.com/v1. Empty: the "
        "model that the AI service is set up with.",
    )
    llm_chat_model = fields.Char("Chat Model", tracking=True)
    llm_fallback_chat_model = fields.Char(
        "Second Chat Model",
        tracking=True,
        help="Answers when the chat model fails twice, with the same address and key. Empty: where "
        "an address is entered above, none; else the second model of the AI service.",
    )
    qdrant_collection = fields.Char(
        help="Empty: the collection that the tenants share; each sees only its own points.",
        copy=False,
    )
    qdrant_url = fields.Char("Qdrant URL", tracking=True, help="Empty: the AI service's own.")
    redis_prefix = fields.Char(
        compute="_compute_redis_prefix",
        store=True,
        readonly=False,
        copy=False,
        help="Begins the keys of what the AI service derives for this tenant.",
    )
    erp_api_key = fields.Char(
        "ERP API Key",
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("erp_api_key"),
        groups=MANAGERS,
    )
    llm_api_key = fields.Char(
        "LLM API Key",
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("llm_api_key"),
        groups=MANAGERS,
    )
    qdrant_api_key = fields.Char(
        "Qdrant API Key",
        compute="_compute_secrets",
        inverse=lambda self: self._store_secret("qdrant_api_key"),
        groups=MANAGERS,
    )
    erp_api_key_set = fields.Boolean(compute="_compute_secrets", groups=MANAGERS)
    llm_api_key_set = fields.Boolean(compute="_compute_secrets", groups=MANAGERS)
    qdrant_api_key_set = fields.Boolean(compute="_compute_secrets", groups=MANAGERS)

    _redis_prefix_unique = models.Constraint(
        "UNIQUE(redis_prefix)", "Another tenant already uses this Redis prefix."
    )
    _qdrant_collection_unique = models.Constraint(
        "UNIQUE(qdrant_collection)", "Another tenant already uses this Qdrant collection."
    )

    @api.depends("account_id")
    def _compute_redis_prefix(self):
        for tenant in self:
            tenant.redis_prefix = tenant.account_id

    @api.model
    def _check_typed_address(self, url, label):
        """Raise ValidationError, with what to do, unless `url` is empty or a plain address."""
        try:
            if url:
                check_address(url)
        except AddressRefused as error:
            if str(error) == "credentials":
                text = self.env._(
                    "The %(label)s must not contain a user or a password: everybody who sees the "
                    "settings would read them.",
                    label=label,
                )
            else:
                text = self.env._(
                    "The %(label)s has to be an address that starts with https:// (or http://), "
                    "without a question mark or #.",
                    label=label,
                )
            raise ValidationError(text) from None

    @api.constrains(*ADDRESSES)
    def _check_addresses(self):
        for tenant in self:
            for name in ADDRESSES:
                tenant._check_typed_address(
                    tenant[name], self._fields[name]._description_string(self.env)
                )

    @api.constrains("erp_kind", "erp_url", "erp_database", "erp_login")
    def _check_erp(self):
        for tenant in self.filtered(lambda tenant: tenant.erp_kind == "external"):
            if not (tenant.erp_url and tenant.erp_database and tenant.erp_login):
                raise ValidationError(
                    self.env._("Another Odoo as ERP needs its URL, its database and a user.")
                )

    @api.constrains("erp_timeout")
    def _check_erp_timeout(self):
        if any(not 1 <= tenant.erp_timeout <= 120 for tenant in self):
            raise ValidationError(self.env._("The ERP's time-out is 1 to 120 seconds."))

    @api.constrains("redis_prefix", "qdrant_collection")
    def _check_names(self):
        for tenant in self:
            for name in (tenant.redis_prefix, tenant.qdrant_collection):
                if name and not NAME.fullmatch(name):
                    raise ValidationError(
                        self.env._(
                            "The Redis prefix and the Qdrant collection have to start with a "
                            "lower-case letter and may hold lower-case letters, digits and "
                            "underscores only."
                        )
                    )

    def _secret_ref(self, name):
        # The fields are called as the references are.
        return name

    def _secret_tenant(self):
        return self

    @api.model
    def _document_fields(self):
        return super()._document_fields() | SETTINGS

    @api.model
    def _tidied(self, vals):
        vals = dict(super()._tidied(vals))
        for name in ADDRESSES:
            if vals.get(name):
                vals[name] = vals[name].strip().rstrip("/")
        for name in TEXTS:
            if name in vals:
                vals[name] = (vals[name] or "").strip() or False
        if "redis_prefix" in vals and not vals["redis_prefix"]:
            vals.pop("redis_prefix")
        return vals

    def _tenant_document(self):
        """Return the tenant document of docs/contracts.md: configuration with secrets by ref."""
        self.ensure_one()
        return {
            "version": self.config_version,
            "account_id": self.account_id,
            "name": self.name,
            "client_name": self.client_name or self.name,
            "domain": self.business_area,
            "language": self.language,
            "timezone": self.timezone,
            "currency": self.company_id.currency_id.name,
            "company_id": self.company_id.id,
            "include_shared_records": self.include_shared_records,
            "availability": self.availability,
            "crews": {crew.key: crew._crew_document() for crew in self.crew_ids},
            "tools": self._tools_document(),
            "mcp_keys": self._mcp_keys_document(),
            "conversation": self._conversation_document(),
            "integrations": {
                "control": {"config": self._control_config()},
                "mcp": self._erp_document(),
                "llm": {
                    "config": {
                        "base_url": self.llm_base_url or None,
                        "chat_model": self.llm_chat_model or None,
                        "fallback_chat_model": self.llm_fallback_chat_model or None,
                        "api_key_ref": self._ref_if_set("llm_api_key"),
                    }
                },
                "redis": {"config": {"prefix": self.redis_prefix or self.account_id}},
                "qdrant": {
                    "config": {
                        "collection": self.qdrant_collection or None,
                        "url": self.qdrant_url or None,
                        "api_key_ref": self._ref_if_set("qdrant_api_key"),
                    }
                },
                **self._platform_documents(),
                "chatwoot": {"channels": [c._channel_document() for c in self._live_channels()]},
            },
        }

    def _tenant_secrets(self):
        """Return {ref: value} of the message path's secrets that are set: the complete set."""
        self.ensure_one()
        refs = ["odoo_api_key", "llm_api_key", "qdrant_api_key"]
        for channel in self._live_channels():
            refs += channel._all_refs()
        return {ref: value for ref in refs if (value := self._get_secret(ref))}

    def _live_channels(self):
        # Whatever the caller's context says: an archived channel answers nobody.
        return self.channel_ids.filtered("active")

    def _control_config(self):
        return {
            "url": self._odoo_url(),
            "db": self.env.cr.dbname,
            "username": self.sudo().integration_user_id.login or "",
            "credential_ref": "odoo_api_key",
        }

    def _erp_document(self):
        """Return `integrations.mcp`: the ERP that is read."""
        return {"type": "odoo-mcp", "config": self._erp_config()}

    def _erp_config(self):
        if self.erp_kind == "external":
            config = {
                "url": self.erp_url,
                "db": self.erp_database,
                "username": self.erp_login,
                "credential_ref": "erp_api_key",
            }
        else:
            config = self._control_config()
        return {**config, "timeout": self.erp_timeout, "verify_ssl": self.erp_verify_ssl}

    def _ref_if_set(self, ref):
        return ref if self._get_secret(ref) else None

    def _odoo_url(self):
        """Return the address under which the sidecar reaches this Odoo, without trailing slash."""
        # Sudo: only the system group reads parameters.
        params = self.env["ir.config_parameter"].sudo()
        url = params.get_param("ai_system.odoo_url_for_sidecar") or params.get_param("web.base.url")
        return url.rstrip("/")
