from odoo import models


class AiConversationGap(models.Model):
    _inherit = "ai.conversation.gap"

    def action_propose_rule(self):
        """Open a new rule, a draft, with the words of the gap and what customers asked."""
        self.ensure_one()
        profile = self.env["ai.company.profile"].search(
            [("tenant_id", "=", self.tenant_id.id)], limit=1
        )
        questions = "\n".join(f"– {question}" for question in (self.examples or "").split("\n"))
        text = self.env._(
            "Customers ask:\n%(questions)s\n\nWrite the answer here and remove the questions.",
            questions=questions,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Rule"),
            "res_model": "ai.business.rule",
            "views": [(False, "form")],
            "context": {
                "default_profile_id": profile.id,
                "default_name": (self.name or "").capitalize(),
                "default_kind": "general",
                "default_stage": "draft",
                "default_text": text,
            },
        }
