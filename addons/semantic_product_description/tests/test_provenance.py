import csv
import io

from odoo.tests import HttpCase, new_test_user, tagged

from .common import DescriptionCase

URL = "/semantic_product_description/provenance"


@tagged("post_install", "-at_install")
class TestProvenance(DescriptionCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.text = self._text(
            writer="llm", model="gpt-4o-mini", cost=0.002, short_description="=1+1 chair"
        )
        self.text.action_approve()

    def _get(self, login, path):
        self.authenticate(login, login)
        return self.url_open(f"{URL}.{path}")

    def test_a_feed_learns_what_a_model_wrote(self):
        answer = self._get(self.user.login, f"json?ids={self.text.id}")
        [row] = answer.json()
        self.assertEqual(
            (row["digital_source_type"], row["model"], row["prompt_version"], row["version"]),
            ("trained_algorithmic_media", "gpt-4o-mini", "1", 1),
        )
        self.assertEqual(row["approved_by"], self.user.name)
        self.assertRegex(row["written_on"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")

    def test_a_table_holds_no_formula(self):
        [row] = csv.DictReader(io.StringIO(self._get(self.user.login, "csv").text))
        self.assertEqual(row["short_description"], "'=1+1 chair")

    def test_others_get_nothing(self):
        new_test_user(self.env, "provenance_employee", groups="base.group_user")
        self.assertEqual(self._get("provenance_employee", "csv").status_code, 404)
        self.assertEqual(self._get(self.user.login, "xml").status_code, 404)
        stranger = self.env["res.company"].create({"name": "Other"})
        new_test_user(
            self.env,
            "provenance_stranger",
            groups="ai_system.ai_system_group_user",
            company_id=stranger.id,
            company_ids=[(6, 0, stranger.ids)],
        )
        self.assertEqual(self._get("provenance_stranger", f"json?ids={self.text.id}").json(), [])

    def test_what_is_no_id_finds_nothing(self):
        for ids in ("99999999999999999999", "x", "-1"):
            answer = self._get(self.user.login, f"json?ids={ids}")
            self.assertEqual((answer.status_code, answer.json()), (200, []))

    def test_the_button_leads_there(self):
        action = self.text._action_export("csv")
        self.assertEqual(action["url"], f"{URL}.csv?ids={self.text.id}")
