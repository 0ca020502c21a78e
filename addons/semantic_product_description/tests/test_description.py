from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import DescriptionCase, claim


@tagged("post_install", "-at_install")
class TestDescription(DescriptionCase):
    def test_a_person_without_rights_on_products_gets_a_draft(self):
        self.assertFalse(self.mine.has_access("write"))
        job = self._generate()
        self.assertEqual(job.state, "done")
        text = self.mine.ai_description_id
        self.assertEqual((text.version, text.state), (1, "draft"))
        self.assertEqual(text.key_features, "Oak\nHandmade")
        self.assertNotIn("script", text.description)
        self.assertEqual(text.user_id, self.user)

    def test_two_clicks_are_one_job(self):
        self.mine.action_generate_description()
        first = self.mine.ai_job_id
        self.mine.action_generate_description()
        self.env.invalidate_all()
        self.assertEqual(self.mine.ai_job_id, first)

    def _told(self):
        """Return what the facts of the product carry as AI text."""
        self.tenant._ensure_integration_user()
        facade = self.env["ai.facade"].with_user(self.tenant.integration_user_id)
        [fact] = facade.product_facts(self.product.ids)
        return fact["ai_text"]

    def test_a_draft_touches_no_live_text(self):
        before = self.product.read(["name", "description_sale", "description"])
        self._generate()
        self.assertEqual(self.product.read(["name", "description_sale", "description"]), before)

    def test_facts_carry_the_approved_text_and_no_other(self):
        self.assertEqual(self._told(), "")
        self._generate()
        self.assertEqual(self._told(), "", "a draft is not for customers")
        self.mine.action_approve_ai_description()
        self.assertEqual(self._told(), "A chair of oak.\nA chair\nOak\nHandmade\nchair")
        self._generate(short_description="Second.")
        self.assertIn("A chair of oak.", self._told())
        self.mine.action_approve_ai_description()
        self.assertIn("Second.", self._told())
        approved = self.mine.ai_description_ids.filtered(lambda text: text.state == "approved")
        self.assertEqual(approved.version, 2)
        self.mine.action_reject_ai_description()
        self.assertEqual(self._told(), "", "the older version waits for a person's approval")

    def test_the_index_follows_every_approval(self):
        def changes():
            self.env.cr.flush()
            row = self.product.ai_sync_ids.filtered(lambda row: row.tenant_id == self.tenant)
            row.invalidate_recordset()
            return row.change

        self.product.name = "Oak Chair"
        seen = changes()
        self._generate()
        self.assertEqual(changes(), seen, "a draft changes nothing for customers")
        text = self.mine.ai_description_id
        text.write({"short_description": "Mine."})
        self.assertEqual(changes(), seen)
        for step in (text.action_approve, text.action_reset, text.action_approve,
                     text.action_reject):  # fmt: skip
            step()
            self.assertGreater(changes(), seen)
            seen = changes()

    def test_drafts_are_edited_and_approved_texts_are_not(self):
        self._generate()
        text = self.mine.ai_description_id
        text.write({"short_description": "Mine."})
        self.assertTrue(text.edited)
        with self.assertRaises(AccessError):
            text.write({"version": 9})
        text.action_approve()
        with self.assertRaises(UserError):
            text.write({"short_description": "Changed."})
        with self.assertRaises(UserError):
            text.sudo().unlink()

    def test_a_failed_job_says_why_and_can_be_tried_again(self):
        self.mine.action_generate_description()
        job = self.mine.ai_job_id
        job.sudo()._fail("upstream_refused", "")
        self.env.invalidate_all()
        self.assertEqual(self.mine.ai_job_state, "failed")
        self.assertIn("refused its credentials", self.mine.ai_job_error)
        self.mine.action_retry_ai_job()
        self.assertEqual((self.mine.ai_job_state, self.mine.ai_job_error), ("pending", False))

    def test_products_that_the_tenant_does_not_see_are_explained(self):
        shared = self.env["product.template"].create({"name": "Shared", "company_id": False})
        mine = shared.with_user(self.user).with_company(self.company)
        self.assertIn("no company", mine.ai_unavailable_reason)
        with self.assertRaisesRegex(UserError, "no company"):
            mine.action_generate_description()
        self.assertFalse(self.mine.ai_unavailable_reason)

    def test_versions_grow_and_a_rejected_one_gives_way_to_the_last(self):
        self._generate()
        self.mine.action_approve_ai_description()
        self._generate(short_description="Second.")
        self.assertEqual(self.mine.ai_short_description, "Second.")
        self.mine.action_reject_ai_description()
        self.assertEqual(self.mine.ai_short_description, "A chair of oak.")
        self.assertEqual(self.mine.ai_description_ids.mapped("version"), [2, 1])

    def test_a_result_of_the_wrong_shape_fails_the_job_and_stores_nothing(self):
        for changes in (
            {"product_id": 0},
            {"description": None},
            {"tags": "chair"},
            {"key_features": [1]},
            {"language": "xx_XX"},
            {"input_tokens": -1},
            {"output_tokens": True},
            {"writer": "a ghost"},
            {"short_description": " ", "description": "<p><br></p>"},
            {"description": "x" * 100_001},
            {"seo_title": None},
            {"claims": None},
            {"claims": [{"part": "price", "text": "x", "source": "", "kind": "other"}]},
            {"claims": [claim(text=" ")]},
            {"claims": [claim(kind="rumor")]},
            {"claims": [claim(supported="yes")]},
            {"claims": [claim(source=None)]},
            {"claims": [claim()] * 501},
            {"missing": "dimensions"},
            {"missing": [5]},
            {"cost": "0.1"},
            {"cost": 1e9},
            {"cost": -1},
            {"currency": None},
        ):
            job = self._generate(**changes)
            self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"), changes)
        self.assertFalse(self.mine.ai_description_ids)

    def test_only_the_parts_that_were_asked_for_are_expected(self):
        jobs = self.mine._queue_generation(parts=["tags", "seo_title"])
        self.assertEqual(jobs.sudo().payload["parts"], ["tags", "seo_title"])
        result = self._result()
        for part in ("short_description", "description", "key_features", "use_cases"):
            del result[part]
        jobs.sudo()._finish(result)
        self.env.invalidate_all()
        text = self.mine.ai_description_id
        self.assertEqual((text.tags, text.seo_title, text.image_alt), ("chair", "Oak Chair", False))
        with self.assertRaises(UserError):
            self.mine._queue_generation(parts=["price"])
        with self.assertRaises(UserError):
            self.mine._queue_generation(languages=["xx_XX"])

    def test_several_languages_are_one_job_each(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.env.registry.clear_cache()
        wizard_action = self.mine.action_request_description()
        wizard = self.env[wizard_action["res_model"]].with_user(self.user)
        wizard = wizard.with_company(self.company).browse(wizard_action["res_id"])
        wizard.language_ids = self.env["res.lang"].search([("code", "in", ("en_US", "pt_BR"))])
        wizard.tags = False
        wizard.action_generate()
        jobs = self.env["ai.job"].search([("res_id", "=", self.product.id)])
        self.assertEqual(sorted(job.payload["language"] for job in jobs), ["en_US", "pt_BR"])
        self.assertNotIn("tags", jobs[0].payload["parts"])

    def test_the_step_of_the_work_is_told(self):
        self.mine.action_generate_description()
        job = self.mine.ai_job_id.sudo()
        self.assertEqual(self.mine.ai_job_stage, "queued")
        for done, stage in enumerate(("reading", "writing", "checking")):
            job._accepted({"state": "running", "progress": {"done": done, "total": 3}})
            job._accepted({"state": "running", "progress": {"done": done, "total": 3}})
            self.env.invalidate_all()
            self.assertEqual(self.mine.ai_job_stage, stage)
        watched = self.env["ai.job"]._watched()
        job.sent_at = fields.Datetime.now() - timedelta(minutes=5)
        self.assertEqual(self.env["ai.job"]._watched(), watched - 1, "nobody waits that long")
        self.assertFalse(job._shows_progress())

    def test_a_second_delivery_changes_nothing(self):
        job = self._generate()
        job._finish(self._result(short_description="Late."))
        self.env.invalidate_all()
        self.assertEqual(len(self.mine.ai_description_ids), 1)

    def test_another_company_sees_neither_text_nor_job(self):
        self._generate()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "description_stranger",
            groups="ai_system.ai_system_group_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        texts = self.env["product.ai.description"].with_user(stranger)
        self.assertFalse(texts.search([]))
        with self.assertRaises(AccessError):
            texts.browse(self.mine.ai_description_id.id).read(["description"])

    def test_a_company_without_a_connected_tenant_is_told_what_to_do(self):
        self.tenant.state = "not_connected"
        with self.assertRaisesRegex(UserError, "not connected"):
            self.mine.action_generate_description()
        self.tenant.unlink()
        with self.assertRaisesRegex(UserError, "no AI tenant"):
            self.mine.action_generate_description()

    def test_an_employee_outside_the_group_sees_no_tab_and_cannot_ask(self):
        employee = new_test_user(
            self.env,
            "description_employee",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.product.with_user(employee).with_company(
                self.company
            ).action_generate_description()
        form = self.env.ref("product.product_template_only_form_view")
        for person, seen in ((employee, False), (self.user, True)):
            arch = self.product.with_user(person).get_view(form.id, "form")["arch"]
            self.assertEqual('name="ai_description"' in arch, seen)
