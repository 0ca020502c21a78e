import hashlib
import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import ai_product_choice_jobs
from .product_sync_case import ProductSyncCase

PROCESS = "/api/v1/process"


@tagged("post_install", "-at_install")
class TestProductChoices(ProductSyncCase):
    """What a person opens after a question teaches the search, without a trace of who it was."""

    def setUp(self):
        super().setUp()
        self.search = self.env["ai.product.search"].with_user(self.salesperson)

    def _choices(self):
        return self.env["ai.job"].search([("action", "=", "product_chosen")], order="id")

    def _choose(self, question="gray sofa", product=None):
        """Open a product after a question; return the new job, empty if there is none."""
        before = self._choices()
        self.search.note_choice(question, (product or self.mine).id)
        return self._choices() - before

    def test_the_choice_goes_to_the_sidecar_and_ends_without_a_trace(self):
        job = self._choose("  gray   sofa ")
        self._run_sender()
        [body] = self.sidecar.bodies(PROCESS)
        self.assertEqual(body["metadata"]["action"], "product_chosen")
        self.assertEqual(
            {name: body["params"][name] for name in ("query", "product_id")},
            {"query": "gray sofa", "product_id": self.mine.id},
        )
        self.assertEqual(body["params"].keys(), {"query", "product_id", "person"})
        self._facade(self.tenant).job_result(job.uuid, "done", {"learned": True})
        self.assertEqual((job.state, job.payload, job.result), ("done", False, {"learned": True}))

    def test_a_person_is_a_name_that_stays_and_leads_to_nobody(self):
        first, second = self._choose("gray sofa"), self._choose("red sofa")
        person = first.payload["person"]
        self.assertEqual(second.payload["person"], person)
        self.assertRegex(person, r"^[0-9a-f]{64}$")
        colleague = self._person("sales_two", self.company, "ai_system.ai_system_group_user")
        self.search = self.search.with_user(colleague)
        self.assertNotEqual(self._choose("gray sofa").payload["person"], person)
        told = json.dumps(first.payload)
        for known in (self.salesperson.login, self.salesperson.name, self.salesperson.partner_id):
            self.assertNotIn(str(known), told)
        for guess in (self.salesperson.id, self.salesperson.login):
            for text in (str(guess), f"{self.tenant.account_id}/{guess}"):
                self.assertNotEqual(hashlib.sha256(text.encode()).hexdigest(), person)
        self.env["ir.config_parameter"].sudo().set_param("database.secret", "another one")
        self.search = self.search.with_user(self.salesperson)
        self.assertNotEqual(self._choose("blue sofa").payload["person"], person)

    def test_the_same_choice_is_told_once_a_day(self):
        job = self._choose("gray sofa")
        self.assertFalse(self._choose("Gray  Sofa"))
        job._finish({"learned": True})
        self.assertFalse(self._choose("gray sofa"))
        self.assertTrue(self._choose("gray sofa", self.shared.with_user(self.salesperson)))
        self.assertTrue(self._choose("sofa"))
        with self.subTest("another day"):
            self.patch(fields.Date, "today", lambda: fields.Date.to_date("2031-05-06"))
            self.assertTrue(self._choose("gray sofa"))

    def test_two_clicks_at_once_are_one_choice(self):
        self._choose("gray sofa")
        # Another transaction's click is not seen, but its id is taken.
        self.env.cr.execute("UPDATE ai_job SET create_date = create_date - interval '2 days'")
        self.env.invalidate_all()
        self.assertFalse(self._choose("gray sofa"))
        self.assertTrue(self._choose("red sofa"))

    def test_a_person_teaches_only_so_much_a_day(self):
        self.patch(ai_product_choice_jobs, "MOST_A_DAY", 2)
        for number in range(4):
            self._choose(f"sofa {number}")
        self.assertEqual(len(self._choices()), 2)

    def test_who_may_not_ask_does_not_teach_and_what_cannot_be_learned_is_left_out(self):
        employee = self._person("employee_two", self.company, "base.group_user")
        with self.assertRaises(AccessError):
            self.search.with_user(employee).note_choice("gray sofa", self.mine.id)
        self.assertFalse(self._choose("   "))
        self.assertFalse(self._choose("gray sofa", self.theirs))
        self.tenant.state = "not_connected"
        self.assertFalse(self._choose("gray sofa"))

    def test_nobody_is_told_and_the_queue_does_not_show_it(self):
        self.env.cr.precommit.run()
        notices = self.env["bus.bus"].sudo()
        before = notices.search_count([])
        job = self._choose()
        self._run_sender()
        job._ran_and_failed("upstream_error", "")
        self.env.cr.precommit.run()
        self.assertEqual((job.state, notices.search_count([])), ("failed", before))
        self.assertEqual((self.tenant.active_job_count, self.tenant.failed_job_count), (0, 0))
        shown = self.env["ai.job"].search(self.tenant.action_view_jobs()["domain"])
        self.assertNotIn(job, shown)
        queue = self.env["ir.actions.act_window"]._for_xml_id("ai_system.ai_job_action")
        self.assertIn("product_chosen", queue["domain"])
        self.assertFalse(job.payload)
        with self.assertRaisesRegex(UserError, "Ask again"):
            job.with_user(self.salesperson).action_retry()

    def test_what_somebody_waits_for_leaves_first(self):
        for number in range(8):
            self._choose(f"sofa {number}")
        self.search.ask("a chair")
        due = self.env["ai.job"]._due()
        self.assertEqual(due.mapped("action"), ["search_products"])
        due._cancel("not of this test")
        self.assertEqual(len(self.env["ai.job"]._due()), 5)

    def test_the_sender_is_not_woken_for_it(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([])
        self._choose()
        self.assertEqual(triggers.search_count([]), before)

    def test_a_misshapen_result_is_a_failure(self):
        job = self._choose()
        job._finish({"learned": "yes"})
        self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))

    def test_choices_of_other_days_are_removed_told_or_not(self):
        told, untold, young = (self._choose(f"sofa {number}") for number in range(3))
        told._finish({"learned": False})
        self.env.cr.execute(
            "UPDATE ai_job SET create_date = create_date - interval '25 hours' WHERE id = ANY(%s)",
            [(told + untold).ids],
        )
        self.env.invalidate_all()
        self.env["ai.job"]._gc_choices()
        self.assertEqual(self._choices(), young)
        self.assertGreater(young.create_date, fields.Datetime.now() - timedelta(hours=1))
