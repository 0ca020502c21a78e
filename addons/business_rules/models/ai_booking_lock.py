from odoo import api, fields, models
from odoo.tools import SQL


class AiBookingLock(models.Model):
    """One row for each calendar that is booked into: of two bookings at once, one waits.

    The row is written, not only locked: who waited then fails with a serialization error, Odoo
    repeats the call, and the repetition sees the booking that was faster.
    """

    _name = "ai.booking.lock"
    _description = "Lock of a Booked Calendar"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    bookings = fields.Integer(required=True)

    _user_unique = models.UniqueIndex("(user_id)")

    @api.model
    def _take(self, users):
        """Keep other bookings out of the calendars of `users` until this transaction ends."""
        # In one order, so that two bookings never wait for each other.
        for user_id in sorted(users.ids):
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO ai_booking_lock (user_id, bookings) VALUES (%s, 1)
                    ON CONFLICT (user_id)
                    DO UPDATE SET bookings = ai_booking_lock.bookings + 1 RETURNING id
                    """,
                    user_id,
                )
            )
