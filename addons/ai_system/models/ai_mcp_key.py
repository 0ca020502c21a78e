"""Keys with which MCP clients use a tenant's tools. Only their hashes are kept and pushed."""

import hashlib
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

LONGEST_LIFE = timedelta(days=366)
USUAL_LIFE = timedelta(days=90)
PREFIX = "cwai_"
HINT = 4  # characters by which people tell keys apart
STATES = [
    ("draft", "No key yet"),
    ("active", "Valid"),
    ("expired", "Expired"),
    ("revoked", "Revoked"),
]
# A change of one of them is pushed at once.
PUSHED = frozenset(
    {"name", "tenant_id", "partner_id", "tool_ids", "write_allowed", "expires", "sha256"}
    | {"revoked_on"}
)
OWN_WORK = frozenset({"sha256", "hint", "revoked_on", "last_used"})
CLOCKS = timedelta(minutes=5)  # how far they may differ
SERVICE = re.compile(r"mcp/([0-9]{1,9})")


class AiMcpKey(models.Model):
    _name = "ai.mcp.key"
    _description = "MCP Key"
    _order = "revoked_on desc, expires, id"

    name = fields.Char(required=True, help="Who or what uses it, such as Claude on Ana's computer.")
    tenant_id = fields.Many2one(
        "ai.tenant",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env["ai.tenant"]._for_company(self.env.company),
    )
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Belongs to",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="The person who answers for what is done with the key.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "On Behalf of the Customer",
        domain="['|', ('company_id', '=', company_id), ('company_id', '=', False)]",
        help="Empty: tools that need a proven customer answer nothing. With a customer the key "
        "reads that customer's orders and invoices, and nobody else's.",
    )
    tool_ids = fields.Many2many(
        "ai.tool", string="Tools", help="Empty: every tool that only reads."
    )
    write_allowed = fields.Boolean(
        "May Write",
        help="Only the writing tools that the tenant has switched on, and each write is confirmed "
        "in a second call.",
    )
    expires = fields.Datetime(
        required=True,
        default=lambda self: fields.Datetime.now() + USUAL_LIFE,
        help="One year ahead at most.",
    )
    sha256 = fields.Char("Fingerprint", readonly=True, copy=False)
    hint = fields.Char("Ends in", readonly=True, copy=False)
    revoked_on = fields.Datetime(readonly=True, copy=False)
    last_used = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(STATES, compute="_compute_state")

    _sha256_unique = models.Constraint("UNIQUE(sha256)", "This key exists already.")

    @api.depends("sha256", "revoked_on", "expires")
    def _compute_state(self):
        now = fields.Datetime.now()
        for key in self:
            if key.revoked_on:
                key.state = "revoked"
            elif not key.sha256:
                key.state = "draft"
            else:
                key.state = "active" if key.expires and key.expires > now else "expired"

    @api.constrains("expires")
    def _check_expires(self):
        now = fields.Datetime.now()
        for key in self:
            if not now < key.expires <= now + LONGEST_LIFE:
                raise ValidationError(
                    self.env._("A key ends in the future, one year from now at the latest.")
                )

    @api.constrains("partner_id", "tenant_id")
    def _check_partner(self):
        for key in self:
            company = key.partner_id.company_id
            if company and company != key.company_id:
                raise ValidationError(
                    self.env._("The customer belongs to another company than the key.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if "tenant_id" in vals and any(key.sha256 for key in self):
            raise UserError(
                self.env._("A key stays with its tenant: make another one for the other tenant.")
            )
        result = super().write(vals)
        if PUSHED & vals.keys():
            self.filtered("sha256")._push()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        if any(key.state == "active" for key in self):
            raise UserError(self.env._("Revoke a key before you delete it."))

    @api.model
    def _check_typed(self, vals):
        if OWN_WORK & vals.keys() and not self.env.su:
            raise AccessError(self.env._("Keys are made and revoked with the buttons only."))

    def action_make_key(self):
        """Make the key and show it, this one time, with a client's configuration."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("This key was made already. Make another one."))
        if self.expires <= fields.Datetime.now():
            raise UserError(self.env._("The expiry lies in the past: choose a later one first."))
        key = PREFIX + secrets.token_urlsafe(32)
        # Sudo: nobody types a fingerprint; the right to write was checked above.
        self.sudo().write({"sha256": hashlib.sha256(key.encode()).hexdigest(), "hint": key[-HINT:]})
        self.tenant_id._audit("create", self._audit_subject())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("The Key of “%(name)s”", name=self.name),
            "res_model": "ai.mcp.key.show",
            "views": [(self.env.ref("ai_system.ai_mcp_key_show_view_form").id, "form")],
            "target": "new",
            # In the context alone: what is written nowhere cannot be read later.
            "context": {
                "default_key": key,
                "default_url": self.tenant_id._mcp_url(),
                "default_configuration": self._client_configuration(key),
                "dialog_size": "medium",
            },
        }

    def action_revoke(self):
        """End these keys at once, here and in the AI service."""
        self.check_access("write")
        for key in self.filtered(lambda key: key.state in ("active", "expired")):
            # Sudo: as in action_make_key.
            key.sudo().revoked_on = fields.Datetime.now()
            key.tenant_id._audit("revoke", key._audit_subject())
        return True

    def _audit_subject(self):
        return f"mcp/{self.id} {self.name}"

    def _push(self):
        self.tenant_id._push_settings()

    def _client_configuration(self, key):
        """Return what is pasted into the settings of an MCP client."""
        server = {
            "type": "http",
            "url": self.tenant_id._mcp_url(),
            "headers": {"Authorization": f"Bearer {key}"},
        }
        name = f"chatwootai-{self.tenant_id.account_id}"
        return json.dumps({"mcpServers": {name: server}}, indent=2)

    def _key_document(self):
        """Return this key's part of the tenant document (docs/tools.md)."""
        self.ensure_one()
        document = {
            "id": self.id,
            "name": self.name,
            "sha256": self.sha256,
            "tools": self.tool_ids.mapped("code"),
            "write": self.write_allowed,
            "expires": self.expires.isoformat() + "Z",
        }
        if self.partner_id:
            document["partner_id"] = self.partner_id.id
        return document

    @api.model
    def _note_use(self, tenant, rows):
        """Keep when the keys of `tenant` were last used, from rows for the audit."""
        used = {}
        for row in rows:
            found = SERVICE.fullmatch(row["service"])
            if found and row["result"] == "ok":
                key_id = int(found.group(1))
                used[key_id] = max(used.get(key_id, 0), row["at"])
        if not used:
            return
        # Sudo: the integration user has no rights on keys; only its own tenant's are touched.
        keys = self.sudo().search([("tenant_id", "=", tenant.id), ("id", "in", list(used))])
        now = fields.Datetime.now()
        for key in keys:
            at = _instant(used[key.id])
            if at and at <= now + CLOCKS and not (key.last_used and key.last_used >= at):
                key.last_used = at

    @api.autovacuum
    def _gc_expired(self):
        """Have the keys that ended since the last push taken out of the AI service's settings."""
        now = fields.Datetime.now()
        ended = self.search(
            [("expires", "<=", now), ("expires", ">", now - timedelta(days=2))]
        ).filtered(lambda key: key.state == "expired")
        ended._push()


class AiMcpKeyShow(models.AbstractModel):
    """A dialog without a table, so that the key is kept nowhere."""

    _name = "ai.mcp.key.show"
    _description = "Show an MCP Key"

    # The form asks for the defaults with it.
    id = fields.Id()
    key = fields.Char(readonly=True)
    url = fields.Char("Address", readonly=True)
    configuration = fields.Text(readonly=True)


def mcp_url(service_url):
    """Return the address of the MCP server beside the AI service at `service_url`.

    One port higher; behind an address without a port a proxy serves both.
    """
    parts = urlsplit(service_url)
    if parts.port is None:
        return f"{service_url.rstrip('/')}/mcp"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port + 1}/mcp"


def _instant(seconds):
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=0)
    except (ValueError, OverflowError, OSError):
        return None
