from datetime import timedelta

import psycopg2

from odoo import api, fields, models

KEPT = 900  # seconds; a signature is refused for its age after 300 at the latest


class AiNonce(models.Model):
    """The nonces of signed requests that were accepted, so that none is accepted twice."""

    _name = "ai.nonce"
    _description = "Nonce of a Signed Request"
    _log_access = False

    account = fields.Char(required=True)
    nonce = fields.Char(required=True)
    seen_at = fields.Datetime(required=True, index=True)

    _nonce_unique = models.UniqueIndex("(account, nonce)")

    @api.model
    def _spend(self, account, nonce):
        """Note the `nonce` of `account` for good; return False when it was spent before.

        It stays spent whatever becomes of the request, hence the cursor of its own.
        """
        try:
            with self.env.registry.cursor() as cr:
                cr.execute(
                    "INSERT INTO ai_nonce (account, nonce, seen_at) VALUES (%s, %s, %s)"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    (account, nonce, fields.Datetime.now()),
                    log_exceptions=False,
                )
                return bool(cr.fetchone())
        except psycopg2.errors.SerializationFailure:
            # Another request spends the same nonce at this very moment.
            return False

    @api.autovacuum
    def _gc_spent(self):
        old = fields.Datetime.now() - timedelta(seconds=KEPT)
        self.search([("seen_at", "<", old)]).unlink()
