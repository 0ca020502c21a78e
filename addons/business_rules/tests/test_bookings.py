import uuid

from freezegun import freeze_time
from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import Command, api
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RulesCase

WHO = {"name": "Rita Lima", "channel": "WhatsApp", "conversation": "7-123", "proof": "channel"}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestBookings(RulesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls._person("rules_ana", "base.group_user")
        cls.bia = cls._person("rules_bia", "base.group_user")
        cls.service = cls.env["ai.scheduling.rule"].create(
            {
                "profile_id": cls.profile.id,
                "name": "Assembly",
                "service": "installation",
                "duration": 60,
                "step": 60,
                "notice_hours": 2,
                "horizon_days": 10,
                "change_notice_hours": 24,
                "morning_from": 9,
                "morning_to": 12,
                "afternoon_from": 0,
                "afternoon_to": 0,
                "user_ids": [Command.set(cls.ana.ids)],
            }
        )
        cls.rita, cls.joao, cls.theirs = cls.env["res.partner"].create(
            [
                {"name": "Rita", "email": "rita@example.com", "company_id": cls.company.id},
                {"name": "João", "email": "joao@example.com", "company_id": cls.company.id},
                {"name": "Eva", "email": "eva@example.com", "company_id": cls.other_company.id},
            ]
        )

    def _book(self, start="2026-11-27T13:00:00Z", partner=None, key=None, **values):
        partner = partner or self.rita
        arguments = [
            partner.id,
            values.get("rule_id", self.service.id),
            start,
            values.get("answers", {}),
            key or str(uuid.uuid4()),
            values.get("who", WHO),
        ]
        return self._facade().book(*arguments)

    def _event(self, booking):
        return self.env["calendar.event"].with_context(active_test=False).browse(booking["id"])

    def _key(self):
        return str(uuid.uuid4())

    def test_a_booking_is_in_the_calendar_of_who_gives_the_service(self):
        booking = self._book(answers={"Address <b>": "Rua 1 <script>"})
        self.assertEqual(
            {name: booking[name] for name in ("service", "start", "end", "resource", "state")},
            {
                "service": "Assembly",
                "start": "2026-11-27T13:00:00Z",
                "end": "2026-11-27T14:00:00Z",
                "resource": self.ana.name,
                "state": "booked",
            },
        )
        event = self._event(booking)
        self.assertEqual(event.user_id, self.ana)
        self.assertEqual(event.partner_ids, self.ana.partner_id | self.rita)
        self.assertEqual(set(event.attendee_ids.mapped("state")), {"accepted"})
        self.assertIn("Rua 1 &lt;script&gt;", event.description)
        self.assertNotIn("<script>", event.description)
        self.assertEqual(self._facade().bookings(self.rita.id), [booking])
        note = event.message_ids[:1]
        self.assertIn("Rita Lima", note.body)
        self.assertIn("7-123", note.body)

    def test_nobody_is_written_to(self):
        before = self.env["mail.mail"].search_count([])
        booking = self._book()
        self._facade().move_booking(
            self.rita.id, booking["id"], "2026-11-30T13:00:00Z", self._key(), WHO
        )
        self._facade().cancel_booking(self.rita.id, booking["id"], self._key(), WHO)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertFalse(self._event(booking).message_ids.notification_ids)

    def test_the_same_key_books_once(self):
        key = self._key()
        first = self._book(key=key)
        self.assertEqual(self._book(key=key), first)
        self.assertEqual(len(self._facade().bookings(self.rita.id)), 1)
        with self.assertRaises(UserError):
            self._book("2026-11-27T14:00:00Z", key=key)

    def test_a_time_is_had_by_one(self):
        self._book()
        with self.assertRaises(UserError):
            self._book(partner=self.joao)
        self.service.user_ids |= self.bia
        self.assertEqual(self._book(partner=self.joao)["resource"], self.bia.name)

    def test_only_times_that_are_offered_are_booked(self):
        for start, why in (
            ("2026-11-27T13:30:00Z", "between two starts"),
            ("2026-11-27T18:00:00Z", "outside the windows"),
            ("2026-11-28T13:00:00Z", "a Saturday"),
            ("2026-11-24T13:00:00Z", "past"),
            ("2026-11-25T13:00:00Z", "within the notice"),
            ("2026-12-07T13:00:00Z", "beyond the horizon"),
            ("", "no time"),
            ("tomorrow", "no time"),
        ):
            with self.subTest(why=why), self.assertRaises(UserError):
                self._book(start)
        self.assertEqual(self._book("2026-11-27T10:00:00-03:00")["start"], "2026-11-27T13:00:00Z")

    def test_services_that_are_not_told_are_not_booked(self):
        other = self.service.copy({"profile_id": self.other_profile.id, "user_ids": False})
        self.service.copy({"available": False})
        hidden = self.env["ai.scheduling.rule"].search([], order="id desc", limit=1)
        for rule_id in (other.id, hidden.id, 10**8):
            with self.subTest(rule_id=rule_id), self.assertRaises(UserError):
                self._book(rule_id=rule_id)

    def test_a_service_of_people_who_left_is_not_booked(self):
        self.ana.active = False
        with self.assertRaises(UserError):
            self._book()

    def test_a_service_without_calendars_has_nobody(self):
        self.service.user_ids = False
        booking = self._book()
        self.assertEqual(booking["resource"], "")
        self.assertEqual(self._event(booking).partner_ids, self.rita)

    def test_an_own_booking_moves_to_a_free_time(self):
        booking = self._book()
        self._book("2026-11-30T13:00:00Z", partner=self.joao)
        facade = self._facade()
        with self.assertRaises(UserError):
            facade.move_booking(
                self.rita.id, booking["id"], "2026-11-30T13:00:00Z", self._key(), WHO
            )
        key = self._key()
        moved = facade.move_booking(self.rita.id, booking["id"], "2026-11-30T12:00:00Z", key, WHO)
        self.assertEqual((moved["start"], moved["id"]), ("2026-11-30T12:00:00Z", booking["id"]))
        again = facade.move_booking(self.rita.id, booking["id"], "2026-11-30T12:00:00Z", key, WHO)
        self.assertEqual(again, moved)
        # Its own time does not keep it from moving by a part of it, nor to where it is.
        self.service.step = 30
        facade.move_booking(self.rita.id, booking["id"], "2026-11-30T12:00:00Z", self._key(), WHO)
        self.assertEqual(self._event(booking).user_id, self.ana)

    def test_a_booking_moves_to_another_person_when_only_that_one_is_free(self):
        self.service.user_ids |= self.bia
        booking = self._book()
        self._book("2026-11-30T13:00:00Z", partner=self.joao)
        moved = self._facade().move_booking(
            self.rita.id, booking["id"], "2026-11-30T13:00:00Z", self._key(), WHO
        )
        event = self._event(booking)
        self.assertEqual((moved["resource"], event.user_id), (self.bia.name, self.bia))
        self.assertEqual(event.partner_ids, self.bia.partner_id | self.rita)

    def test_a_cancelled_booking_frees_its_time(self):
        booking = self._book()
        cancelled = self._facade().cancel_booking(self.rita.id, booking["id"], self._key(), WHO)
        self.assertEqual(cancelled["state"], "cancelled")
        self.assertFalse(self._event(booking).active)
        self.assertEqual(self._facade().bookings(self.rita.id), [])
        self._book(partner=self.joao)
        with self.assertRaises(UserError):
            self._facade().cancel_booking(self.rita.id, booking["id"], self._key(), WHO)

    def test_too_late_is_for_a_person(self):
        booking = self._book("2026-11-26T12:00:00Z")
        with freeze_time("2026-11-25 12:00:01"):
            facade = self._facade()
            with self.assertRaisesRegex(UserError, "24"):
                facade.cancel_booking(self.rita.id, booking["id"], self._key(), WHO)
            with self.assertRaisesRegex(UserError, "24"):
                facade.move_booking(
                    self.rita.id, booking["id"], "2026-11-27T12:00:00Z", self._key(), WHO
                )

    def test_nobody_touches_the_bookings_of_others(self):
        booking = self._book()
        meeting = self.env["calendar.event"].create(
            {
                "name": "Private",
                "start": "2026-11-27 15:00:00",
                "stop": "2026-11-27 16:00:00",
                "partner_ids": [Command.set(self.joao.ids)],
            }
        )
        facade = self._facade()
        self.assertEqual(facade.bookings(self.joao.id), [])
        for booking_id in (booking["id"], meeting.id, 10**8):
            for change in (
                lambda i: facade.cancel_booking(self.joao.id, i, self._key(), WHO),
                lambda i: facade.move_booking(
                    self.joao.id, i, "2026-11-30T12:00:00Z", self._key(), WHO
                ),
            ):
                with self.subTest(booking_id=booking_id), self.assertRaises(UserError):
                    change(booking_id)
        theirs = self._facade(self.other_tenant)
        self.assertEqual(theirs.bookings(self.rita.id), [])
        with self.assertRaises(UserError):
            theirs.cancel_booking(self.rita.id, booking["id"], self._key(), WHO)
        with self.assertRaises(UserError):
            self._book(partner=self.theirs)
        with self.assertRaises(UserError):
            self._book(partner=self.ana.partner_id)
        self.assertTrue(self._event(booking).active)

    def test_the_family_of_a_company_is_one_customer(self):
        firm = self.env["res.partner"].create(
            {"name": "Firma", "is_company": True, "company_id": self.company.id}
        )
        self.rita.parent_id = firm
        booking = self._book()
        self.assertEqual(self._facade().bookings(firm.id), [booking])

    def test_a_customer_has_a_limited_number_of_bookings(self):
        self.service.user_ids = False
        for _time in range(10):
            self._book()
        with self.assertRaises(UserError):
            self._book()

    def test_odd_arguments_are_refused(self):
        for values in (
            {"key": "not a uuid"},
            {"answers": ["a"]},
            {"answers": {"a": {"b": 1}}},
            {"answers": {str(n): "x" for n in range(21)}},
            {"who": "Rita"},
            {"rule_id": "1 OR 1=1"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._book(**values)

    def test_calendars_stay_closed_to_the_integration_user(self):
        booking = self._book()
        event = self._event(booking).with_user(self.tenant.integration_user_id)
        with self.assertRaises(AccessError):
            event.read(["name"])
        with self.assertRaises(AccessError):
            self._facade().env["ai.booking.lock"].search([])

    def test_the_capabilities_tell_of_it(self):
        self.assertLessEqual(
            {"bookings", "book", "move_booking", "cancel_booking"},
            set(self._facade().ping()["capabilities"]),
        )

    @mute_logger("odoo.sql_db")
    def test_of_two_bookings_at_once_the_second_waits_and_begins_anew(self):
        connection = db_connect(self.env.cr.dbname)
        admin = self.env.ref("base.user_admin")

        def take(cursor):
            env = api.Environment(cursor, api.SUPERUSER_ID, {})
            env["ai.booking.lock"]._take(env["res.users"].browse(admin.id))

        with connection.cursor() as first, connection.cursor() as second:
            second.execute("SET LOCAL lock_timeout = '50ms'")
            second.execute("SAVEPOINT before")
            take(first)
            with self.assertRaises(LockNotAvailable):
                take(second)
            second.execute("ROLLBACK TO SAVEPOINT before")
            first.commit()
            with self.assertRaises(SerializationFailure):
                take(second)
            second.rollback()
            first.execute("DELETE FROM ai_booking_lock WHERE user_id = %s", [admin.id])
            first.commit()
