from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RulesCase


@tagged("post_install", "-at_install")
class TestProfile(RulesCase):
    def _open(self, user, companies=None):
        companies = companies or self.company
        profiles = self.env["ai.company.profile"].with_user(user)
        return profiles.with_context(allowed_company_ids=companies.ids).action_open()

    def test_the_menu_opens_the_profile_of_the_company(self):
        action = self._open(self.user)
        self.assertEqual((action["res_id"], action["views"]), (self.profile.id, [(False, "form")]))

    def test_the_first_one_who_opens_it_makes_it(self):
        self.profile.unlink()
        self.company.partner_id.write({"street": "Rua A, 1", "city": "São Paulo"})
        self.company.website = "https://one.example"
        action = self._open(self.user)
        profile = self.env["ai.company.profile"].browse(action["res_id"])
        self.assertEqual((profile.tenant_id, profile.name), (self.tenant, "Rules One"))
        self.assertEqual(profile.website, "https://one.example")
        self.assertIn("Rua A, 1", profile.address)
        self.assertFalse(profile.tell_address)
        self.assertEqual(self._open(self.user)["res_id"], profile.id)

    def test_who_works_for_several_companies_chooses(self):
        self.manager.company_ids = [Command.link(self.other_company.id)]
        action = self._open(self.manager, self.company | self.other_company)
        self.assertNotIn("res_id", {k: v for k, v in action.items() if v})
        self.assertEqual(set(action["domain"][0][2]), set((self.profile | self.other_profile).ids))

    def test_a_company_without_a_tenant_is_told_what_to_do(self):
        empty = self.env["res.company"].create({"name": "Empty"})
        (self.manager | self.user).company_ids = [Command.link(empty.id)]
        with self.assertRaisesRegex(RedirectWarning, "no AI tenant"):
            self._open(self.manager, empty)
        with self.assertRaisesRegex(UserError, "no AI tenant"):
            self._open(self.user, empty)

    @mute_logger("odoo.sql_db")
    def test_a_company_has_one_profile(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["ai.company.profile"].create({"tenant_id": self.tenant.id, "name": "Again"})

    def test_deleting_a_profile_takes_its_rules_out_of_the_ai(self):
        rule = self._rule()
        self._settle()
        rule_id = rule.id
        self.profile.unlink()
        self.assertFalse(rule.exists())
        sent = [job.payload.get("ids", {}) for job in self._jobs() if job.state == "pending"]
        self.assertIn({"rule": [rule_id]}, sent)

    def test_the_numbers_on_top_are_those_of_the_moment(self):
        self._rule("return", return_days=7)
        self._rule("return", return_days=30)
        self._rule("general", stage="draft")
        self.profile.invalidate_recordset()
        self.assertEqual((self.profile.in_force_count, self.profile.conflict_count), (2, 2))
        self.assertEqual(self.profile.ending_count, 0)
