from odoo import fields, models


class AiNonce(models.Model):
    _name = "ai.nonce"
    _description = "Nonce of a Signed Request"

    nonce = fields.Char(required=True)
