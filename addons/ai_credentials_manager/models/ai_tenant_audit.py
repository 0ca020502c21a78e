from odoo import models


class AiTenant(models.Model):
    _inherit = "ai.tenant"
