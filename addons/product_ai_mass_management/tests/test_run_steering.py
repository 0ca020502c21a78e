import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..models.ai_product_run_lines import MOST_SHOWN
from .common import MassCase

# One red pixel.
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


@tagged("post_install", "-at_install")
class TestRunSteering(MassCase):
    def test_a_paused_run_sends_nothing_more(self):
        run = self._run(self.products | self._make_products(15))
        run.action_pause()
        while jobs := self._jobs(run):
            self._answer(jobs[0])
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("paused", {"done": 12, "waiting": 8}))
        run.action_resume()
        self.assertEqual(self._counts(run), {"done": 12, "sent": 8})
        while jobs := self._jobs(run):
            self._answer(jobs[0])
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 20}))

    def test_a_cancelled_run_keeps_what_is_under_way(self):
        run = self._run(self.products | self._make_products(15))
        run.action_cancel()
        self.assertEqual(
            (run.state, self._counts(run)), ("cancelled", {"sent": 12, "cancelled": 8})
        )
        self._answer(self._jobs(run)[0])
        self._cron()
        self.assertEqual(self._counts(run), {"sent": 8, "done": 4, "cancelled": 8})
        self.assertEqual(run.state, "cancelled")
        self.assertEqual(len(self._jobs(run)), 2, "nothing new was sent")

    def test_five_are_tried_first(self):
        run = self._run(self.products | self._make_products(4), trial=True)
        self.assertEqual(self._counts(run), {"sent": 5, "waiting": 4})
        self._cron()
        for job in self._jobs(run):
            self._answer(job)
        self.assertEqual((run.state, self._counts(run)), ("paused", {"done": 5, "waiting": 4}))
        self.assertFalse(self._jobs(run))
        run.action_resume()
        self.assertEqual(self._counts(run), {"done": 5, "sent": 4})

    def test_a_trial_of_fewer_than_five_ends(self):
        run = self._run(self.products[:3], trial=True)
        self._answer(*self._jobs(run))
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 3}))

    def test_the_estimate_comes_from_former_texts(self):
        run = self.runs.create({"product_ids": self.products.ids})
        self.assertEqual((run.product_count, run.text_count), (5, 5))
        self.assertIn("try 5 first", run.estimate)
        self._generate(
            writer="llm", model="m", cost=0.02, currency="USD", input_tokens=900, output_tokens=100
        )
        run.invalidate_recordset()
        self.assertIn("5,000 tokens", run.estimate)
        self.assertIn("USD 0.10", run.estimate)
        self.assertIn("An estimate", run.estimate)
        run.fill_only_empty = True
        run.product_ids = [*self.products.ids, self.product.id]
        self.assertEqual((run.product_count, run.text_count), (6, 5))

    def test_the_estimate_counts_the_tokens_of_pictures(self):
        told = {"writer": "llm", "model": "m", "currency": "USD", "output_tokens": 100}
        self._generate(**told, prompt_version="2", input_tokens=900, cost=0.02)
        self.products[:2].image_1920 = PICTURE
        run = self.runs.create({"product_ids": self.products.ids})
        # Nobody knows yet whether the model sees.
        self.assertIn("5,000 tokens", run.estimate)
        self.assertIn("2 of these would take more", run.estimate)
        self._generate(**told, prompt_version="2 + picture 1", input_tokens=3900, cost=0.07)
        run.invalidate_recordset()
        self.assertIn("11,000 tokens", run.estimate)  # 3 × 1,000 + 2 × 4,000
        self.assertIn("USD 0.20", run.estimate)
        self.assertIn("The pictures of 2 texts are counted in", run.estimate)
        self.settings.tell_image = False
        run.invalidate_recordset()
        self.assertIn("5,000 tokens", run.estimate)
        self.assertNotIn("picture", run.estimate)

    def test_the_estimate_counts_no_picture_that_is_never_shown(self):
        self._generate(writer="llm", model="m", prompt_version="2 + picture 1", input_tokens=900)
        drawn = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        self.products[:1].sudo().image_1920 = drawn
        run = self.runs.create({"product_ids": self.products.ids})
        self.assertNotIn("pictures", run.estimate)

    def test_a_filter_instead_of_a_selection(self):
        run = self.runs.create({"domain": "[('name', '=', 'Stool 00003')]"})
        self.assertEqual(run.product_count, 1)
        run.action_start()
        self.assertEqual(run.line_ids.product_tmpl_id, self.products[3])

    def test_a_filter_is_data(self):
        for domain in ("__import__('os').getcwd()", "[('name',", "5"):
            run = self.runs.create({"product_ids": self.products.ids})
            with self.assertRaises(UserError):
                run.write({"product_ids": False, "domain": domain})
                run.action_start()

    def test_a_filter_finds_only_what_its_person_may_see(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._make_products(1, company_id=other.id)
        run = self.runs.create({"domain": f"[('id', 'in', {foreign.ids})]"})
        with self.assertRaises(UserError):
            run.action_start()

    def test_nothing_to_do_is_said(self):
        with self.assertRaisesRegex(UserError, "nothing to do"):
            self._run(self.env["product.template"], domain="[('name', '=', 'no such')]")

    def test_a_tenant_that_is_not_connected_is_said(self):
        self.tenant.state = "not_connected"
        with self.assertRaisesRegex(UserError, "not connected"):
            self._run()

    def test_people_steer_their_own_runs(self):
        run = self._run()
        colleague = new_test_user(
            self.env,
            "mass_colleague",
            groups="ai_system.ai_system_group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        theirs = run.with_user(colleague).with_company(self.company)
        self.assertEqual(theirs.run_progress()["total"], 5)
        for verb in ("action_pause", "action_cancel", "action_retry_failed"):
            with self.assertRaises(AccessError):
                getattr(theirs, verb)()
        run.with_user(self.manager).action_pause()
        self.assertEqual(run.state, "paused")

    def test_states_are_not_written_by_hand(self):
        run = self.runs.with_context(default_state="running", default_user_id=self.manager.id)
        run = run.create({"kind": "price", "state": "running", "user_id": self.manager.id})
        self.assertEqual((run.state, run.user_id), ("draft", self.user))
        for values in ({"state": "running"}, {"user_id": self.manager.id}):
            with self.assertRaises(AccessError):
                run.write(values)
        started = self._run(self.products[:1])
        with self.assertRaises(UserError):
            started.write({"fill_only_empty": False})
        with self.assertRaises(AccessError):
            started.line_ids.write({"state": "done"})

    def test_other_employees_do_nothing(self):
        stranger = new_test_user(
            self.env,
            "mass_stranger",
            groups="base.group_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.runs.with_user(stranger).create({"product_ids": self.products.ids})
        with self.assertRaises(AccessError):
            self._run(self.products[:1]).with_user(stranger).run_progress()

    def test_other_companies_see_nothing(self):
        run = self._run(self.products[:1])
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "mass_other",
            groups="ai_system.ai_system_group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        runs = self.env["ai.product.run"].with_user(stranger)
        self.assertFalse(runs.search([("id", "=", run.id)]))
        self.assertFalse(runs.line_ids.search([("run_id", "=", run.id)]))

    def test_an_open_run_is_not_deleted(self):
        run = self._run(self.products[:1])
        with self.assertRaises(UserError):
            run.sudo().unlink()

    def test_one_broken_run_spares_the_others(self):
        broken, fine = self._run(self.products[:1], kind="sync"), self._run(self.products[1:2])
        self.patch(type(fine), "_advance_sync", lambda run: 1 / 0)
        self.patch(type(self.env["ai.job"]), "_rollback", lambda jobs: None)
        with self.assertLogs("odoo.addons.product_ai_mass_management", "ERROR"):
            self._cron()
            self._answer(*self._jobs(fine))
        self.assertEqual((broken.state, fine.state), ("running", "done"))

    def test_what_every_brief_needs_is_there_before_the_first(self):
        self.settings.unlink()
        self._run(self.products[:1])
        found = self.env["ai.studio.settings"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(found), 1)

    def test_forgotten_dialogs_are_swept(self):
        run = self.runs.create({"product_ids": self.products.ids})
        self.env["ai.product.run"]._gc_drafts()
        self.assertTrue(run.exists())
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ai_product_run SET write_date = write_date - interval '2 days' WHERE id = %s",
            [run.id],
        )
        self.env["ai.product.run"]._gc_drafts()
        self.assertFalse(run.exists())

    def test_a_form_shows_the_lines_that_matter_and_never_all_of_thousands(self):
        many = self._make_products(MOST_SHOWN + 5)
        run = self._run(many)
        last = run.sudo().line_ids.sorted("id")[-1]
        last._end("failed", "internal_error")
        run.sudo().line_ids.filtered(lambda line: line.state == "waiting")[:2]._end("cancelled")
        self.env.invalidate_all()
        shown = run.shown_line_ids
        self.assertEqual((len(shown), shown[0]), (MOST_SHOWN, last))
        few = self._run(self.products)
        self.assertEqual(few.shown_line_ids, few.line_ids.sorted("id"))
        self.assertEqual(run.action_view_lines()["domain"], [("run_id", "=", run.id)])

    def test_a_step_does_not_read_the_ids_of_all_lines(self):
        run = self._run(self._make_products(30))
        self.env.invalidate_all()
        run._as_system()._advance()
        run.run_progress()
        run.web_read({"cost_currency": {}, "shown_line_ids": {}, "waiting_count": {}})
        self.assertNotIn(run.id, run._fields["line_ids"]._get_cache(run.env))
