from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ai_studio_settings_ids = fields.One2many(
        "ai.studio.settings",
        "company_id",
        "Settings of Product Texts",
        groups="ai_system.ai_system_group_manager",
    )
