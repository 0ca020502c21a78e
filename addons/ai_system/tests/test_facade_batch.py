from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiSystemCase

BATCH = "odoo.addons.ai_system.models.ai_facade_batch"


@tagged("post_install", "-at_install")
class TestFacadeBatch(AiSystemCase):
    """Several reads in one round trip; each answers, or fails, by itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._product("Mine", cls.company, list_price=10.0)
        cls.theirs = cls._product("Theirs", cls.other_company)

    def _ask(self, *calls):
        asked = [{"method": name, "arguments": arguments} for name, arguments in calls]
        return self._facade(self.tenant).batch(asked)

    def test_answers_are_those_of_the_methods_in_their_order(self):
        facade = self._facade(self.tenant)
        ids = [self.theirs.id, self.mine.id]
        told = self._ask(("stock_levels", {"ids": ids}), ("product_facts", {"ids": ids}))
        self.assertEqual([one["ok"] for one in told], [True, True])
        self.assertEqual(told[0]["value"], facade.stock_levels(ids))
        self.assertEqual(told[1]["value"], facade.product_facts(ids))
        self.assertEqual([facts["id"] for facts in told[1]["value"]], [self.mine.id])

    def test_one_that_fails_hides_no_other(self):
        told = self._ask(
            ("product_facts", {"ids": "all"}),
            ("read_records", {"model": "res.users", "ids": [1], "fields": ["login"]}),
            ("product_facts", {"ids": [self.mine.id], "company_id": 1}),
            ("product_ids", {}),
        )
        self.assertEqual([one["ok"] for one in told], [False, False, False, True])
        self.assertEqual({one["kind"] for one in told[:3]}, {"refused"})
        self.assertIn(self.mine.id, told[3]["value"])

    @mute_logger(BATCH, "odoo.sql_db")
    def test_a_failed_query_or_a_bug_is_one_calls_failure_and_tells_nothing(self):
        facade = type(self.env["ai.facade"])

        def broken(this, ids):
            this.env.cr.execute("SELECT planted FROM nowhere")

        with patch.object(facade, "stock_levels", broken):
            told = self._ask(("stock_levels", {"ids": [1]}), ("product_ids", {}))
        self.assertEqual(told[0], {"ok": False, "kind": "failed", "message": ""})
        self.assertTrue(told[1]["ok"])

    def test_what_odoo_repeats_is_not_swallowed(self):
        facade = type(self.env["ai.facade"])
        with (
            patch.object(facade, "product_ids", side_effect=SerializationFailure()),
            self.assertRaises(SerializationFailure),
        ):
            self._ask(("product_ids", {}))

    def test_only_reading_methods_of_the_facade_are_called(self):
        names = ("batch", "set_sync_states", "job_result", "_tenant", "write", "env", "nothing")
        told = self._ask(*((name, {}) for name in names))
        self.assertEqual({one["kind"] for one in told}, {"not_offered"})

    def test_the_number_of_calls_is_limited_and_the_caller_checked(self):
        with self.assertRaisesRegex(UserError, "20"):
            self._ask(*[("product_ids", {})] * 21)
        with self.assertRaises(UserError):
            self._facade(self.tenant).batch("product_ids")
        self.assertEqual(self._facade(self.tenant).batch([]), [])
        self.assertEqual(self._facade(self.tenant).batch(["x"])[0]["kind"], "refused")
        with self.assertRaises(AccessError):
            self.env["ai.facade"].with_user(self.salesperson).batch([])

    def test_queries_do_not_grow_with_the_ids(self):
        more = self.mine + self._product("Also", self.company) + self._product("Too", self.company)

        def count(ids):
            self.env.invalidate_all()
            begun = self.env.cr.sql_log_count
            self._ask(("stock_levels", {"ids": ids}), ("product_facts", {"ids": ids}))
            return self.env.cr.sql_log_count - begun

        count(self.mine.ids)
        self.assertEqual(count(more.ids), count(self.mine.ids))
