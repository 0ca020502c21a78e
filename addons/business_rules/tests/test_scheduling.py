from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestScheduling(RulesCase):
    def setUp(self):
        super().setUp()
        self.ana = self._person("rules_ana", "base.group_user")
        self.ana.partner_id.tz = "America/Sao_Paulo"
        self.service = self.env["ai.scheduling.rule"].create(
            {
                "profile_id": self.profile.id,
                "name": "Assembly",
                "service": "installation",
                "duration": 60,
                "step": 60,
                "notice_hours": 0,
                "morning_from": 9,
                "morning_to": 12,
                "afternoon_from": 0,
                "afternoon_to": 0,
                "user_ids": [Command.set(self.ana.ids)],
            }
        )

    def _free(self, first="2026-11-26", last="2026-11-26", limit=10):
        found = self._facade().free_slots(self.service.id, first, last, limit)
        return [(slot["start"][5:16], slot["resource"]) for slot in found]

    def _event(self, start, stop, **values):
        return self.env["calendar.event"].create(
            {
                "name": "Secret meeting",
                "start": start,
                "stop": stop,
                "partner_ids": [Command.set(self.ana.partner_id.ids)],
                **values,
            }
        )

    def test_what_is_in_the_calendar_is_not_offered(self):
        name = self.ana.name
        free = [("11-26T12:00", name), ("11-26T13:00", name), ("11-26T14:00", name)]
        self.assertEqual(self._free(), free)
        self._event("2026-11-26 13:00:00", "2026-11-26 14:00:00")
        self.assertEqual(self._free(), [free[0], free[2]])

    def test_only_what_makes_busy_counts(self):
        free = self._free()
        self._event("2026-11-26 13:00:00", "2026-11-26 14:00:00", show_as="free")
        declined = self._event("2026-11-26 12:00:00", "2026-11-26 13:00:00")
        declined.attendee_ids.state = "declined"
        other = self._person("rules_other", "base.group_user")
        self._event(
            "2026-11-26 14:00:00",
            "2026-11-26 15:00:00",
            partner_ids=[Command.set(other.partner_id.ids)],
        )
        archived = self._event("2026-11-26 12:00:00", "2026-11-26 15:00:00")
        archived.active = False
        self.assertEqual(self._free(), free)

    def test_an_all_day_event_is_the_whole_day_of_the_shop(self):
        self._event(
            "2026-11-26 08:00:00",
            "2026-11-26 18:00:00",
            allday=True,
            start_date="2026-11-26",
            stop_date="2026-11-26",
        )
        self.assertEqual(self._free(), [])
        self.assertEqual(len(self._free("2026-11-27", "2026-11-27")), 3)

    def test_repeated_events_count_each_time(self):
        self._event(
            "2026-11-26 12:00:00",
            "2026-11-26 13:00:00",
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=2,
        )
        self.assertEqual(len(self._free()), 2)
        self.assertEqual(len(self._free("2026-11-27", "2026-11-27")), 2)

    def test_holidays_of_the_profile_close_the_service(self):
        self.profile.exception_ids = [Command.create({"name": "Off", "date_from": "2026-11-26"})]
        self.assertEqual(self._free(), [])

    def test_without_calendars_the_windows_count(self):
        self.service.user_ids = False
        self.assertEqual([resource for _start, resource in self._free()], ["", "", ""])

    def test_people_who_have_left_have_no_free_time(self):
        self.ana.active = False
        self.env.invalidate_all()
        self.assertEqual(self._free(), [])

    def test_saturday_and_sunday_have_windows_of_their_own(self):
        self.assertEqual(self._free("2026-11-28", "2026-11-29"), [])
        self.service.write({"saturday_from": 10, "saturday_to": 11})
        self.assertEqual([s for s, _r in self._free("2026-11-28", "2026-11-29")], ["11-28T13:00"])
        self.service.thursday = False
        self.assertEqual(self._free(), [])

    def test_limits_hold(self):
        self.assertEqual(len(self._free("2026-11-26", "2026-12-20", 2)), 2)
        self.assertEqual(len(self._free("2026-11-26", "2026-12-20", 0)), 1)
        self.assertEqual(self._free("2026-11-27", "2026-11-26"), [])
        self.assertEqual(self._free("0001-01-01", "2026-11-24"), [])
        self.assertEqual(len(self._free("0001-01-01", "9999-12-31", 100)), 69, "a month of them")

    def test_the_form_previews_the_next_free_times(self):
        first = self.service.next_slots.split("\n")[0]
        self.assertEqual(first, f"Wednesday, 11/25/2026, 09:00 – {self.ana.name}")
        self.service.write({"morning_from": 0, "morning_to": 0})
        self.assertEqual(self.service.next_slots, "No free time within 30 days.")

    def test_titles_and_guests_are_not_told(self):
        self._event("2026-11-26 13:00:00", "2026-11-26 14:00:00")
        facade = self._facade()
        told = str(facade.free_slots(self.service.id, "2026-11-26", "2026-11-26", 10))
        told += str(facade.rule_facts([["scheduling", self.service.id]]))
        self.assertNotIn("Secret", told)

    def test_the_sentence_says_how_it_is_booked(self):
        self.service.write(
            {"notice_hours": 24, "information": "Name\nAddress", "cancellation_policy": "Free."}
        )
        sentence = self.service.sentence
        for words in (
            "Assembly: 60 minutes, by appointment.",
            "Appointments: Monday to Friday 09:00–12:00.",
            "Book at least 24 hours ahead.",
            "Cancelling: Free.",
            "Please have ready: Name and Address.",
        ):
            self.assertIn(words, sentence)

    def test_windows_that_make_no_sense_are_refused_in_words(self):
        with self.assertRaisesRegex(ValidationError, "ends after it"), self.env.cr.savepoint():
            self.service.write({"morning_from": 12, "morning_to": 9})
        with self.assertRaisesRegex(ValidationError, "afternoon begins before"):
            self.service.write({"afternoon_from": 11, "afternoon_to": 18})

    def test_calendars_are_of_people_of_the_company(self):
        stranger = self._person("rules_stranger", "base.group_user", self.other_company)
        with self.assertRaisesRegex(ValidationError, "does not work for"):
            self.service.user_ids = stranger
