from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .. import rule_templates
from .common import RulesCase


@tagged("post_install", "-at_install")
class TestTemplates(RulesCase):
    def _wizard(self, **values):
        wizards = self.env["ai.rule.template.wizard"].with_context(
            default_profile_id=self.profile.id
        )
        return wizards.create(values)

    def test_every_area_speaks_every_language_completely(self):
        for area in rule_templates.AREAS:
            by_language = {
                language: rule_templates.read(area, language)
                for language in rule_templates.LANGUAGES
            }
            english = by_language["en"]
            self.assertGreaterEqual(len(english), 5, area)
            for language, rules in by_language.items():
                with self.subTest(area=area, language=language):
                    self.assertEqual([r["key"] for r in rules], [r["key"] for r in english])
                    for rule, other in zip(rules, english, strict=True):
                        self.assertEqual(rule["values"].keys(), other["values"].keys())
                        self.assertEqual(bool(rule["text"]), bool(other["text"]))
                        if language != "en" and rule["text"]:
                            self.assertNotEqual(rule["text"], other["text"])

    def test_every_template_can_be_added(self):
        for area in rule_templates.AREAS:
            for language in rule_templates.LANGUAGES:
                with self.subTest(area=area, language=language):
                    self.profile.rule_ids.unlink()
                    self.profile.with_context(active_test=False).scheduling_ids.unlink()
                    self._wizard(area=area, language=language).action_add()
                    rules = rule_templates.read(area, language)
                    made = len(self.profile.rule_ids) + len(self.profile.scheduling_ids)
                    self.assertEqual(made, len(rules))

    def test_rules_are_added_as_drafts_that_the_ai_does_not_know(self):
        self._wizard(area="clinic").action_add()
        self.assertEqual(set(self.profile.rule_ids.mapped("state")), {"draft"})
        self.assertFalse(any(self.profile.scheduling_ids.mapped("available")))
        told = self._facade().rule_ids()
        self.assertEqual(told, {"rule": [], "scheduling": [], "document": []})

    def test_area_and_language_are_those_of_the_tenant(self):
        self.tenant.write({"business_area": "restaurant", "language": "en_US"})
        wizard = self._wizard()
        self.assertEqual((wizard.area, wizard.language), ("restaurant", "en"))
        self.assertEqual(rule_templates.language_for("es_MX"), "es")
        self.assertEqual(rule_templates.language_for("pt_PT"), "pt_BR")
        self.assertEqual(rule_templates.area_for("education"), "ecommerce")

    def test_only_what_is_chosen_is_added_and_nothing_twice(self):
        form = Form(
            self.env["ai.rule.template.wizard"].with_context(default_profile_id=self.profile.id)
        )
        for number in range(len(form.line_ids)):
            with form.line_ids.edit(number) as line:
                line.chosen = line.key == "ecommerce.return"
        form.save().action_add()
        self.assertEqual(self.profile.rule_ids.mapped("template_key"), ["ecommerce.return"])
        self.assertEqual(self.profile.rule_ids.return_days, 7)
        again = self._wizard(area="ecommerce")
        line = again.line_ids.filtered(lambda line: line.key == "ecommerce.return")
        self.assertEqual((line.taken, line.chosen), (True, False))
        again.line_ids.chosen = False
        with self.assertRaises(UserError):
            again.action_add()

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_only_administrators_add_templates(self):
        with self.assertRaises(AccessError):
            self.env["ai.rule.template.wizard"].with_user(self.user).create(
                {"profile_id": self.profile.id, "area": "clinic", "language": "en"}
            )
