from odoo import models


class AiCredentialRotation(models.Model):
    _name = "ai.credential.rotation"
    _description = "Rotation of the Vault's Keys"
