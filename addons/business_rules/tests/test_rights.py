from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RulesCase

MODELS = (
    "ai.company.profile",
    "ai.opening.hours",
    "ai.opening.exception",
    "ai.business.rule",
    "ai.scheduling.rule",
    "ai.support.document",
    "ai.support.document.chunk",
)


@tagged("post_install", "-at_install")
class TestRights(RulesCase):
    def _records(self, profile):
        """Return one record of each model, of the company of `profile`."""
        document = self.env["ai.support.document"].create(
            {"profile_id": profile.id, "name": "Document"}
        )
        chunk = self.env["ai.support.document.chunk"].create(
            {"document_id": document.id, "sequence": 1, "page": 1, "text": "x", "digest": "x"}
        )
        return [
            profile,
            self.env["ai.opening.hours"].create({"profile_id": profile.id, "weekday": "6"}),
            self.env["ai.opening.exception"].create(
                {"profile_id": profile.id, "name": "Off", "date_from": "2026-12-25"}
            ),
            self._rule(profile_id=profile.id),
            self.env["ai.scheduling.rule"].create({"profile_id": profile.id, "name": "Visit"}),
            document,
            chunk,
        ]

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_other_companies_are_not_seen_by_anybody(self):
        self.tenant._ensure_integration_user()
        people = (self.user, self.manager, self.tenant.integration_user_id)
        theirs = self._records(self.other_profile)
        self.assertEqual([record._name for record in theirs], list(MODELS))
        for record in theirs:
            for person in people:
                with self.subTest(model=record._name, person=person.login):
                    seen = record.with_user(person)
                    self.assertNotIn(record.id, seen.search([]).ids)
                    with self.assertRaises(AccessError):
                        seen.read(["display_name"])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_users_read_and_administrators_edit(self):
        for record in self._records(self.profile):
            with self.subTest(model=record._name):
                self.assertTrue(record.with_user(self.user).read(["display_name"]))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(record.with_user(self.user).has_access(operation))
                editable = record._name != "ai.support.document.chunk"
                for operation in ("write", "create", "unlink"):
                    self.assertEqual(record.with_user(self.manager).has_access(operation), editable)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_employees_outside_the_groups_see_nothing(self):
        employee = self._person("rules_employee", "base.group_user")
        for model in (*MODELS, "ai.payment.method"):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(employee).search([], limit=1)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_buttons_are_for_administrators(self):
        rule = self._rule().with_user(self.user)
        for button in (rule.action_cancel, rule.action_synchronize):
            with self.assertRaises(AccessError):
                button()
        with self.assertRaises(AccessError):
            self.profile.with_user(self.user).action_synchronize_all()
        self.assertTrue(rule.action_preview())

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_a_rule_cannot_be_moved_to_another_company(self):
        rule = self._rule().with_user(self.manager)
        mine = self.env["ai.opening.hours"].create({"profile_id": self.profile.id})
        off = {"profile_id": self.profile.id, "name": "Off"}
        parts = (rule, mine, self.env["ai.opening.exception"].create(off))
        for part in parts:
            with self.subTest(model=part._name), self.assertRaises(AccessError):
                part.with_user(self.manager).profile_id = self.other_profile
        with self.assertRaises(AccessError):
            rule.create({"name": "Theirs", "profile_id": self.other_profile.id})

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_the_preview_shows_no_other_companys_rule(self):
        theirs = self._rule(profile_id=self.other_profile.id)
        preview = self.env["ai.rule.preview"].with_user(self.user)
        with self.assertRaises(AccessError):
            preview.create({"model": theirs._name, "res_id": theirs.id}).read(["words"])
        with self.assertRaises(AccessError):
            preview.create({"model": "res.users", "res_id": 1}).read(["words"])

    def test_a_manager_works_with_everything(self):
        rules = self.env["ai.business.rule"].with_user(self.manager)
        rule = rules.create({"name": "Mine", "kind": "promotion", "profile_id": self.profile.id})
        rule.write({"text": "x"})
        rule.action_cancel()
        self.assertEqual(rule.state, "cancelled")
        self.profile.with_user(self.manager).action_usual_week()
        rule.unlink()
        self.assertFalse(rule.exists())
