from odoo import api, fields, models

TEXTS = ("role", "goal", "backstory")


class AiAgent(models.Model):
    _name = "ai.agent"
    _description = "AI Agent"
    _order = "crew_id, sequence, id"

    crew_id = fields.Many2one("ai.crew", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="crew_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, help="Tells the agents of a crew apart.")
    role = fields.Char(help="Who the agent is. Empty: the AI service's own text.")
    goal = fields.Text(help="What the agent wants to reach. Empty: the AI service's own text.")
    backstory = fields.Text(
        help="What the agent knows and how it speaks. Empty: the AI service's own text."
    )
    verbose = fields.Boolean(
        "Detailed Log", help="The AI service writes each step of this agent into its log."
    )
    tool_ids = fields.Many2many(
        "ai.tool",
        string="Allowed Tools",
        help="Empty: the tools that the AI service gives this crew.",
    )

    _crew_name_unique = models.Constraint(
        "UNIQUE(crew_id, name)", "Two agents of a crew cannot have the same name."
    )

    @api.model_create_multi
    def create(self, vals_list):
        agents = super().create(vals_list)
        agents.crew_id.tenant_id._mark_to_sync()
        return agents

    def write(self, vals):
        tenants = self.crew_id.tenant_id
        result = super().write(vals)
        (tenants | self.crew_id.tenant_id)._mark_to_sync()
        return result

    def unlink(self):
        tenants = self.crew_id.tenant_id
        result = super().unlink()
        tenants._mark_to_sync()
        return result

    def _agent_document(self):
        """Return this agent's part of the tenant document; what is empty is left out."""
        self.ensure_one()
        document = {"name": self.name.strip()}
        for name in TEXTS:
            if text := (self[name] or "").strip():
                document[name] = text
        document["verbose"] = self.verbose
        if self.tool_ids:
            document["tools"] = self.tool_ids.mapped("code")
        return document
