from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RulesCase


@tagged("post_install", "-at_install")
class TestAsk(RulesCase):
    def setUp(self):
        super().setUp()
        self.mine = self.profile.with_user(self.user)

    def _job(self):
        return self._jobs(action="ask_rules")[-1:]

    def test_a_question_is_answered_with_the_rules_it_comes_from(self):
        rule = self._rule("return", name="Trocas", return_days=7)
        asked = self.mine.ask("  Can I   return it? ")
        self.assertEqual((asked["state"], asked["question"]), ("pending", "Can I return it?"))
        job = self._job()
        self.assertEqual(job.payload, {"question": "Can I return it?", "language": "en_US"})
        matched = {"kind": "rule", "id": rule.id, "score": 0.83, "text": rule.sentence}
        job._finish({"answer": "Yes, within 7 days.", "rules": [matched]})
        state = self.mine.answer_state(asked["job"])
        self.assertEqual((state["state"], state["answer"]), ("done", "Yes, within 7 days."))
        self.assertEqual(
            state["rules"],
            [{**matched, "model": "ai.business.rule", "name": "Trocas"}],
        )
        self.assertEqual(self.mine.answer_state()["job"], asked["job"])

    def test_rules_that_the_user_cannot_see_are_not_named(self):
        theirs = self._rule(name="Secret", profile_id=self.other_profile.id)
        asked = self.mine.ask("What?")
        rules = [{"kind": "rule", "id": theirs.id, "score": 1, "text": "Secret words"}]
        self._job()._finish({"answer": "Hm.", "rules": rules})
        [rule] = self.mine.answer_state(asked["job"])["rules"]
        self.assertEqual((rule["name"], rule["text"]), ("", ""))

    def test_everybody_sees_their_own_questions_only(self):
        asked = self.mine.ask("What?")
        other = self.profile.with_user(self.manager)
        self.assertFalse(other.answer_state(asked["job"]))
        self.assertFalse(other.answer_state())

    def test_a_failure_is_told_in_words(self):
        asked = self.mine.ask("What?")
        self._job()._fail("unreachable", "")
        state = self.mine.answer_state(asked["job"])
        self.assertEqual(state["state"], "failed")
        self.assertIn("does not answer", state["error"])

    def test_an_unreachable_service_is_told_at_once(self):
        self.mine.ask("What?")
        self._job()._not_accepted("unreachable", "")
        self.assertEqual(self._job().state, "failed")

    def test_a_result_of_the_wrong_shape_is_a_failure(self):
        for result in (
            {"answer": 1, "rules": []},
            {"answer": "x", "rules": [{"kind": "res.users", "id": 1}]},
            {"answer": "x", "rules": [{"kind": "rule", "id": "1"}]},
            {"answer": "x"},
        ):
            with self.subTest(result=result):
                self.mine.ask("What?")
                job = self._job()
                job._finish(result)
                self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_what_cannot_be_asked(self):
        for question, words in (("  ", "Type a question"), ("x" * 1001, "at most 1000")):
            with self.assertRaisesRegex(UserError, words):
                self.mine.ask(question)
        with self.assertRaises(AccessError):
            self.other_profile.with_user(self.user).ask("What?")
        employee = self._person("rules_asker", "base.group_user")
        with self.assertRaises(AccessError):
            self.profile.with_user(employee).ask("What?")
        self.tenant.state = "not_connected"
        with self.assertRaisesRegex(UserError, "not connected"):
            self.mine.ask("What?")
