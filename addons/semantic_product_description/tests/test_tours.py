from odoo.tests import HttpCase, tagged

from .common import DescriptionCase


@tagged("post_install", "-at_install")
class TestTours(DescriptionCase, HttpCase):
    def _tour(self, name):
        # The plain action: the salesperson has no menu of products without a sales app.
        url = f"/odoo/product.template/{self.product.id}"
        self.start_tour(url, name, login=self.user.login)

    def test_the_button_shows_that_the_text_is_being_written(self):
        self._tour("generate_description")
        self.env.invalidate_all()
        self.assertEqual(self.mine.ai_job_state, "pending")

    def test_a_draft_is_edited_and_approved(self):
        self._generate()
        self._tour("approve_description")
        self.env.invalidate_all()
        text = self.mine.ai_description_id
        self.assertEqual((text.state, text.approved_by_id), ("approved", self.user))
        self.assertTrue(text.edited)
