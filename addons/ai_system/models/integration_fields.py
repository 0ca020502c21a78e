"""A mixin of the models whose records the integration user may read, but not every field."""

from odoo import api, models

from ..readable import ALWAYS

GROUP = "ai_system.ai_system_group_integration"


class AiIntegrationFields(models.AbstractModel):
    """Keeps the integration user to the fields of `_ai_readable_fields`, over RPC too."""

    _name = "ai.integration.fields"
    _description = "Fields That the AI Service May Read"

    _ai_readable_fields = frozenset()

    @api.model
    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        if not allowed or self.env.su:
            return allowed
        if field.name in self._ai_readable_fields or field.name in ALWAYS:
            return True
        return not self.env.user.has_group(GROUP)
