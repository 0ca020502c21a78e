import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .product_sync_case import ProductSyncCase

PROCESS = "/api/v1/process"


@tagged("post_install", "-at_install")
class TestProductSearch(ProductSyncCase):
    """AI Search and “View in AI System”: who may ask, and what comes back."""

    def setUp(self):
        super().setUp()
        self.search = self.env["ai.product.search"].with_user(self.salesperson)

    def _ask(self, question="a chair", **options):
        """Ask, let the question leave, return its job."""
        told = self.search.ask(question, **options)
        self._run_sender()
        return self.env["ai.job"].search([("uuid", "=", told["job_id"])])

    def _found(self, *products, **changes):
        """Return the result of a search that found `products`."""
        return {
            "products": [
                {
                    "id": product.id,
                    "name": product.name,
                    "description": "",
                    "price": 10.0,
                    "currency": "USD",
                    "stock": 4.0,
                    "image_url": "http://elsewhere/image",
                    "score": 1.0 - number / 10,
                    "why": ["code: ch1", "name: chair", "category: chairs", "text", "meaning"],
                    **changes,
                }
                for number, product in enumerate(products)
            ],
            "took_ms": 12,
        }

    def _answers(self):
        """Return what went over the bus as answers of searches."""
        self.env.cr.precommit.run()
        messages = self.env["bus.bus"].sudo().search([("message", "like", "ai_system.search")])
        return [json.loads(message.message)["payload"] for message in messages.sorted("id")]

    def test_a_salespersons_question_is_a_job_and_its_answer_comes_over_the_bus(self):
        job = self._ask("  a   chair  ")
        [body] = self.sidecar.bodies(PROCESS)
        self.assertEqual(
            body["params"],
            {"query": "a chair", "limit": 20, "filters": {"availability": "in_stock"}},
        )
        before = len(self._answers())
        self._facade(self.tenant).job_result(job.uuid, "done", self._found(self.mine))
        [answer] = self._answers()[before:]
        self.assertEqual((answer["job_id"], answer["error"]), (job.uuid, False))
        [card] = answer["products"]
        self.assertEqual((card["id"], card["name"], card["score"]), (self.mine.id, "Mine", 100))
        self.assertEqual(card["image"], f"/web/image/product.template/{self.mine.id}/image_256")
        self.assertIn("10.00", card["price"])
        self.assertEqual((card["stock"], card["available"]), ("4 Units in stock", True))
        self.assertEqual(
            card["why"],
            ["Code: ch1", "Name: chair", "Category: chairs", "Words of its description", "Meaning"],
        )

    def test_reasons_and_stock_speak_the_readers_language(self):
        self.salesperson.lang = "pt_BR"
        job = self._ask()
        before = len(self._answers())
        job._finish(self._found(self.mine, stock=0.0))
        [card] = self._answers()[before]["products"]
        self.assertEqual(card["stock"], "Sem estoque")
        self.assertEqual(card["why"][0], "Código: ch1")
        self.assertEqual(card["why"][-1], "Significado")

    def test_nothing_of_the_question_is_kept(self):
        job = self._ask("birthday present for my boss")
        job._finish(self._found(self.mine))
        self.assertEqual((job.payload, job.result), (False, {"found": 1, "took_ms": 12}))
        failed = self._ask("another secret")
        failed._fail("unreachable", "")
        self.assertFalse(failed.payload)
        with self.assertRaisesRegex(UserError, "Ask again"):
            failed.with_user(self.salesperson).action_retry()

    def test_products_that_the_reader_may_not_see_are_left_out(self):
        job = self._ask()
        before = len(self._answers())
        job._finish(self._found(self.theirs, self.mine))
        self.assertEqual(
            [card["id"] for card in self._answers()[before]["products"]], self.mine.ids
        )

    def test_hits_are_counted_in_one_statement(self):
        for _time in range(2):
            self._ask()._finish(self._found(self.mine, self.theirs))
        self.assertEqual(self._row(self.mine).hits, 2)
        self.assertEqual(self._row(self.theirs, self.other_tenant).hits, 0)

    def test_a_failure_is_told_in_words_at_once(self):
        job = self._ask()
        before = len(self._answers())
        self._facade(self.tenant).job_result(
            job.uuid, "failed", False, {"code": "upstream_error", "message": "boom"}
        )
        self.assertEqual(job.state, "failed")
        [answer] = self._answers()[before:]
        self.assertIn("answered with an error", answer["error"])
        self.assertNotIn("boom", answer["error"])

    def test_misshapen_answers_are_failures(self):
        for changes in ({"price": "10"}, {"score": None}, {"stock": "many"}, {"why": "name"},
                        {"id": "5"}, {"price": True}):  # fmt: skip
            with self.subTest(changes=changes):
                job = self._ask()
                job._finish(self._found(self.mine, **changes))
                self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))

    def test_a_newer_question_takes_the_place_of_one_that_did_not_leave(self):
        first = self.search.ask("cha")
        second = self.search.ask("chair")
        self.assertFalse(self.env["ai.job"].search([("uuid", "=", first["job_id"])]))
        self._run_sender()
        [body] = self.sidecar.bodies(PROCESS)
        self.assertEqual(body["metadata"]["job_id"], second["job_id"])

    def test_who_may_not_or_cannot_ask_is_told_why(self):
        with self.assertRaises(UserError):
            self.search.ask("   ")
        employee = self._person("employee_two", self.company, "base.group_user")
        with self.assertRaises(AccessError):
            self.env["ai.product.search"].with_user(employee).ask("a chair")
        self.tenant.write(
            {
                "erp_kind": "external",
                "erp_url": "https://erp.example.com",
                "erp_database": "erp",
                "erp_login": "bot",
            }
        )
        self.assertIn("another Odoo", self.search.ask("a chair")["obstacle"])
        self.tenant.erp_kind = "own"
        self._crew("product_management").enabled = False
        self.assertIn("switched off", self.search.ask("a chair")["obstacle"])
        self.tenant.state = "not_connected"
        self.assertIn("not connected", self.search.ask("a chair")["obstacle"])
        self.tenant.unlink()
        self.assertIn("no AI tenant", self.search.ask("a chair")["obstacle"])

    def test_old_questions_are_removed(self):
        job = self._ask()
        job._finish(self._found())
        young = self._ask("another")
        young._finish(self._found())
        self.env.cr.execute(
            "UPDATE ai_job SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=2), job.id],
        )
        self.env.invalidate_all()
        self.env["ai.job"]._gc_questions()
        self.assertEqual((bool(job.exists()), bool(young.exists())), (False, True))

    # View in AI System

    def _open_text(self):
        action = self._row(self.mine).with_user(self.salesperson).action_view_text()
        self._run_sender()
        return self.env["ai.product.text"].browse(action["res_id"])

    def test_the_text_is_read_when_the_dialog_opens(self):
        dialog = self._open_text()
        self.assertEqual(dialog.state, "waiting")
        [body] = self.sidecar.bodies(PROCESS)
        self.assertEqual(
            (body["metadata"]["action"], body["params"]),
            ("product_text", {"product_id": self.mine.id}),
        )
        result = {"product_id": self.mine.id, "indexed": True, "text": "Mine. Chairs"}
        self._facade(self.tenant).job_result(dialog.job_id.uuid, "done", result)
        seen = dialog.with_user(self.salesperson)
        self.assertEqual((seen.state, seen.text), ("shown", "Mine. Chairs"))
        self.assertEqual(dialog.job_id.result, {"indexed": True})
        self.assertFalse(self.env["ai.product.text"].with_user(self.manager).search([]))

    def test_what_is_not_in_the_index_or_cannot_be_read_is_said(self):
        dialog = self._open_text()
        dialog.job_id._finish({"product_id": self.mine.id, "indexed": False, "text": ""})
        self.assertEqual(dialog.state, "missing")
        dialog = self._open_text()
        dialog.job_id._ran_and_failed("upstream_error", "")
        self.assertEqual(dialog.state, "failed")
        self.assertIn("answered with an error", dialog.error_text)
        dialog = self._open_text()
        dialog.job_id._finish({"indexed": "yes", "text": ""})
        self.assertEqual(dialog.job_id.error_code, "invalid_result")
        self.tenant.action_disconnect()
        self.assertEqual(self._open_text().state, "not_connected")

    # The tenant's form

    def test_the_outcome_of_a_test_in_one_line(self):
        self.assertFalse(self.tenant.check_summary)
        ok = [{"part": part, "state": "ok"} for part in ("sidecar", "redis", "qdrant")]
        self.tenant._set_checks([*ok, {"part": "llm", "state": "off"}])
        self.assertEqual(self.tenant.check_summary, "3 of 3 parts answer")
        self.assertFalse(self.tenant.check_failed)
        self.tenant._set_checks([*ok, {"part": "llm", "state": "failed"}])
        self.assertEqual(self.tenant.check_summary, "Not working: Language model (1 of 4 parts)")
        self.assertTrue(self.tenant.check_failed)
