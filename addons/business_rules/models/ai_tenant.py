from odoo import models

SPOKEN = frozenset({"language", "timezone"})


class AiTenant(models.Model):
    _inherit = "ai.tenant"

    def write(self, vals):
        result = super().write(vals)
        if SPOKEN & vals.keys():
            # Every sentence is in the tenant's language, every date on the tenant's clock.
            profiles = self.env["ai.company.profile"].search([("tenant_id", "in", self.ids)])
            for records in profiles._all_synced():
                records._content_changed()
        return result

    def _apply_enrollment(self, *args, **kwargs):
        result = super()._apply_enrollment(*args, **kwargs)
        self._queue_all_rules()
        return result

    def _queue_all_rules(self):
        """Have the AI service compare all of this tenant's rules with its copy."""
        self.ensure_one()
        profile = self.env["ai.company.profile"].search([("tenant_id", "=", self.id)])
        if profile:
            self.env["ai.job"]._enqueue(self, "sync_rules", {}, record=profile)
