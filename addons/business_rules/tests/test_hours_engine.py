from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase, tagged

from .. import hours, validity
from ..hours import ExceptionDay, Schedule, day_windows, open_state
from ..wall_clock import clock_text, instant, wall_time

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
LISBON = ZoneInfo("Europe/Lisbon")
NINE_TO_SIX = day_windows(540, 1080, 720, 780)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@tagged("post_install", "-at_install")
class TestWallClock(BaseCase):
    def test_a_minute_of_the_wall_is_an_instant(self):
        self.assertEqual(instant(date(2026, 11, 25), 540, SAO_PAULO), utc("2026-11-25T12:00"))
        self.assertEqual(instant(date(2026, 11, 25), 1500, SAO_PAULO), utc("2026-11-26T04:00"))

    def test_what_the_clock_skips_is_the_moment_after_the_jump(self):
        # New York jumped from 2:00 to 3:00 on 8 March 2026, at 7:00 UTC.
        for minutes in (120, 150, 179, 180):
            self.assertEqual(
                instant(date(2026, 3, 8), minutes, NEW_YORK), utc("2026-03-08T07:00"), minutes
            )
        self.assertEqual(instant(date(2026, 3, 8), 119, NEW_YORK), utc("2026-03-08T06:59"))
        self.assertEqual(instant(date(2026, 3, 8), 181, NEW_YORK), utc("2026-03-08T07:01"))

    def test_a_day_whose_midnight_is_skipped_begins_at_one(self):
        # São Paulo's clocks still jumped at midnight in 2018.
        self.assertEqual(instant(date(2018, 11, 4), 0, SAO_PAULO), utc("2018-11-04T03:00"))
        self.assertEqual(
            wall_time(utc("2018-11-04T03:00"), SAO_PAULO),
            datetime(2018, 11, 4, 1, 0),  # noqa: DTZ001
        )

    def test_what_the_clock_shows_twice_is_the_first_time(self):
        # New York's 1:30 came twice on 1 November 2026: at 5:30 and at 6:30 UTC.
        self.assertEqual(instant(date(2026, 11, 1), 90, NEW_YORK), utc("2026-11-01T05:30"))

    def test_times_are_written(self):
        written = [clock_text(minutes) for minutes in (0, 545, 1440, 1530)]
        self.assertEqual(written, ["00:00", "09:05", "24:00", "01:30"])


@tagged("post_install", "-at_install")
class TestValidity(BaseCase):
    def _bounds(self, *args, zone=SAO_PAULO, **times):
        return validity.bounds(*args, zone, **times)

    def test_the_last_day_is_included_to_its_last_second(self):
        start, end = self._bounds(date(2026, 11, 20), date(2026, 11, 30))
        self.assertEqual(start, utc("2026-11-20T03:00"))
        self.assertEqual(end, utc("2026-12-01T03:00"))
        for now, state in (
            ("2026-11-20T02:59:59", "upcoming"),
            ("2026-11-20T03:00:00", "active"),
            ("2026-12-01T02:59:59", "active"),
            ("2026-12-01T03:00:00", "expired"),
        ):
            self.assertEqual(validity.state("confirmed", start, end, utc(now)), state, now)

    def test_with_times_the_last_minute_is_included(self):
        start, end = self._bounds(
            date(2026, 11, 30), date(2026, 11, 30), first_minute=480, last_minute=1080
        )
        self.assertEqual(start, utc("2026-11-30T11:00"))
        self.assertEqual(end, utc("2026-11-30T21:01"))

    def test_a_day_of_23_hours_and_one_of_25(self):
        start, end = self._bounds(date(2026, 3, 8), date(2026, 3, 8), zone=NEW_YORK)
        self.assertEqual((end - start).total_seconds(), 23 * 3600)
        start, end = self._bounds(date(2026, 11, 1), date(2026, 11, 1), zone=NEW_YORK)
        self.assertEqual((end - start).total_seconds(), 25 * 3600)

    def test_the_same_dates_begin_earlier_in_the_east(self):
        here, _end = self._bounds(date(2026, 11, 20), None)
        there, _end = self._bounds(date(2026, 11, 20), None, zone=LISBON)
        self.assertEqual((here - there).total_seconds(), 3 * 3600)

    def test_drafts_and_cancelled_rules_never_hold(self):
        for stage in ("draft", "cancelled"):
            self.assertEqual(validity.state(stage, None, None, utc("2026-11-20T00:00")), stage)
        self.assertEqual(validity.state("confirmed", None, None, utc("2026-11-20T00:00")), "active")


