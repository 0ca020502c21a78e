import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.semantic_product_description.models.product_ai_description_review import (
    ProductAiDescription,
)

from ..models import ai_product_run_steps, ai_product_run_texts
from .common import MassCase


@tagged("post_install", "-at_install")
class TestRunKinds(MassCase):
    def _drafts(self, products, **changes):
        self._run(products)
        run = self.env["ai.product.run"].search([], limit=1)
        while jobs := self._jobs(run):
            self._answer(jobs[0], **changes)
        return run.line_ids.description_id

    def _approve(self, products, **values):
        return self._run(products, self.managers_runs, kind="approve", **values)

    def test_an_administrator_approves_by_score(self):
        some = self.products[:3]
        good, other, bad = self._drafts(some)
        good.sudo().score, other.sudo().score, bad.sudo().score = 90, 80, 79
        asked = self.managers_runs.create({"kind": "approve", "product_ids": some.ids})
        self.assertIn("2 drafts", asked.estimate)
        run = self._approve(some)
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 2}))
        self.assertEqual([good.state, other.state, bad.state], ["approved", "approved", "draft"])
        self.assertEqual(good.approved_by_id, self.manager)
        self.assertEqual(some[0].description_sale, "A chair of oak.")

    def test_texts_are_approved_by_nearly_as_many_queries_as_one(self):
        counted = []
        for count in (1, 1, 11):
            self.patch(ai_product_run_texts, "BATCH", count)
            self.patch(ai_product_run_steps, "APPROVALS", count)
            some = self._make_products(count, description_sale="By hand.")
            self._drafts(some)
            run = self.managers_runs.create(
                {"kind": "approve", "product_ids": some.ids, "minimum_score": 0}
            )
            steps = run._as_system()
            steps.state = "running"
            steps._make_lines()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            steps._advance()
            self.env.flush_all()
            counted.append(self.env.cr.sql_log_count - before)
            self.assertEqual(self._counts(run), {"done": count})
        # Each product's live field is written by itself; nothing else is repeated.
        self.assertLessEqual(counted[2] - counted[1], 3 * 10)

    def test_two_versions_of_a_product_are_approved_in_their_order(self):
        first = self._text().with_user(self.manager)
        second = self._text(short_description="A better chair.").with_user(self.manager)
        self.assertFalse((first | second)._approve_passing())
        self.assertEqual((first.state, second.state), ("replaced", "approved"))
        self.assertEqual(self.product.description_sale, "A better chair.")

    def test_one_text_that_cannot_be_approved_spares_the_others(self):
        some = self.products[:3]
        texts = self._drafts(some)
        texts.sudo().score = 90
        put, broken, refusal = ProductAiDescription._put_to_use, texts[1], "This one cannot."

        def fails(text, former):
            if text.id == broken.id:
                raise UserError(refusal)
            return put(text, former)

        self.patch(ProductAiDescription, "_put_to_use", fails)
        run = self._approve(some)
        self.assertEqual(self._counts(run), {"done": 2, "failed": 1})
        self.assertEqual(texts.mapped("state"), ["approved", "draft", "approved"])
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(
            (failed.description_id, failed.error_message), (broken, "This one cannot.")
        )

    def test_the_gates_hold(self):
        some = self.products[:2]
        blocked, fine = self._drafts(some)
        (blocked | fine).sudo().score = 95
        self.env["product.ai.claim"].sudo().create(
            {
                "description_id": blocked.id,
                "part": "short_description",
                "text": "oak",
                "kind": "material",
                "supported": False,
            }
        )
        run = self._approve(some)
        self.assertEqual(self._counts(run), {"done": 1, "failed": 1})
        self.assertEqual((blocked.state, fine.state), ("draft", "approved"))
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertIn("without a source", failed.error_display)

    def test_the_cron_tells_reasons_in_the_language_of_who_asked(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        self.manager.lang = "pt_BR"
        self._drafts(self.products)
        self.settings.minimum_score = 100
        run = self._approve(self.products, minimum_score=0)
        self._cron()
        reasons = run.line_ids.mapped("error_message")
        self.assertEqual(self._counts(run), {"failed": 5})
        self.assertEqual([reason for reason in reasons if "o mínimo é 100" not in reason], [])

    def test_a_hand_edit_is_never_overwritten_in_bulk(self):
        some = self.products[:1]
        self._drafts(some).sudo().score = 95
        self._approve(some)
        some.description_sale = "By hand."
        self._run(some, fill_only_empty=False)
        run = self.env["ai.product.run"].search([], limit=1)
        self._answer(self._jobs(run), short_description="Another chair.")
        self.assertEqual(self._counts(self._approve(some, minimum_score=0)), {"failed": 1})
        self.assertEqual(some.description_sale, "By hand.")

    def test_salespeople_do_not_approve_in_bulk(self):
        some = self.products[:2]
        texts = self._drafts(some)
        with self.assertRaises(AccessError):
            self._run(some, kind="approve", minimum_score=0)
        self.assertEqual(set(texts.mapped("state")), {"draft"})

    def test_whoever_lost_the_right_approves_nothing(self):
        some = self.products
        texts = self._drafts(some)
        run = self._approve(some, minimum_score=0)
        self.manager.group_ids -= self.env.ref("ai_system.ai_system_group_manager")
        self._cron()
        self.assertEqual(self._counts(run.sudo()), {"done": 4, "failed": 1})
        self.assertEqual(texts.mapped("state").count("draft"), 1)

    def test_a_text_that_somebody_decided_about_is_left_alone(self):
        some = self.products
        texts = self._drafts(some)
        run = self._approve(some, minimum_score=0)
        waiting = run.line_ids.filtered(lambda line: line.state == "waiting").description_id
        waiting[0].with_user(self.user).action_reject()
        self._cron()
        self.assertEqual(self._counts(run), {"done": 4, "skipped": 1})
        self.assertEqual(texts.mapped("state").count("rejected"), 1)

    def test_a_synchronization_tells_line_by_line(self):
        some = self.products[:3]
        run = self._run(some, kind="sync")
        self.assertEqual((run.state, self._counts(run)), ("running", {"sent": 3}))
        job = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {"changed": True})
        self.assertTrue(job.sudo()._take_products())
        self._cron()
        self.assertEqual(self._counts(run), {"sent": 3}, "it is under way")
        carried = self.env["ai.product.sync"].search([("job_id", "=", job.id)]).mapped("record_id")
        counts = dict.fromkeys(("embedded", "upserted", "deleted", "unchanged"), 0)
        points = {str(i): str(uuid.uuid4()) for i in carried if i != some[1].id}
        job.sudo()._finish({"total": len(points), **counts, "points": points})
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 2, "failed": 1}))
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(failed.product_tmpl_id, some[1])

    def test_a_failed_synchronization_leaves_its_reason(self):
        some = self.products[:2]
        run = self._run(some, kind="sync")
        job = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {"changed": True}).sudo()
        job._take_products()
        job._fail("upstream_refused", "")
        self._cron()
        self.assertEqual(self._counts(run), {"failed": 2})
        self.assertIn("credentials", run.line_ids[0].error_display)
        run.action_retry_failed()
        self.assertEqual(self._counts(run), {"sent": 2})

    def test_the_list_opens_what_was_chosen(self):
        some = self.products[:2].with_user(self.user).with_company(self.company)
        action = some.action_ai_generate()
        self.assertEqual(self.runs.browse(action["res_id"]).product_ids, some.ids)
        everything = some.browse().with_context(active_domain=[("name", "=", "Stool 00001")])
        asked = self.runs.browse(everything.action_ai_generate()["res_id"])
        self.assertEqual((asked.product_ids, asked.product_count), (False, 1))
        self._drafts(self.products[:2])
        drafts = self.env["product.ai.description"].search(some.action_ai_review()["domain"])
        self.assertEqual(len(drafts), 2)
