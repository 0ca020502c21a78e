from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestRules(RulesCase):
    def _found(self, state):
        domain = [("profile_id", "=", self.profile.id), ("state", "=", state)]
        return self.env["ai.business.rule"].search(domain)

    def test_the_state_is_that_of_the_clock_without_any_write(self):
        rule = self._promotion()
        for now, state in (
            ("2026-11-20 02:59:59", "upcoming"),
            ("2026-11-20 03:00:00", "active"),
            ("2026-12-01 02:59:59", "active"),
            ("2026-12-01 03:00:00", "expired"),
        ):
            with freeze_time(now):
                self.env.invalidate_all()
                self.assertEqual(rule.state, state, now)
                self.assertEqual(self._found(state), rule, now)
                others = {"draft", "upcoming", "active", "expired", "cancelled"} - {state}
                for other in others:
                    self.assertFalse(self._found(other), (now, other))

    def test_times_of_day_are_the_shops(self):
        rule = self._promotion(
            "2026-11-25", "2026-11-25", with_times=True, time_from=8.0, time_to=18.0
        )
        for now, state in (
            ("2026-11-25 10:59:00", "upcoming"),
            ("2026-11-25 11:00:00", "active"),
            ("2026-11-25 21:00:59", "active"),
            ("2026-11-25 21:01:00", "expired"),
        ):
            with freeze_time(now):
                self.env.invalidate_all()
                self.assertEqual(rule.state, state, now)

    def test_moving_the_tenant_to_another_zone_moves_the_dates(self):
        rule = self._promotion()
        self.assertEqual(rule.ends_at, self._at("2026-12-01 03:00:00"))
        self.tenant.timezone = "Europe/Lisbon"
        self.assertEqual(rule.ends_at, self._at("2026-12-01 00:00:00"))

    def test_permanent_rules_hold_always(self):
        rule = self._rule("delivery")
        self.assertEqual((rule.state, rule.validity), ("active", "permanent"))
        self.assertEqual(self._found("active"), rule)

    def test_drafts_and_cancelled_rules_do_not(self):
        rule = self._promotion(stage="draft")
        self.assertEqual(rule.state, "draft")
        rule.action_confirm()
        self.assertEqual(rule.state, "active")
        rule.action_cancel()
        self.assertEqual(self._found("cancelled"), rule)
        rule.action_draft()
        self.assertEqual(self._found("draft"), rule)

    def test_search_with_several_states_and_their_opposite(self):
        running, over = self._promotion(), self._promotion("2026-10-01", "2026-10-10")
        rules = self.env["ai.business.rule"]
        mine = ("profile_id", "=", self.profile.id)
        both = rules.search([mine, ("state", "in", ("active", "expired"))])
        self.assertEqual(both, running | over)
        self.assertEqual(rules.search([mine, ("state", "!=", "expired")]), running)

    def test_soon_is_within_a_week(self):
        ending = self._promotion("2026-11-20", "2026-11-30")
        later = self._promotion("2026-11-20", "2026-12-30", discount_percent=11.0)
        coming = self._promotion("2026-11-28", "2026-12-30", discount_percent=12.0)
        rules = self.env["ai.business.rule"]
        mine = ("profile_id", "=", self.profile.id)
        self.assertEqual(rules.search([mine, ("ends_soon", "=", True)]), ending)
        self.assertEqual(rules.search([mine, ("starts_soon", "=", True)]), coming)
        self.assertEqual((ending.ends_soon, later.ends_soon), (True, False))
        self.assertTrue(coming.starts_soon)

    def test_a_temporary_rule_without_dates_is_for_a_week_from_today(self):
        rule = self._rule("event")
        self.assertEqual((rule.date_from, rule.date_to), (date(2026, 11, 25), date(2026, 12, 1)))
        with freeze_time("2026-11-26 01:00:00"):
            self.assertEqual(self._rule("holiday").date_from, date(2026, 11, 25), "still Wednesday")

    def test_the_form_offers_the_week_when_the_kind_is_chosen(self):
        form = Form(self.env["ai.business.rule"].with_context(default_profile_id=self.profile.id))
        form.name = "Party"
        form.kind = "promotion"
        self.assertEqual((form.date_from, form.date_to), (date(2026, 11, 25), date(2026, 12, 1)))
        form.discount_percent = 10
        self.assertIn("10% off everything", form.sentence)
        self.assertEqual(form.save().state, "active")

    def test_dates_that_make_no_sense_are_refused_in_words(self):
        with self.assertRaisesRegex(ValidationError, "from when until when"):
            self._promotion("2026-11-20", False)
        with self.assertRaisesRegex(ValidationError, "end before it begins"):
            self._promotion("2026-11-20", "2026-11-19")
        with self.assertRaisesRegex(ValidationError, "end before it begins"):
            self._promotion("2026-11-20", "2026-11-20", with_times=True, time_from=9, time_to=8)
        with self.assertRaisesRegex(ValidationError, "between 00:00 and 23:59"):
            self._promotion(with_times=True, time_from=9, time_to=24)

    def test_figures_that_make_no_sense_are_refused_in_words(self):
        with self.assertRaisesRegex(ValidationError, "longer than the longest"):
            self._rule("delivery", delivery_min=5, delivery_max=3)
        with self.assertRaisesRegex(ValidationError, "without interest"):
            self._rule("payment", installments_max=3, installments_free=4)
        with self.assertRaisesRegex(ValidationError, "how much is the discount"):
            self._promotion(discount_percent=0)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_impossible_figures(self):
        for values in ({"discount_percent": 101}, {"minimum_purchase": -1}, {"return_days": -1}):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self._promotion(**values)

    def test_products_that_the_ai_may_not_show_cannot_be_in_a_rule(self):
        shared = self.env["product.template"].create({"name": "Shared", "company_id": False})
        theirs = self._product("Theirs", self.other_company)
        rule = self._promotion()
        for product in (shared, theirs):
            with self.assertRaisesRegex(ValidationError, "may show"), self.env.cr.savepoint():
                rule.product_ids = product
        self.tenant.include_shared_records = True
        rule.product_ids = shared
        self.assertEqual(rule.product_ids, shared)

    def test_a_copy_is_a_draft(self):
        rule = self._rule("return", return_days=7)
        copy = rule.copy()
        self.assertEqual((copy.state, copy.return_days), ("draft", 7))
        self.assertEqual(copy.name, "Return (copy)")

    def test_the_board_counts_what_holds_and_what_needs_a_look(self):
        self._rule("return", return_days=7)
        self._rule("return", return_days=30)
        self._promotion("2026-11-20", "2026-11-28")
        self._promotion("2026-11-27", "2026-12-28", discount_percent=5.0)
        self._promotion("2026-12-27", "2026-12-28", discount_percent=6.0)
        rules = self.env["ai.business.rule"].with_user(self.manager)
        self.assertEqual(
            rules.active_summary(),
            {"in_force": 3, "starts_soon": 1, "ends_soon": 1, "conflicts": 2},
        )

    def test_changes_are_in_the_chatter(self):
        rules = self.env["ai.business.rule"].with_context(tracking_disable=False)
        rule = rules.browse(self._rule("return", return_days=7).id)
        self.env.cr.flush()
        rule.return_days = 30
        self.env.flush_all()
        self.env.cr.flush()
        rule.invalidate_recordset()
        values = rule.message_ids.tracking_value_ids
        self.assertIn((7, 30), [(v.old_value_integer, v.new_value_integer) for v in values])

    def test_the_preview_says_why_the_ai_does_not_know_a_rule(self):
        rule = self._promotion(stage="draft", name="Secret sale")
        preview = self.env["ai.rule.preview"].create({"model": rule._name, "res_id": rule.id})
        self.assertIn("draft", preview.reason)
        rule.action_confirm()
        preview.invalidate_recordset()
        self.assertFalse(preview.reason)
        [fact] = self._facade().rule_facts([["rule", rule.id]])
        self.assertEqual(preview.words, f"{fact['sentence']}\n\n{fact['text']}")
        self.assertEqual(preview.title, fact["title"])
        with freeze_time("2026-12-02 12:00:00"):
            preview.invalidate_recordset()
            rule.invalidate_recordset()
            self.assertIn("has ended", preview.reason)
        rule.available = False
        preview.invalidate_recordset()
        self.assertIn("not available", preview.reason)

    def test_what_cannot_be_connected_says_so(self):
        self.tenant.state = "not_connected"
        with self.assertRaisesRegex(UserError, "not connected"):
            self._rule("general").action_synchronize()
