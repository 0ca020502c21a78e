from odoo import models

from ..exceptions import VaultUnavailable


class AiJob(models.Model):
    _inherit = "ai.job"

    def _send_or_poll(self):
        try:
            return super()._send_or_poll()
        except VaultUnavailable as error:
            # Nothing was sent. The job waits, uncounted, and says what has to be mended.
            return self._not_accepted("vault_unavailable", str(error))
