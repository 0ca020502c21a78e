from odoo import models


class AiTenant(models.Model):
    _inherit = "ai.tenant"

    def _audit(self, operation, subject, result="ok", code=""):
        """Write it to the access log too: the server's log is a second witness.

        Raises UserError when the access log cannot be written: then it must not be done either.
        """
        self.env["ai.audit.log"]._note(self, operation, subject, result, code)
        return super()._audit(operation, subject, result, code)
