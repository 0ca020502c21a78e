import time
import uuid

from odoo.tests import Form, tagged

from .common import RulesCase


@tagged("post_install", "-at_install")
class TestGaps(RulesCase):
    def test_a_gap_becomes_the_draft_of_a_rule(self):
        row = {"at": time.time() - 5, "outcome": "handed_off", "reason": "unsure", "steps": []}
        rows = [
            {**row, "uuid": str(uuid.uuid4()), "question": "Vocês entregam em Campinas?"},
            {**row, "uuid": str(uuid.uuid4()), "question": "Entrega para Campinas?"},
        ]
        self._facade().turn_traces(rows)
        gap = self.env["ai.conversation.gap"].search([("tenant_id", "=", self.tenant.id)])
        action = gap.with_user(self.manager).action_propose_rule()
        rules = self.env["ai.business.rule"].with_user(self.manager)
        with Form(rules.with_context(**action["context"])) as form:
            form.save()
        rule = self.env["ai.business.rule"].search([], order="id desc", limit=1)
        self.assertEqual((rule.profile_id, rule.stage), (self.profile, "draft"))
        self.assertIn("campinas", rule.name.lower())
        for asked in rows:
            self.assertIn(asked["question"], rule.text)
        told = self._facade().rule_ids()["rule"]
        self.assertNotIn(rule.id, told, "a draft is told to nobody")
