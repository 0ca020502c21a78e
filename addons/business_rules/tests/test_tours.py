from odoo.tests import HttpCase, tagged

from odoo.addons.ai_system.models.ai_job import AiJob

from .common import RulesCase


@tagged("post_install", "-at_install")
class TestTours(RulesCase, HttpCase):
    def _tour(self, name, user):
        url = f"/odoo/ai.company.profile/{self.profile.id}"
        self.start_tour(url, name, login=user.login)
        self.env.invalidate_all()

    def test_a_rule_is_written_and_speaks_while_it_is_written(self):
        self._rule("return", name="Trocas", return_days=7)
        self._tour("business_rules_edit", self.manager)
        rule = self.profile.rule_ids.filtered(lambda rule: rule.name == "Extended returns")
        self.assertEqual((rule.kind, rule.return_days, rule.state), ("return", 30, "active"))
        self.assertTrue(rule.has_conflict)
        self.assertEqual(len(self.profile.hour_ids), 7)
        self.assertTrue(self._jobs(action="sync_rules"))

    def test_a_question_is_answered_on_the_form(self):
        rule = self._rule("return", name="Trocas", return_days=7)
        enqueue = AiJob._enqueue

        def answered(jobs, tenant, action, params, record=None):
            job = enqueue(jobs, tenant, action, params, record)
            if action == "ask_rules":
                found = {"kind": "rule", "id": rule.id, "score": 0.9, "text": rule.sentence}
                job.sudo()._finish({"answer": "Yes, within 7 days.", "rules": [found]})
            return job

        self.patch(AiJob, "_enqueue", answered)
        self._tour("business_rules_ask", self.user)
        self.assertEqual(self._jobs(action="ask_rules").user_id, self.user)
