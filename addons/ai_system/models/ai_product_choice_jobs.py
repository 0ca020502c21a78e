"""Choices after AI Search: which product a person opened, told to the search to learn from."""

import uuid
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.tools import hmac, mute_logger

from ..exceptions import InvalidResult

ACTION = "product_chosen"
KEPT = timedelta(days=1)  # as long as the same choice is not told again
MOST_A_DAY = 60  # of one person: what the search learns from anybody in a day


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    @api.model
    def _queue_choice(self, tenant, question, product):
        """Queue that the caller opened `product` after `question`, once a day for the same three.

        The person is a name that stays the same, is another one at each tenant, and leads back to
        nobody without the database's secret. The sender is not woken: its next minute is soon
        enough.
        """
        person = self._keyed("person", tenant.account_id, self.env.uid)
        today = str(fields.Date.today())
        # The day's id of the choice: two clicks at once cannot both be queued.
        name = self._keyed("choice", person, question.casefold(), product.id, today)
        identity = str(uuid.UUID(name[:32]))
        # Sudo: people do not write jobs themselves.
        jobs = self.sudo()
        mine = jobs.search(
            [
                ("action", "=", ACTION),
                ("user_id", "=", self.env.uid),
                ("create_date", ">=", fields.Datetime.now() - KEPT),
            ]
        )
        if len(mine) >= MOST_A_DAY or identity in mine.mapped("uuid"):
            return
        values = {
            "uuid": identity,
            "tenant_id": tenant.id,
            "action": ACTION,
            "payload": {"query": question, "product_id": product.id, "person": person},
            "user_id": self.env.uid,
        }
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                jobs.create(values)
        except UniqueViolation:
            return

    @api.model
    def _keyed(self, *parts):
        """Return a hexadecimal digest of `parts` under the database's secret."""
        # Sudo: the secret is the system's and does not leave the digest.
        return hmac(self.env(su=True), "ai_system.product_chosen", parts)

    def _apply_product_chosen(self, result):
        """Nothing is stored. Raises InvalidResult."""
        if type(result.get("learned")) is not bool:
            raise InvalidResult("learned is not true or false")

    def _storable_result(self, result):
        if self.action == ACTION:
            return {"learned": result.get("learned")}
        return super()._storable_result(result)

    def _ended_well(self):
        result = super()._ended_well()
        if self.action == ACTION:
            self.payload = {}
        return result

    def _ended_badly(self):
        result = super()._ended_badly()
        if self.action == ACTION:
            self.payload = {}
        return result

    @api.autovacuum
    def _gc_choices(self):
        """Remove the choices of other days; one that could not be told until now is let go."""
        old = self.search(
            [("action", "=", ACTION), ("create_date", "<", fields.Datetime.now() - KEPT)],
            limit=10_000,
        )
        old._cancel("too late to learn from")
        old.unlink()
