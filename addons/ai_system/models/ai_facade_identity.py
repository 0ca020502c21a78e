"""One-time codes by e-mail, and which keys of MCP clients were used."""

from odoo import api, models


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def audit_rows(self, rows):
        result = super().audit_rows(rows)
        self.env["ai.mcp.key"]._note_use(self._tenant(), rows)
        return result
