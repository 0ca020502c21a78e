from odoo import models


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"
