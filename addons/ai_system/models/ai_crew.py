from odoo import api, fields, models

# The names of docs/contracts.md; what a label says is the language of the person who looks.
CREWS = [
    ("customer_service", "Customer Service"),
    ("sales", "Sales"),
    ("product_management", "Product Management"),
    ("social_media", "Social Media"),
    ("marketplace", "Marketplace"),
    ("analytics", "Analytics"),
]
ENABLED_AT_FIRST = ("customer_service", "product_management")


class AiCrew(models.Model):
    _name = "ai.crew"
    _description = "AI Crew"
    _order = "tenant_id, sequence, id"
    _rec_name = "key"

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    key = fields.Selection(CREWS, "Crew", required=True)
    sequence = fields.Integer(compute="_compute_sequence", store=True)
    enabled = fields.Boolean(
        help="A crew that is switched off refuses all work: customers get a person instead."
    )
    name = fields.Char(help="Empty: the AI service's own name.")
    description = fields.Text(help="Empty: the AI service's own description.")
    agent_ids = fields.One2many("ai.agent", "crew_id", "Agents")
    agent_count = fields.Integer("Number of Agents", compute="_compute_agent_count")

    _tenant_key_unique = models.Constraint(
        "UNIQUE(tenant_id, key)", "A tenant has each crew only once."
    )

    @api.depends("key")
    def _compute_sequence(self):
        order = [key for key, _label in CREWS]
        for crew in self:
            crew.sequence = order.index(crew.key) if crew.key in order else len(order)

    @api.depends("agent_ids")
    def _compute_agent_count(self):
        for crew in self:
            crew.agent_count = len(crew.agent_ids)

    @api.depends("key", "tenant_id.name")
    @api.depends_context("lang", "of_tenant")
    def _compute_display_name(self):
        labels = dict(self._fields["key"]._description_selection(self.env))
        for crew in self:
            label = labels.get(crew.key, "")
            crew.display_name = f"{crew.tenant_id.name} – {label}" if crew.tenant_id else label

    @api.model_create_multi
    def create(self, vals_list):
        crews = super().create(vals_list)
        crews.tenant_id._mark_to_sync()
        return crews

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

    def _crew_document(self):
        """Return this crew's part of the tenant document; empty texts are left out."""
        self.ensure_one()
        document = {"enabled": self.enabled}
        for name in ("name", "description"):
            if text := (self[name] or "").strip():
                document[name] = text
        if self.agent_ids:
            document["agents"] = [agent._agent_document() for agent in self.agent_ids]
        return document
