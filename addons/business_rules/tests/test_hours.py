from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestHours(RulesCase):
    def test_a_week_in_words(self):
        self._week()
        self.assertEqual(
            self.profile.hours_text,
            "Monday to Friday: 09:00–12:00 and 13:00–18:00\nSaturday to Sunday: closed",
        )
        self.tenant.language = "pt_BR"
        self.assertIn("Segunda-feira a sexta-feira: 09:00–12:00 e 13:00–18:00", self._text())
        self.assertIn("Sábado a domingo: fechado", self._text())

    def _text(self):
        return self.profile.hours_text

    def test_the_usual_week_is_a_start(self):
        self.profile.action_usual_week()
        self.assertEqual(len(self.profile.hour_ids), 7)
        self.assertIn("Saturday: 09:00–13:00\nSunday: closed", self.profile.hours_text)

    def test_open_now_is_said_in_words(self):
        self.assertEqual(self.profile.open_now, "The opening hours are not known.")
        self._week()
        for now, words in (
            ("2026-11-25 12:00:00", "Open now, until 12:00."),
            (
                "2026-11-25 15:30:00",
                "Closed for lunch. Opens Wednesday, 11/25/2026, at 13:00.",
            ),
            (
                "2026-11-27 21:00:00",
                "Closed for today. Opens Monday, 11/30/2026, at 09:00.",
            ),
        ):
            with freeze_time(now):
                self.profile.invalidate_recordset()
                self.assertEqual(self.profile.open_now, words)

    def test_holidays_are_named(self):
        self._week()
        self.profile.exception_ids = [
            Command.create({"name": "Recess", "date_from": "2026-11-25", "date_to": "2026-11-27"})
        ]
        self.assertTrue(self.profile.open_now.startswith("Closed today: Recess."))
        self.assertIn("11/30/2026", self.profile.open_now)

    def test_a_yearly_day_comes_back(self):
        self._week()
        self.profile.exception_ids = [
            Command.create({"name": "Natal", "date_from": "2020-12-25", "yearly": True}),
            Command.create({"name": "Leap", "date_from": "2024-02-29", "yearly": True}),
            Command.create({"name": "Once", "date_from": "2025-11-26"}),
        ]
        facade = self._facade()
        for day, name in (
            ("2026-12-25", "Natal"),
            ("2027-12-25", "Natal"),
            ("2027-02-28", "Leap"),
            ("2028-02-29", "Leap"),
        ):
            self.assertEqual(facade.open_state(f"{day}T15:00:00Z")["name"], name, day)
        self.assertTrue(facade.open_state("2026-11-26T12:00:00Z")["open"])

    def test_times_that_make_no_sense_are_refused_in_words(self):
        for values, words in (
            ({"opens": 9, "closes": 9}, "are the same"),
            ({"opens": 9, "closes": 25}, "between 00:00 and 24:00"),
            ({"opens": 9, "closes": 18, "lunch_from": 8, "lunch_to": 10}, "within the opening"),
            ({"opens": 9, "closes": 18, "lunch_from": 13, "lunch_to": 12}, "within the opening"),
        ):
            values = {"lunch_from": 0, "lunch_to": 0, **values}
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, words):
                self._week(**values)
        with self.assertRaisesRegex(ValidationError, "after the first"):
            self.profile.exception_ids = [
                Command.create({"name": "X", "date_from": "2026-11-25", "date_to": "2026-11-24"})
            ]

    def test_changes_are_in_the_chatter(self):
        self._week()
        self.env.flush_all()
        self.env.cr.flush()
        profile = self.profile.with_context(tracking_disable=False)
        profile.hour_ids[:1].closes = 17.0
        self.env.flush_all()
        self.env.cr.flush()
        profile.invalidate_recordset()
        values = profile.message_ids.tracking_value_ids
        self.assertTrue(any("17:00" in (v.new_value_text or "") for v in values), values)
        profile.exception_ids = [
            Command.create({"name": "Natal", "date_from": "2026-12-25", "yearly": True})
        ]
        self.env.flush_all()
        self.env.cr.flush()
        profile.invalidate_recordset()
        values = profile.message_ids.tracking_value_ids
        text = "12/25/2026, every year: Natal (closed)"
        self.assertIn(text, values.mapped("new_value_text"))

    def test_the_facade_answers_whether_it_is_open(self):
        self._week()
        facade = self._facade()
        self.assertEqual(
            facade.open_state(),
            {
                "open": True,
                "reason": "open",
                "name": "",
                "until": "2026-11-25T15:00:00Z",
                "today": [["09:00", "12:00"], ["13:00", "18:00"]],
                "next_opening": False,
            },
        )
        closed = facade.open_state("2026-11-28T12:00:00Z")
        self.assertEqual((closed["open"], closed["reason"]), (False, "closed_day"))
        self.assertEqual(closed["next_opening"], "2026-11-30T12:00:00Z")
        self.assertTrue(facade.open_state("2026-11-25T09:00:00-03:00")["open"])

    def test_the_week_is_told_with_what_differs_ahead(self):
        self._week()
        self.profile.exception_ids = [
            Command.create({"name": "Past", "date_from": "2026-11-01"}),
            Command.create(
                {
                    "name": "Eve",
                    "date_from": "2026-12-24",
                    "is_open": True,
                    "opens": 9,
                    "closes": 13,
                }
            ),
        ]
        told = self._facade().company_profile()["hours"]
        self.assertTrue(told["known"])
        self.assertEqual(
            told["week"][0], {"weekday": 0, "windows": [["09:00", "12:00"], ["13:00", "18:00"]]}
        )
        self.assertEqual(told["week"][6]["windows"], [])
        self.assertEqual(
            told["exceptions"],
            [
                {
                    "date": date(2026, 12, 24).isoformat(),
                    "name": "Eve",
                    "windows": [["09:00", "13:00"]],
                }
            ],
        )
