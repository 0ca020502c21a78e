from odoo import models


class AiTenant(models.Model):
    _inherit = "ai.tenant"

    def _audit(self, operation, subject, result="ok", code=""):
        """Write it to the access log instead of the server's log.

        Raises UserError when the access log cannot be written: then it must not be done either.
        """
        self.ensure_one()
        self.env["ai.audit.log"]._note(self, operation, subject, result, code)
