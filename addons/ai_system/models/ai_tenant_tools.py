"""Which tools of this tenant may write, and whose MCP keys are known."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ai_mcp_key import mcp_url

SETTINGS = frozenset({"writing_tool_ids", "identity_codes"})


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    writing_tool_ids = fields.Many2many(
        "ai.tool",
        "ai_tenant_writing_tool_rel",
        string="Tools that May Write",
        domain=[("effect", "!=", "read")],
        copy=False,
        tracking=True,
        groups="ai_system.ai_system_group_manager",
        help="Switched off, such a tool is not even offered to the model.",
    )
    identity_codes = fields.Boolean(
        "Codes by E-mail",
        default=True,
        tracking=True,
        help="A customer whom the channel does not prove may receive a one-time code at the "
        "e-mail address that Odoo holds.",
    )
    mcp_key_ids = fields.One2many(
        "ai.mcp.key", "tenant_id", "MCP Keys", groups="ai_system.ai_system_group_manager"
    )

    @api.constrains("writing_tool_ids")
    def _check_writing_tools(self):
        for tool in self.writing_tool_ids:
            if tool.effect == "read":
                raise ValidationError(
                    self.env._("“%(tool)s” only reads: it is always on.", tool=tool.name)
                )

    @api.model
    def _document_fields(self):
        return super()._document_fields() | SETTINGS

    def action_view_mcp_keys(self):
        """Open the tenant's MCP keys."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("ai_system.ai_mcp_key_action")
        return {
            **action,
            "domain": [("tenant_id", "=", self.id)],
            "context": {"default_tenant_id": self.id},
        }

    def _push_settings(self):
        """Have these tenants' settings pushed now, not when nobody has typed for a while."""
        self._mark_to_sync()
        for tenant in self.filtered(lambda tenant: tenant.state == "connected"):
            tenant._queue_sync_config()

    def _mcp_url(self):
        """Return the address that MCP clients are told."""
        self.ensure_one()
        # Sudo: only the system group reads parameters.
        typed = self.env["ir.config_parameter"].sudo().get_param("ai_system.mcp_url")
        return typed or mcp_url(self.sidecar_url or "https://ai.example.com")

    def _tools_document(self):
        # Sudo: the switches are the managers'; whoever causes a sync only lets them travel.
        return {
            "writes": self.sudo().writing_tool_ids.mapped("code"),
            "identity_codes": self.identity_codes,
        }

    def _mcp_keys_document(self):
        # Sudo: as in _tools_document; only hashes leave.
        keys = self.sudo().mcp_key_ids.filtered(lambda key: key.state == "active")
        return [key._key_document() for key in keys.sorted("id")]
