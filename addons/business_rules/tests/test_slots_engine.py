from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase, tagged

from .. import slots
from ..hours import ExceptionDay, Schedule
from ..slots import Terms

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY = date(2026, 11, 25)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@tagged("post_install", "-at_install")
class TestSlotsEngine(BaseCase):
    def setUp(self):
        super().setUp()
        self.schedule = Schedule(SAO_PAULO, dict.fromkeys(range(5), ((540, 720),)))

    def _slots(self, busy=None, schedule=None, now="2026-11-25T03:00", **changes):
        terms = {"duration": 60, "step": 60, **changes.pop("terms", {})}
        values = {"first": WEDNESDAY, "last": WEDNESDAY, "limit": 50, **changes}
        return slots.free_slots(
            schedule or self.schedule, Terms(**terms), busy or {}, now=utc(now), **values
        )

    def _starts(self, *args, **changes):
        return [f"{slot.start:%d %H:%M}" for slot in self._slots(*args, **changes)]

    def test_windows_are_cut_into_slots_that_fit(self):
        self.assertEqual(self._starts(), ["25 12:00", "25 13:00", "25 14:00"])
        self.assertEqual(self._starts(terms={"duration": 90}), ["25 12:00", "25 13:00"])
        self.assertEqual(self._starts(terms={"duration": 240}), [])
        self.assertEqual(len(self._starts(terms={"step": 15})), 9)

    def test_busy_times_are_left_out_to_the_minute(self):
        busy = {"Ana": [(utc("2026-11-25T13:00"), utc("2026-11-25T14:00"))]}
        self.assertEqual(self._starts(busy), ["25 12:00", "25 14:00"])
        longer = {"Ana": [(utc("2026-11-25T12:59"), utc("2026-11-25T14:01"))]}
        self.assertEqual(self._starts(longer), [])

    def test_the_pause_is_kept_on_both_sides(self):
        busy = {"Ana": [(utc("2026-11-25T13:00"), utc("2026-11-25T13:30"))]}
        free = self._starts(busy, terms={"duration": 30, "step": 30, "buffer": 30})
        self.assertEqual(free, ["25 12:00", "25 14:00", "25 14:30"])

    def test_a_time_that_somebody_has_free_is_offered_once(self):
        busy = {
            "Ana": [(utc("2026-11-25T12:00"), utc("2026-11-25T13:00"))],
            "Rafael": [(utc("2026-11-25T13:00"), utc("2026-11-25T15:00"))],
        }
        found = [(f"{slot.start:%H:%M}", slot.resource) for slot in self._slots(busy)]
        self.assertEqual(found, [("12:00", "Rafael"), ("13:00", "Ana"), ("14:00", "Ana")])

    def test_notice_counts_from_now(self):
        self.assertEqual(
            self._starts(now="2026-11-25T11:00", terms={"notice": 120}), ["25 13:00", "25 14:00"]
        )
        self.assertEqual(self._starts(now="2026-11-25T11:01", terms={"notice": 120}), ["25 14:00"])
        self.assertEqual(self._starts(now="2026-11-25T14:01"), [], "the past is not offered")

    def test_the_horizon_ends_the_offer(self):
        last = date(2026, 12, 31)
        days = {slot[:2] for slot in self._starts(last=last, terms={"horizon": 2}, limit=99)}
        self.assertEqual(days, {"25", "26", "27"})

    def test_days_without_windows_are_skipped_and_the_limit_holds(self):
        found = self._starts(first=date(2026, 11, 28), last=date(2026, 12, 5), limit=2)
        self.assertEqual(found, ["30 12:00", "30 13:00"], "not on the weekend")

    def test_holidays_of_the_shop_close_the_service_too(self):
        shop = Schedule(SAO_PAULO, {2: ((0, 1440),)}, {WEDNESDAY: ExceptionDay(name="Feriado")})
        self.assertEqual(self._starts(shop=shop), [])

    def test_other_hours_of_the_shop_cut_the_windows(self):
        shop = Schedule(SAO_PAULO, {}, {WEDNESDAY: ExceptionDay(((600, 660),), "Véspera")})
        self.assertEqual(self._starts(shop=shop), ["25 13:00"])

    def test_no_slot_in_the_hour_that_the_clock_skips(self):
        # 8 March 2026 in New York: 1:00–4:00 on the wall are two hours.
        night = Schedule(NEW_YORK, {6: ((60, 240),)})
        sunday = date(2026, 3, 8)
        found = self._slots(schedule=night, now="2026-03-07T12:00", first=sunday, last=sunday)
        self.assertEqual([f"{slot.start:%H:%M}" for slot in found], ["06:00", "07:00"])

    def test_the_hour_that_the_clock_shows_twice_is_offered_twice(self):
        night = Schedule(NEW_YORK, {6: ((60, 180),)})
        sunday = date(2026, 11, 1)
        found = self._slots(schedule=night, now="2026-10-31T12:00", first=sunday, last=sunday)
        self.assertEqual([f"{slot.start:%H:%M}" for slot in found], ["05:00", "06:00", "07:00"])

    def test_an_all_day_event_is_the_day_of_the_shop(self):
        start, end = slots.whole_days(WEDNESDAY, WEDNESDAY, self.schedule)
        self.assertEqual((start, end), (utc("2026-11-25T03:00"), utc("2026-11-26T03:00")))
