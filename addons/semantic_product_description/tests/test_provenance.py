import csv
import io
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.product_ai_description_export import BATCH
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
        self.assertEqual([row["version"] for row in self._exported(self.text)], [1])

    def test_thousands_are_exported_in_batches(self):
        texts = self._many(3000)
        self._exported(texts[:1])  # fills the caches of the registry
        with self._counting_rows() as held:
            rows = self._exported(texts)
        self.assertEqual(sorted(row["version"] for row in rows), list(range(2, 3002)))
        self.assertLessEqual(max(held), BATCH)
        table = list(csv.DictReader(io.StringIO(self._download(texts, "csv").text)))
        self.assertEqual(len(table), 3000)

    def test_of_a_whole_list_the_filter_counts(self):
        texts = self._many(5)
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "2")
        shown = texts.with_context(active_domain=[("id", "in", texts.ids)])
        self.assertEqual(len(self._exported(shown[:2])), 5)
        self.assertEqual(len(self._exported(shown[:1])), 1, "these were chosen one by one")
        nothing = texts.with_context(active_domain=[("id", "=", 0)])
        self.assertEqual(self._exported(nothing[:2]), [])

    def test_the_filter_of_one_company_tells_nothing_of_another(self):
        other, theirs = self._elsewhere()
        self.user.company_ids |= other
        self.env["ir.config_parameter"].set_param("web.active_ids_limit", "1")
        shown = self.text.with_user(self.user).with_context(
            allowed_company_ids=self.company.ids,
            active_domain=[("id", "in", [self.text.id, theirs.id])],
        )
        self.assertEqual([row["product_id"] for row in self._exported(shown)], self.product.ids)

    def test_rights_count_when_it_is_downloaded(self):
        other, theirs = self._elsewhere()
        self.user.company_ids |= other
        url = self._url(theirs.with_user(self.user).with_company(other), "json")
        self.user.company_ids = self.company
        self.authenticate(self.user.login, self.user.login)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 403)

    def test_a_request_is_its_owners(self):
        url = self._url(self.text, "json")
        self.authenticate(self.manager.login, self.manager.login)
        self.assertEqual(self.url_open(url).status_code, 404)
        self.authenticate(self.user.login, self.user.login)
        for broken in ("x", "99999999999", "-1"):
            answer = self.url_open(f"{URL}.json?request_id={broken}")
            self.assertEqual(answer.status_code, 404, broken)

    def _elsewhere(self):
        """Return another company and a text of it."""
        other = self.env["res.company"].create({"name": "Other"})
        values = {"company_id": other.id, "language": "en_US", "version": 1, "seo_title": "Theirs"}
        product = self.env["product.template"].create({"name": "Theirs", "company_id": other.id})
        texts = self.env["product.ai.description"]
        return other, texts.create({**values, "product_tmpl_id": product.id})

    def _many(self, count):
        """Return `count` more drafts, as the salesperson sees them."""
        common = {
            "product_tmpl_id": self.product.id,
            "company_id": self.company.id,
            "language": "en_US",
            "seo_title": "Chair",
        }
        texts = self.env["product.ai.description"].create(
            [{**common, "version": 2 + number} for number in range(count)]
        )
        return texts.with_user(self.user).with_company(self.company)

    @contextmanager
    def _counting_rows(self):
        """Give the list of how many versions were turned into rows at a time."""
        held, model = [], self.registry["product.ai.description"]
        told = model._provenance

        def counted(texts):
            held.append(len(texts))
            return told(texts)

        with patch.object(model, "_provenance", counted):
            yield held

    def _url(self, texts, kind):
        url = texts._action_export(kind)["url"]
        self.assertLess(len(url), 200)
        self.env.flush_all()
        return url

    def _download(self, texts, kind):
        self.authenticate(self.user.login, self.user.login)
        return self.url_open(self._url(texts, kind))

    def _exported(self, texts):
        return self._download(texts, "json").json()
