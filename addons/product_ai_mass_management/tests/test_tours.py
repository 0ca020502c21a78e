from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from ..models import ai_product_run_lines, ai_product_run_texts
from ..models.ai_product_run import AiProductRun
from .common import MassCase

SCREEN = "/odoo/action-product_ai_mass_management.product_template_action_mass"


@tagged("post_install", "-at_install")
class TestTours(MassCase, HttpCase):
    def _answering(self, verb, errors=()):
        """Let the AI service answer, as soon as a person pressed the button `verb`."""
        pressed = getattr(AiProductRun, verb)

        def answered(runs):
            result = pressed(runs)
            while jobs := self._jobs(runs):
                self._answer(jobs[0], errors=errors)
            return result

        return patch.object(AiProductRun, verb, answered)

    def test_a_run_is_paused_one_line_fails_and_is_tried_again(self):
        broken = self.products[2]
        with (
            patch.object(ai_product_run_texts, "MOST_BATCHES", 1),
            self._answering("action_resume", broken.ids),
            self._answering("action_retry_failed"),
        ):
            self.start_tour(SCREEN, "mass_generate", login=self.user.login)
        self.env.invalidate_all()
        run = self.runs.search([("state", "!=", "draft")])
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 6}))
        self.assertEqual(len(broken.ai_description_ids), 1)

    def test_an_administrator_approves_by_score(self):
        self._written()
        self.start_tour(SCREEN, "mass_approve", login=self.manager.login)
        self.env.invalidate_all()
        states = self.products.ai_description_ids.mapped("state")
        self.assertEqual(states, ["approved"] * 5)

    def test_a_salesperson_reviews_one_by_one_and_approves_none_in_bulk(self):
        self._written()
        self.start_tour(SCREEN, "mass_review", login=self.user.login)
        self.env.invalidate_all()
        states = self.products.ai_description_ids.mapped("state")
        self.assertEqual(sorted(states), ["approved"] + ["draft"] * 4)

    def test_prices_are_adjusted_after_a_look_at_them(self):
        self.start_tour(SCREEN, "mass_prices", login=self.manager.login)
        self.env.invalidate_all()
        self.assertEqual(set(self.products.ai_price_ids.mapped("price")), {90.0})

    def test_blank_price_cells_take_a_price_for_many(self):
        self.manager.group_ids |= self.env.ref("product.group_product_manager")
        self.start_tour(SCREEN, "mass_price_cells", login=self.manager.login)
        self.env.invalidate_all()
        self.assertEqual(self.products.ai_price_ids.mapped("price"), [75.5] * 5)

    def test_who_only_watches_sees_the_buttons_follow(self):
        run = self._run()
        lines = ai_product_run_lines.AiProductRun
        progress, calls = lines.run_progress, []

        def told(runs):
            calls.append(runs.env.uid)
            # The first is of the opened form; then the salesperson pauses.
            if calls.count(self.manager.id) == 2:
                calls.append(self.manager.id)
                runs.with_user(self.user).action_pause()
            return progress(runs)

        with patch.object(lines, "run_progress", told):
            action = "product_ai_mass_management.ai_product_run_action"
            url = f"/odoo/action-{action}/{run.id}"
            self.start_tour(url, "mass_watch", login=self.manager.login)

    def _written(self):
        """Give each of the products a draft."""
        run = self._run()
        while jobs := self._jobs(run):
            self._answer(jobs[0])
        run.line_ids.description_id.sudo().score = 90
