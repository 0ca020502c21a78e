from odoo import api, fields, models

from ..phone_keys import key
from ..readable import PARTNER


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["ai.integration.fields", "res.partner"]

    _ai_readable_fields = PARTNER

    ai_phone_key = fields.Char(
        "Phone in International Form",
        compute="_compute_ai_phone_key",
        store=True,
        index="btree_not_null",
        help="The AI service finds a customer by it: the same for each way to write the number.",
    )

    ai_company_ids = fields.One2many("res.company", "partner_id", "Companies It Stands For")

    @api.depends("phone", "country_id", "company_id.partner_id.country_id")
    def _compute_ai_phone_key(self):
        for partner in self:
            country = partner.country_id or partner.company_id.country_id
            dial_code = str(country.phone_code or "")
            partner.ai_phone_key = key(partner.phone, dial_code) or False
