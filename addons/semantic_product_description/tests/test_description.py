from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestDescription(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Description Shop"})
        cls.env.user.company_ids |= cls.company
        cls.tenant = cls.env["ai.tenant"].create(
            {
                "name": "Description Shop",
                "account_id": "description_shop",
                "company_id": cls.company.id,
                "business_area": "retail",
                "language": "en_US",
                "state": "connected",
            }
        )
        cls.product = cls.env["product.template"].create(
            {"name": "Oak Chair 🪑", "company_id": cls.company.id, "categ_id": False}
        )
        cls.user = new_test_user(
            cls.env,
            "description_user",
            groups="ai_system.ai_system_group_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.mine = cls.product.with_user(cls.user).with_company(cls.company)

    def _result(self, **changes):
        return {
            "product_id": self.product.id,
            "language": "en_US",
            "short_description": "A chair of oak.",
            "description": "<p>A chair</p><script>alert(1)</script>",
            "key_features": ["Oak", "Handmade"],
            "use_cases": [],
            "tags": ["chair"],
            "writer": "extractive",
            "model": "",
            "prompt_version": "1",
            "input_tokens": 0,
            "output_tokens": 0,
            **changes,
        }

    def _generate(self, **changes):
        self.mine.action_generate_description()
        job = self.mine.ai_job_id.sudo()
        job._finish(self._result(**changes))
        self.env.invalidate_all()
        return job

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

    def test_the_live_text_waits_for_approval_and_customers_too(self):
        before = self.product.description_sale
        self._generate()
        self.assertEqual(self.product._ai_texts(self.tenant), {})
        self.mine.action_approve_ai_description()
        self.assertEqual(self.product.description_sale, before)
        told = self.product.with_context(lang="en_US")._ai_texts(self.tenant)
        self.assertIn("A chair of oak.", told[self.product.id])
        self.assertEqual(self.mine.ai_description_id.approved_by_id, self.user)

    def test_versions_grow_and_a_rejected_one_gives_way_to_the_last(self):
        self._generate()
        self.mine.action_approve_ai_description()
        self._generate(short_description="Second.")
        self.assertEqual(self.mine.ai_short_description, "Second.")
        self.mine.action_reject_ai_description()
        self.env.invalidate_all()
        self.assertEqual(self.mine.ai_short_description, "A chair of oak.")
        self.assertEqual(self.mine.ai_description_ids.mapped("version"), [2, 1])

    def test_a_result_of_the_wrong_shape_fails_the_job_and_stores_nothing(self):
        for changes in (
            {"product_id": 0},
            {"description": None},
            {"tags": "chair"},
            {"key_features": [1]},
            {"language": "xx_XX"},
        ):
            job = self._generate(**changes)
            self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"), changes)
        self.assertFalse(self.mine.ai_description_ids)

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

    def test_an_employee_outside_the_group_cannot_ask(self):
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
