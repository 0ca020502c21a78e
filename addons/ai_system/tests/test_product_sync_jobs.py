from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import ai_product_sync_jobs
from . import fake_sidecar
from .product_sync_case import ProductSyncCase

PROCESS = "/api/v1/process"


@tagged("post_install", "-at_install")
class TestProductSyncJobs(ProductSyncCase):
    """What a burst of changes becomes, and how its jobs end."""

    def _change(self, products=None):
        """Change the product(s) and end the transaction."""
        for product in products or self.mine:
            product.list_price += 1
        self.env.cr.flush()

    def _sent(self):
        """Change the product, let the sender run, return the job that left."""
        self._change()
        self._run_sender()
        job = self._sync_jobs()
        self.assertEqual(job.state, "sent")
        return job

    def _synced_ids(self):
        """Return the product ids of every synchronization that left, in order."""
        return [
            body["params"].get("product_ids")
            for body in self.sidecar.bodies(PROCESS)
            if body["metadata"]["action"] == "sync_products"
        ]

    def _products(self, count):
        products = self.env["product.template"].create(
            [{"name": f"P{n}", "company_id": self.company.id} for n in range(count)]
        )
        self.env.cr.flush()
        return products

    def test_a_burst_is_one_job_with_what_changed_until_it_leaves(self):
        products = self._products(3)
        self._change(products)
        self.env["ai.job"]._queue_changed_products()
        later = self._products(1)
        self._change()
        self.env["ai.job"]._queue_changed_products()
        self.assertEqual(len(self._sync_jobs()), 1)
        self._run_sender()
        self.assertEqual(self._synced_ids(), [sorted((products + later + self.mine).ids)])
        self.assertEqual(self._row(self.mine).state, "queued")

    def test_a_large_import_goes_in_jobs_of_limited_size_one_after_the_other(self):
        with patch.object(ai_product_sync_jobs, "MOST_PRODUCTS", 4):
            products = self._products(10)
            for _turn in range(3):
                self._run_sender()
                self.assertEqual(len(self._sync_jobs().filtered(lambda j: j.state == "sent")), 1)
                job = self._sync_jobs().filtered(lambda j: j.state == "sent")
                job._finish(self._result(job.payload["product_ids"]))
        ids = self._synced_ids()
        self.assertEqual([len(some) for some in ids], [4, 4, 2])
        self.assertEqual(sorted(one for some in ids for one in some), products.ids)
        self._run_sender()
        self.assertFalse(self._sync_jobs())
        self.assertEqual(set(self.rows.search([("record_id", "in", products.ids)]).mapped("state")),
                         {"synced"})  # fmt: skip

    def test_two_jobs_of_a_tenant_never_run_at_once(self):
        first = self._sent()
        self._change(self._products(1))
        self._run_sender()
        [second] = self._sync_jobs() - first
        self.assertEqual(second.state, "pending")
        self.assertTrue(second.next_try)
        first._finish(self._result(self.mine.ids))
        self.assertFalse(second.next_try, "the end of the first lets the second go")
        self._run_sender()
        self.assertEqual(second.state, "sent")

    def test_each_tenant_gets_its_own_products(self):
        self._change(self.mine + self.theirs)
        self._run_sender()
        accounts = {
            body["metadata"]["account_id"]: body["params"]["product_ids"]
            for body in self.sidecar.bodies(PROCESS)
        }
        self.assertEqual(accounts, {"test_one": self.mine.ids, "test_two": self.theirs.ids})

    def test_the_result_makes_it_green(self):
        job = self._sent()
        result = self._result(self.mine.ids)
        self._facade(self.tenant).job_result(job.uuid, "done", result)
        row = self._row(self.mine)
        self.assertEqual(
            (row.state, row.vector_id), ("synced", result["points"][str(self.mine.id)])
        )
        self.assertEqual(row.content_hash, result["hashes"][str(self.mine.id)])
        self.assertNotIn("points", job.result)
        self._run_sender()
        self.assertFalse(self._sync_jobs())

    def test_a_product_that_changed_while_its_job_ran_is_not_green(self):
        job = self._sent()
        self._change()
        self.assertEqual(self._row(self.mine).state, "needs_update")
        job._finish(self._result(self.mine.ids))
        row = self._row(self.mine)
        self.assertEqual(row.state, "needs_update")
        self.assertTrue(row.vector_id)
        self._run_sender()
        again = self._sync_jobs()
        self.assertEqual(again.payload, {"product_ids": self.mine.ids})
        again._finish(self._result(self.mine.ids))
        self.assertEqual(self._row(self.mine).state, "synced")

    def test_what_is_not_in_the_index_is_not_green(self):
        self.mine.active = False
        self._change()
        self._run_sender()
        self._sync_jobs()._finish(self._result([], deleted=1))
        row = self._row(self.mine)
        self.assertEqual((row.state, row.vector_id), ("not_synced", False))

    def test_a_failure_is_shown_with_its_reason_and_tried_again(self):
        job = self._sent()
        self._facade(self.tenant).job_result(
            job.uuid, "failed", False, {"code": "upstream_error", "message": "Qdrant is full"}
        )
        row = self._row(self.mine)
        self.assertEqual((job.state, row.state), ("pending", "error"))
        self.assertIn("answered with an error", row.error_display)
        job.next_try = False
        self._run_sender()
        self.assertEqual((job.state, self._row(self.mine).state), ("sent", "queued"))
        job._finish(self._result(self.mine.ids))
        row = self._row(self.mine)
        self.assertEqual((row.state, row.error_display), ("synced", False))

    def test_a_final_failure_stays_red_until_the_product_changes(self):
        job = self._sent()
        job._ran_and_failed("crew_disabled", "off")
        row = self._row(self.mine)
        self.assertEqual((job.state, row.state), ("failed", "error"))
        self.assertIn("switched off", row.error_display)
        self._run_sender()
        self.assertFalse(self._sync_jobs(), "no endless repetition of a hopeless job")
        self._change()
        self._run_sender()
        self.assertEqual(self._sync_jobs().payload, {"product_ids": self.mine.ids})

    def test_a_failed_product_of_the_shop_does_not_stop_the_others(self):
        job = self._sent()
        job._ran_and_failed("upstream_error", "")
        other = self._products(1)
        self._run_sender()
        newer = self._sync_jobs() - job
        self.assertEqual((newer.state, newer.payload), ("sent", {"product_ids": other.ids}))

    def test_a_cancelled_job_lets_its_products_go(self):
        job = self._sent()
        job.action_cancel()
        self.assertEqual(self._row(self.mine).state, "needs_update")
        job._finish(self._result(self.mine.ids))
        self.assertEqual(self._row(self.mine).state, "needs_update", "the late result is dropped")

    @mute_logger("odoo.addons.ai_system.models.ai_job_sender")
    def test_a_job_whose_rows_are_just_being_written_comes_again(self):
        self._change()
        self.env["ai.job"]._queue_changed_products()
        job = self._sync_jobs()
        model = type(job)
        with (
            patch.object(model, "_take_products", side_effect=SerializationFailure),
            patch.object(model, "_rollback"),
        ):
            job._send_safely()
        self.assertEqual(job.state, "pending")

    def test_misshapen_results_fail_the_job_and_are_never_green(self):
        for changes in (
            {"total": "1"},
            {"points": []},
            {"points": {"x": "0" * 36}},
            {"points": {str(self.mine.id): "no uuid"}},
            {"hashes": {str(self.mine.id): "<script>"}},
            {"upserted": True},
        ):
            with self.subTest(changes=changes):
                job = self._sent()
                job._finish(self._result(self.mine.ids, **changes))
                self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))
                self.assertEqual(self._row(self.mine).state, "error")

    # Reindex

    def test_reindex_shows_its_progress(self):
        self.tenant.with_user(self.manager).action_reindex()
        self.assertTrue(self.tenant.is_reindexing)
        self._run_sender()
        job = self._sync_jobs()
        self.assertEqual((job.state, bool(job.payload)), ("sent", False))
        self.assertLess(job.next_try - fields.Datetime.now(), timedelta(seconds=5))
        notices = self._progress_notices()
        self.sidecar.queue = [
            fake_sidecar.success(
                {
                    "job_id": job.uuid,
                    "state": "running",
                    "progress": {"done": 512, "total": 2048},
                }
            )
        ]
        job.next_try = False
        self._run_sender()
        self.env.invalidate_all()
        self.assertEqual((self.tenant.reindex_done, self.tenant.reindex_total), (512, 2048))
        self.assertEqual(self.tenant.reindex_percent, 25)
        self.assertEqual(self._progress_notices(), notices + 1)
        self.assertEqual(self.env["ai.job"]._watched(), 1, "the sender goes on asking")
        job._finish(self._result(self.mine.ids))
        self.env.invalidate_all()
        self.assertFalse(self.tenant.is_reindexing)
        self.assertEqual(self.tenant.synced_product_count, 1)

    def _progress_notices(self):
        self.env.cr.precommit.run()
        return self.env["bus.bus"].sudo().search_count([("message", "like", "ai_system.job")])

    def test_nonsense_about_the_progress_is_ignored(self):
        self.tenant.action_reindex()
        self._run_sender()
        job = self._sync_jobs()
        for progress in (None, [1], {"done": 5}, {"done": 9, "total": 5}, {"done": -1, "total": 2},
                         {"done": True, "total": 2}, {"done": "1", "total": 2}):  # fmt: skip
            job._take_progress(progress)
        self.assertEqual((job.progress_done, job.progress_total), (0, 0))

    def test_only_administrators_reindex(self):
        with self.assertRaises(AccessError):
            self.tenant.with_user(self.salesperson).action_reindex()

    def test_a_reindex_that_ran_again_keeps_what_changed_meanwhile(self):
        self.tenant.action_reindex()
        self._run_sender()
        job = self._sync_jobs()
        job._take_progress({"done": 5, "total": 9})
        job._ran_and_failed("upstream_error", "")
        self.env.invalidate_all()
        self.assertIn("answered with an error", self.tenant.reindex_error)
        self._change()
        job.next_try = False
        self._run_sender()
        self.assertEqual((job.state, job.progress_total), ("sent", 0))
        self.env.invalidate_all()
        self.assertFalse(self.tenant.reindex_error)
        job._finish(self._result(self.mine.ids))
        self.assertEqual(self._row(self.mine).state, "needs_update")

    def test_a_changed_language_of_the_tenant_reindexes_once_it_was_pushed(self):
        self.tenant._apply_sync_config(1, self.tenant._tenant_document())
        self.assertFalse(self._sync_jobs())
        self.tenant.language = "pt_BR"
        self.tenant._apply_sync_config(2, self.tenant._tenant_document())
        self.assertFalse(self._sync_jobs().payload)
        self.assertEqual(len(self._sync_jobs()), 1)
        self._sync_jobs()._cancel("done")
        self.tenant.qdrant_collection = "own"
        self.tenant._apply_sync_config(3, self.tenant._tenant_document())
        self.assertEqual(len(self._sync_jobs()), 1, "another index is empty")
        self._sync_jobs()._cancel("done")
        self.tenant.name = "Other name"
        self.tenant._apply_sync_config(4, self.tenant._tenant_document())
        self.assertFalse(self._sync_jobs())

    # Every night

    def _night(self, moment):
        """Run the nightly cron at `moment` (UTC); return the jobs that compare."""
        with patch.object(fields.Datetime, "now", lambda *args: moment):
            self.env["ai.tenant"]._cron_reconcile()
        return self.env["ai.job"].search(
            [("action", "=", "reconcile_products"), ("state", "=", "pending")]
        )

    def test_the_comparison_runs_once_a_night_by_the_tenants_own_clock(self):
        self.other_tenant.timezone = "Asia/Tokyo"
        self.tenant.timezone = "America/Sao_Paulo"
        day = datetime(2030, 6, 3, tzinfo=UTC).replace(tzinfo=None)
        self.assertFalse(self._night(day.replace(hour=12)))
        night = day.replace(hour=6, minute=10)  # 03:10 in São Paulo, 15:10 in Tokyo
        jobs = self._night(night)
        self.assertEqual(jobs.tenant_id, self.tenant)
        jobs._cancel("done")
        self.assertFalse(self._night(night + timedelta(minutes=30)))
        self.assertEqual(self._night(night + timedelta(days=1)).tenant_id, self.tenant)

    def test_the_comparison_repairs_the_rows_and_says_what_it_found(self):
        job = self.env["ai.job"]._enqueue(self.tenant, "reconcile_products", {}, self.tenant)
        self.env.cr.execute(
            "UPDATE ai_product_sync SET vector_id = 'wrong' WHERE id = %s",
            [self._row(self.mine).id],
        )
        self._run_sender()
        self.assertEqual(job.state, "sent")
        drift = {"missing": 1, "outdated": 2, "orphans": 3}
        result = self._result(self.mine.ids, **drift)
        job._finish(result)
        self.env.invalidate_all()
        row = self._row(self.mine)
        self.assertEqual(
            (row.state, row.vector_id), ("synced", result["points"][str(self.mine.id)])
        )
        self.assertEqual({name: job.result[name] for name in drift}, drift)
        self.assertIn("3 belonged to no product", self.tenant.message_ids[0].body)
        quiet = self.env["ai.job"]._enqueue(self.tenant, "reconcile_products", {}, self.tenant)
        messages = len(self.tenant.message_ids)
        quiet._finish(self._result(self.mine.ids, missing=0, outdated=0, orphans=0))
        self.assertEqual(len(self.tenant.message_ids), messages)
