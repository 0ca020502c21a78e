"""What customers book through the AI: their coming bookings, new ones, moved and cancelled ones."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MOST_COMING = 10  # bookings of one customer
MOST_TOLD = 20
MOST_ANSWERS = 20
LONGEST_ANSWER = 500


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "bookings", "book", "move_booking", "cancel_booking"]

    @api.model
    def bookings(self, partner_id, limit=5):
        """Return the coming bookings (docs/tools.md) of a customer, the next one first; ≤ 20."""
        tenant = self._tenant()
        partner = self._customer(tenant, partner_id)
        if not partner:
            return []
        rules = self._rule_env(tenant)["ai.scheduling.rule"]
        found = rules._bookings_of(tenant, partner)[: max(1, min(int(limit), MOST_TOLD))]
        return [rules._booking_fact(event) for event in found]

    @api.model
    def book(self, partner_id, rule_id, start, answers, key, who):
        """Book the service `rule_id` at `start` (ISO text, UTC); return the booking.

        answers: {what was asked: what the customer said}. key, who: docs/tools.md. UserError when
        the time is not free (any more) or outside the service's notice and horizon.
        """
        tenant = self._tenant()
        partner = self._known_customer(tenant, partner_id)
        who, moment = self._who(who), self._moment(start or "")
        said = self._answers(answers)
        rule = self._told_records(
            tenant, "scheduling", Domain("id", "=", self._checked_ids([rule_id])[0])
        )

        def make():
            if not rule:
                raise UserError(self.env._("There is no such service to book."))
            if len(rule._bookings_of(tenant, partner)) >= MOST_COMING:
                raise UserError(
                    self.env._(
                        "This customer has %(count)s coming bookings already: a person has to "
                        "help.",
                        count=MOST_COMING,
                    )
                )
            event = rule._book(partner, moment, said)
            self._note_write(tenant, "calendar_book", event, who, _label(event))
            return rule._booking_fact(event)

        arguments = [partner_id, rule_id, str(moment), said]
        return self._once(tenant, "book", key, arguments, make)

    @api.model
    def move_booking(self, partner_id, booking_id, start, key, who):
        """Move an own, coming booking to `start` (ISO text, UTC); return it. UserError as book."""
        moment = self._moment(start or "")
        return self._change_booking(
            "move_booking",
            (partner_id, booking_id, str(moment)),
            key,
            who,
            lambda rule, event: rule._move(event, moment),
        )

    @api.model
    def cancel_booking(self, partner_id, booking_id, key, who):
        """Cancel an own, coming booking; return it. UserError once it is too late."""
        return self._change_booking(
            "cancel_booking",
            (partner_id, booking_id),
            key,
            who,
            lambda rule, event: rule._cancel(event),
        )

    @api.model
    def _change_booking(self, method, arguments, key, who, change):
        tenant = self._tenant()
        partner_id, booking_id, *_more = arguments
        partner = self._known_customer(tenant, partner_id)
        who = self._who(who)
        wanted = Domain("id", "=", self._checked_ids([booking_id])[0])
        rules = self._rule_env(tenant)["ai.scheduling.rule"]

        def make():
            event = rules._bookings_of(tenant, partner, wanted)
            if not event:
                raise UserError(self.env._("The customer has no such coming booking."))
            rule = rules.browse(event.ai_rule_id.id)
            change(rule, event)
            name = {"move_booking": "calendar_move", "cancel_booking": "calendar_cancel"}[method]
            self._note_write(tenant, name, event, who, _label(event))
            return rule._booking_fact(event)

        return self._once(tenant, method, key, list(arguments), make)

    @api.model
    def _answers(self, answers):
        """Return [(question, answer)] of plain texts; UserError for another shape."""
        if not answers:
            return []
        if (
            not isinstance(answers, dict)
            or len(answers) > MOST_ANSWERS
            or not all(isinstance(text, str) for text in answers.values())
        ):
            raise UserError(
                self.env._(
                    "The answers are texts by question, at most %(count)s.", count=MOST_ANSWERS
                )
            )
        return [
            (str(name)[:LONGEST_ANSWER], text[:LONGEST_ANSWER]) for name, text in answers.items()
        ]


def _label(event):
    # The event's own name is the customer's, too.
    return f"{event.ai_rule_id.name} #{event.id}"
