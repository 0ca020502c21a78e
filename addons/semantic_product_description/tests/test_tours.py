from odoo.tests import HttpCase, tagged

from odoo.addons.ai_system.models.ai_job import AiJob

from .common import DescriptionCase, claim


@tagged("post_install", "-at_install")
class TestTours(DescriptionCase, HttpCase):
    def _tour(self, name, user=None):
        # The plain action: the salesperson has no menu of products without a sales app.
        url = f"/odoo/product.template/{self.product.id}"
        self.start_tour(url, name, login=(user or self.user).login)
        self.env.invalidate_all()

    def test_the_button_shows_that_the_text_is_being_written(self):
        self._tour("generate_description")
        self.assertEqual(self.mine.ai_job_state, "pending")

    def test_a_text_is_generated_edited_decided_by_keys_and_approved(self):
        enqueue = AiJob._enqueue

        def answered(jobs, tenant, action, params, record=None):
            job = enqueue(jobs, tenant, action, params, record)
            if action == "generate_description":
                job.sudo()._finish(self._result())
            return job

        self.patch(AiJob, "_enqueue", answered)
        self._tour("review_description")
        text = self.mine.ai_description_id
        self.assertEqual((text.state, text.approved_by_id), ("approved", self.user))
        self.assertTrue(text.edited)
        self.assertEqual(text.decisions["key_features"], "accepted")
        self.assertEqual(self.product.description_sale, "A chair of old oak.")

    def test_a_manager_vouches_for_a_claim(self):
        self._generate(short_description="Oak, 10 years warranty.", claims=[claim()])
        self._tour("confirm_claim", self.manager)
        text = self.mine.ai_description_id
        self.assertEqual((text.state, text.claim_ids.state), ("approved", "confirmed"))
