from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .ai_crew import CREWS

MOST_OPTIONS = 9  # a customer answers with one digit
LONGEST = 100  # characters of a label or keyword


class AiMenuOption(models.Model):
    """One line of the choice that customers see at the start: a number, words and a crew."""

    _name = "ai.menu.option"
    _description = "AI Menu Option"
    _order = "tenant_id, sequence, id"
    _rec_name = "label"

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    label = fields.Char(required=True, size=LONGEST)
    crew = fields.Selection(CREWS, required=True, default="sales")
    keywords = fields.Char(help="Words that choose this option too, separated by commas.")
    attendant = fields.Char("Attendant's Name", help="Who greets the customer after the choice.")

    @api.constrains("tenant_id", "keywords")
    def _check_options(self):
        for tenant in self.tenant_id:
            if len(tenant.menu_option_ids) > MOST_OPTIONS:
                raise ValidationError(
                    self.env._("A menu has at most %(count)s options.", count=MOST_OPTIONS)
                )
        if any(len(word) > LONGEST for option in self for word in option._keyword_list()):
            raise ValidationError(
                self.env._("A keyword has at most %(count)s characters.", count=LONGEST)
            )

    @api.model_create_multi
    def create(self, vals_list):
        options = super().create(vals_list)
        options.tenant_id._mark_to_sync()
        return options

    def write(self, vals):
        tenants = self.tenant_id
        result = super().write(vals)
        (tenants | self.tenant_id)._mark_to_sync()
        return result

    def unlink(self):
        tenants = self.tenant_id
        result = super().unlink()
        tenants.exists()._mark_to_sync()
        return result

    def _keyword_list(self):
        self.ensure_one()
        words = (word.strip() for word in (self.keywords or "").split(","))
        return list(dict.fromkeys(word for word in words if word))

    def _option_document(self):
        """Return this option's part of the tenant document."""
        self.ensure_one()
        return {
            "label": self.label.strip(),
            "crew": self.crew,
            "keywords": self._keyword_list(),
            "attendant": (self.attendant or "").strip(),
        }