@tagged("post_install", "-at_install")
class TestHoursEngine(BaseCase):
    def setUp(self):
        super().setUp()
        week = dict.fromkeys(range(5), NINE_TO_SIX)
        exceptions = {
            date(2026, 12, 25): ExceptionDay(name="Natal"),
            date(2026, 12, 24): ExceptionDay(((540, 780),), "Véspera"),
        }
        self.schedule = Schedule(SAO_PAULO, week, exceptions)

    def _state(self, text, schedule=None):
        return open_state(schedule or self.schedule, utc(text))

    def test_boundaries_to_the_minute(self):
        # Wednesday 25 November 2026; São Paulo is three hours behind UTC.
        for now, is_open, reason in (
            ("2026-11-25T11:59:59", False, "before"),
            ("2026-11-25T12:00:00", True, "open"),
            ("2026-11-25T14:59:59", True, "open"),
            ("2026-11-25T15:00:00", False, "lunch"),
            ("2026-11-25T15:59:59", False, "lunch"),
            ("2026-11-25T16:00:00", True, "open"),
            ("2026-11-25T20:59:59", True, "open"),
            ("2026-11-25T21:00:00", False, "after"),
        ):
            state = self._state(now)
            self.assertEqual((state.open, state.reason), (is_open, reason), now)

    def test_says_until_when_it_is_open_and_when_it_opens_again(self):
        self.assertEqual(self._state("2026-11-25T12:30").until, utc("2026-11-25T15:00"))
        self.assertEqual(self._state("2026-11-25T15:10").next_opening, utc("2026-11-25T16:00"))
        # Friday evening: on Monday.
        friday = self._state("2026-11-27T22:00")
        self.assertEqual(friday.next_opening, utc("2026-11-30T12:00"))
        self.assertEqual(self._state("2026-11-28T15:00").reason, "closed_day")

    def test_the_weekday_is_that_of_the_shop_not_of_the_server(self):
        # Saturday 01:00 UTC is still Friday evening in São Paulo.
        state = self._state("2026-11-28T01:00")
        self.assertEqual((state.reason, state.today), ("after", NINE_TO_SIX))

    def test_holidays_are_closed_and_named(self):
        state = self._state("2026-12-25T15:00")
        self.assertEqual((state.open, state.reason, state.name), (False, "exception", "Natal"))
        self.assertEqual(state.next_opening, utc("2026-12-28T12:00"))

    def test_an_exceptional_day_has_hours_of_its_own(self):
        self.assertTrue(self._state("2026-12-24T15:30").open, "no lunch break on that day")
        state = self._state("2026-12-24T16:00")
        self.assertEqual((state.reason, state.today), ("after", ((540, 780),)))

    def test_hours_after_midnight_belong_to_the_evening_before(self):
        night = Schedule(SAO_PAULO, {4: day_windows(1080, 120, 0, 0)})
        self.assertTrue(self._state("2026-11-28T04:59", night).open, "Saturday 1:59")
        self.assertFalse(self._state("2026-11-28T05:00", night).open, "Saturday 2:00")
        self.assertFalse(self._state("2026-11-27T20:59", night).open, "Friday 17:59")
        self.assertTrue(self._state("2026-11-27T21:00", night).open, "Friday 18:00")

    def test_around_the_clock_never_closes(self):
        always = Schedule(SAO_PAULO, {day: day_windows(0, 1440, 0, 0) for day in range(7)})
        state = self._state("2026-11-25T03:00", always)
        self.assertTrue(state.open)
        self.assertGreater(state.until, utc("2026-11-26T03:00"))

    def test_opens_by_the_wall_when_clocks_change(self):
        week = dict.fromkeys(range(7), NINE_TO_SIX)
        new_york = Schedule(NEW_YORK, week)
        self.assertFalse(self._state("2026-03-07T13:59", new_york).open)
        self.assertTrue(self._state("2026-03-07T14:00", new_york).open, "9:00 EST")
        self.assertFalse(self._state("2026-03-08T12:59", new_york).open)
        self.assertTrue(self._state("2026-03-08T13:00", new_york).open, "9:00 EDT")
        self.assertFalse(self._state("2026-11-01T13:59", new_york).open)
        self.assertTrue(self._state("2026-11-01T14:00", new_york).open, "9:00 EST again")

    def test_a_window_that_the_clock_skips_never_opens(self):
        skipped = Schedule(NEW_YORK, {6: ((125, 170),)})
        self.assertEqual(skipped.openings(date(2026, 3, 8)), [])
        self.assertEqual(len(skipped.openings(date(2026, 3, 15))), 1)

    def test_nobody_has_said_when_it_is_open(self):
        state = self._state("2026-11-25T12:00", Schedule(SAO_PAULO))
        self.assertEqual((state.open, state.reason, state.next_opening), (False, "unknown", None))

    def test_closed_for_a_year_has_no_next_opening(self):
        closed = Schedule(SAO_PAULO, {0: ()})
        state = self._state("2026-11-25T12:00", closed)
        self.assertEqual((state.reason, state.next_opening), ("closed_day", None))

    def test_breaks_outside_the_hours_are_none(self):
        self.assertEqual(day_windows(540, 1080, 0, 0), ((540, 1080),))
        self.assertEqual(day_windows(540, 1080, 480, 500), ((540, 1080),))
        self.assertEqual(day_windows(1080, 120, 1200, 1230), ((1080, 1200), (1230, 1560)))

    def test_days_in_words(self):
        self.assertEqual(
            hours.day_text(NINE_TO_SIX, "closed", " and "), "09:00–12:00 and 13:00–18:00"
        )
        self.assertEqual(hours.day_text((), "closed", " and "), "closed")
