import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import new_test_user, tagged

from odoo.addons.ai_system.models.ai_job import AiJob
from odoo.addons.bus.models import ir_websocket
from odoo.addons.semantic_product_description.tests.common import claim

from ..models import ai_product_run_texts
from .common import MassCase


@tagged("post_install", "-at_install")
class TestRunTexts(MassCase):
    def test_a_run_writes_one_text_for_each_product(self):
        run = self._run(trial=False)
        first, second = self._jobs(run)
        self.assertEqual(len(first.payload["items"]), 4)
        self.assertEqual(len(second.payload["items"]), 1)
        self.assertEqual(first.user_id, self.user)
        self.assertEqual(self._counts(run), {"sent": 5})
        self._answer(first, cost=0.25, input_tokens=10, output_tokens=5)
        self.assertEqual((run.state, self._counts(run)), ("running", {"sent": 1, "done": 4}))
        self._answer(second, cost=0.25, input_tokens=10, output_tokens=5)
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 5}))
        texts = run.line_ids.description_id
        self.assertEqual(len(texts), 5)
        self.assertEqual(texts.product_tmpl_id, self.products)
        self.assertEqual(set(texts.mapped("state")), {"draft"})
        self.assertEqual((run.cost, run.tokens), (1.25, 75))
        self.assertTrue(run.ended_on)
        self.assertNotIn("A chair of oak", json.dumps(first.result), "the queue keeps no texts")

    def test_the_same_result_twice_is_counted_once(self):
        run = self._run(self.products[:3])
        (job,) = self._jobs(run)
        self._answer(job, cost=0.5)
        self._answer(job, cost=0.5)
        self.env["ai.product.run"]._apply_texts(job, [])
        texts = self.env["product.ai.description"].search(
            [("product_tmpl_id", "in", self.products.ids)]
        )
        self.assertEqual((len(texts), sum(texts.mapped("cost")), run.cost), (3, 1.5, 1.5))

    def test_few_batches_are_under_way(self):
        products = self.products | self._make_products(15)
        run = self._run(products)
        self.assertEqual(len(self._jobs(run)), 3)
        self.assertEqual(self._counts(run), {"sent": 12, "waiting": 8})
        self._answer(self._jobs(run)[0])
        self.assertEqual(len(self._jobs(run)), 3)
        while jobs := self._jobs(run):
            self._answer(jobs[0])
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 20}))
        self.assertEqual(len(run.line_ids.description_id.product_tmpl_id), 20)

    def test_single_clicks_leave_before_bulk_work(self):
        run = self._run()
        self.mine.action_generate_description()
        due = self.env["ai.job"]._due().filtered(lambda job: job.tenant_id == self.tenant)
        actions = [job.action for job in due if job.action.startswith("generate")]
        self.assertEqual(actions, ["generate_description"] + ["generate_descriptions"] * 2)
        self.assertEqual(run.state, "running")

    def test_a_run_of_higher_priority_goes_first(self):
        other = self._make_products(16)
        run = self._run(other)
        urgent = self._run(self.products, priority="2")
        self.assertFalse(self._jobs(urgent), "three batches are under way")
        self._answer(self._jobs(run)[0])
        self._cron()
        self.assertEqual(len(self._jobs(urgent)), 1)
        self.assertEqual(self._counts(run)["waiting"], 4)

    def test_only_what_is_missing_is_written(self):
        self._generate()
        parts = {"short_description": False, "use_cases": False}
        both = self.product | self.products[0]
        run = self._run(both, **parts)
        self.assertEqual(self._counts(run), {"skipped": 1, "sent": 1})
        skipped = run.line_ids.filtered(lambda line: line.state == "skipped")
        self.assertEqual(skipped.product_tmpl_id, self.product)
        self.assertIn("already", skipped.error_display)
        again = self._run(both, fill_only_empty=False)
        self.assertEqual(self._counts(again), {"sent": 2})

    def test_only_the_missing_parts_are_asked_for(self):
        text = self._text()
        text.sudo().write({"proposed": {"short_description": "x"}, "seo_title": False})
        run = self._run(self.product)
        (item,) = self._jobs(run).payload["items"]
        self.assertEqual(item["parts"], ["use_cases", "seo_title"])

    def test_what_was_filled_meanwhile_is_not_written(self):
        run = self._run(self.product | self._make_products(12))
        waiting = run.line_ids.filtered(lambda line: line.state == "waiting").product_tmpl_id
        self.product = waiting
        self.mine = waiting.with_user(self.user).with_company(self.company)
        self._generate()
        self._answer(self._jobs(run)[0])
        self.assertEqual(self._counts(run), {"skipped": 1, "done": 4, "sent": 8})

    def test_an_error_of_one_item_is_its_own(self):
        run = self._run(self.products[:4])
        (job,) = self._jobs(run)
        broken = self.products[1]
        self._answer(job, errors=broken.ids)
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 3, "failed": 1}))
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual((failed.product_tmpl_id, failed.error_code), (broken, "not_found"))
        run.action_retry_failed()
        (again,) = self._jobs(run)
        self.assertEqual([item["product_id"] for item in again.payload["items"]], broken.ids)
        self._answer(again)
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 4}))
        self.assertEqual(len(self.products[0].ai_description_ids), 1, "only the failed one")

    def test_what_is_no_text_fails_its_line(self):
        run = self._run(self.products[:3])
        (job,) = self._jobs(run)
        one, two, three = job.payload["items"]
        keys = [{name: i[name] for name in ("product_id", "language")} for i in (one, two, three)]
        job._finish(
            {
                "results": [
                    {**keys[0], "result": self._result(language="pt_BR")},
                    {**keys[1], "result": self._result(short_description=5)},
                ]
            }
        )
        self.env.invalidate_all()
        codes = {line.product_tmpl_id.id: line.error_code for line in run.line_ids}
        self.assertEqual(
            [codes[key["product_id"]] for key in keys], ["no_answer", "invalid_result", "no_answer"]
        )
        self.assertFalse(self.products[:3].ai_description_ids)

    def test_an_answer_of_another_shape_fails_the_lines(self):
        for result in ({}, {"results": "all"}, {"results": [5]}):
            run = self._run(self.products[:2])
            (job,) = self._jobs(run)
            job._finish(result)
            self.env.invalidate_all()
            self.assertEqual(self._counts(run), {"failed": 2}, result)
            self.assertEqual(job.state, "failed")

    def test_a_job_that_fails_leaves_its_reason_on_the_lines(self):
        run = self._run(self.products[:2])
        self._jobs(run)._fail("crew_disabled", "off")
        self._cron()
        self.assertEqual((run.state, self._counts(run)), ("done", {"failed": 2}))
        self.assertIn("switched off", run.line_ids[0].error_display)

    def test_a_product_that_left_is_not_written_about(self):
        products = self._make_products(14)
        run = self._run(products)
        products[-1].active = False
        while jobs := self._jobs(run):
            self._answer(jobs[0])
        line = run.line_ids.filtered(lambda line: line.product_tmpl_id == products[-1])
        self.assertEqual((line.state, line.error_code), ("failed", "out_of_reach"))
        self.assertEqual(self._counts(run), {"done": 13, "failed": 1})

    def test_other_companies_products_are_left_out(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self._make_products(1, company_id=other.id)
        run = self._run(self.products[:1] | foreign)
        self.assertEqual(run.line_ids.product_tmpl_id, self.products[:1])

    def test_the_cron_goes_on_where_a_wake_up_was_lost(self):
        run = self._run(self.products | self._make_products(12))
        with patch.object(type(run), "_advance", lambda run: False):
            for job in self._jobs(run):
                self._answer(job)
        self.assertEqual(self._counts(run), {"done": 12, "waiting": 5})
        self._cron()
        self.assertEqual(self._counts(run), {"done": 12, "sent": 5})
        with patch.object(type(run), "_advance", lambda run: False):
            for job in self._jobs(run):
                self._answer(job)
        self.assertEqual(run.state, "running")
        self._cron()
        self.assertEqual(run.state, "done")

    def test_several_languages(self):
        self.env["res.lang"]._activate_lang("pt_BR")
        languages = self.env["res.lang"].search([("code", "in", ("en_US", "pt_BR"))])
        run = self._run(self.products[:2], language_ids=[(6, 0, languages.ids)])
        (job,) = self._jobs(run)
        self.assertEqual(
            [(item["product_id"], item["language"]) for item in job.payload["items"]],
            [(product.id, code) for product in self.products[:2] for code in ("en_US", "pt_BR")],
        )
        self._answer(job)
        self.assertEqual(self._counts(run), {"done": 4})

    def test_progress_is_told_once_a_batch(self):
        told, notify = [], AiJob._notify
        self.patch(AiJob, "_notify", lambda jobs: told.append(jobs) or notify(jobs))
        run = self._run()
        sent = []
        self.patch(
            type(self.env["bus.bus"]),
            "_sendone",
            lambda _b, to, kind, data: sent.append((to, kind)),
        )
        self._answer(self._jobs(run)[0])
        self.assertTrue(told)
        self.assertEqual(set(sent), {(run.sudo(), "product_ai_mass_management.run")})
        self.assertLessEqual(len(sent), 2)

    def test_texts_are_taken_by_as_many_queries_as_one(self):
        category = self.env["product.category"].create({"name": "Stools"})
        claims = [claim(text="oak", source="field:name", kind="material", supported=True)]
        counted = []
        for count in (1, 1, 12):
            self.patch(ai_product_run_texts, "BATCH", count)
            run = self._run(self._make_products(count, categ_id=category.id))
            (job,) = self._jobs(run)
            results = [
                {**key, "result": {**self._result(claims=claims), **key}}
                for key in job.payload["items"]
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            job._finish({"results": results})
            self.env.flush_all()
            counted.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(run.line_ids.description_id.claim_ids), count)
        # The first one fills caches of the registry.
        self.assertEqual(counted[1], counted[2])

    def test_who_may_read_a_run_hears_how_far_it_is(self):
        run = self._run()
        name = f"ai.product.run_{run.id}"
        stranger = new_test_user(self.env, "mass_employee", groups="base.group_user")
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreigner = new_test_user(
            self.env,
            "mass_foreigner",
            groups="ai_system.ai_system_group_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for user, hears in (
            (self.user, True),
            (self.manager, True),
            (stranger, False),
            (foreigner, False),
            (self.env.ref("base.public_user"), False),
        ):
            session = SimpleNamespace(session=SimpleNamespace(uid=user.id))
            with patch.object(ir_websocket, "wsrequest", session):
                websocket = self.env["ir.websocket"].with_user(user)
                channels = websocket._build_bus_channel_list([name, "ai.product.run_x", "mine"])
            self.assertEqual(run in channels, hears, user.login)
            # The name is no channel of its own: whoever knows it would hear.
            self.assertNotIn(name, channels)
            self.assertIn("mine", channels)

    def test_thousands_of_lines_are_made_by_one_statement(self):
        self._make_products(2000)
        domain = f"[('company_id', '=', {self.company.id})]"
        counted = []
        for chosen in (self.products.ids, False):
            run = self.runs.create({"product_ids": chosen, "domain": domain})
            run.action_start()
            run.action_cancel()
            self.env["ai.job"].search([])._cancel("not of this count")
            self.env.invalidate_all()
            run = self.runs.create({"product_ids": chosen, "domain": domain})._as_system()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            run._make_lines()
            counted.append(self.env.cr.sql_log_count - before)
            self.assertEqual(run.line_count, 5 if chosen else 2006)
        self.assertEqual(*counted)
