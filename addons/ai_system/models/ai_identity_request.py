import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

WINDOW = timedelta(hours=1)
KEPT = timedelta(days=1)


class AiIdentityRequest(models.Model):
    """How many codes were asked for an address of late; the address only as a digest."""

    _name = "ai.identity.request"
    _description = "Request for an Identity Code"
    _log_access = False

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade")
    digest = fields.Char(required=True)
    since = fields.Datetime(required=True, index=True)
    codes = fields.Integer(required=True)

    _address_unique = models.UniqueIndex("(tenant_id, digest)")

    @api.model
    def _count(self, tenant, address):
        """Count one more request of `tenant` for `address`; return how many within the hour."""
        digest = hashlib.sha256(f"{tenant.account_id}:{address}".encode()).hexdigest()
        now = fields.Datetime.now()
        [[codes]] = self.env.execute_query(
            SQL(
                """
                INSERT INTO ai_identity_request AS r (tenant_id, digest, since, codes)
                VALUES (%(tenant)s, %(digest)s, %(now)s, 1)
                ON CONFLICT (tenant_id, digest) DO UPDATE SET
                    codes = CASE WHEN r.since <= %(before)s THEN 1 ELSE r.codes + 1 END,
                    since = CASE WHEN r.since <= %(before)s THEN %(now)s ELSE r.since END
                RETURNING codes
                """,
                tenant=tenant.id,
                digest=digest,
                now=now,
                before=now - WINDOW,
            )
        )
        return codes

    @api.autovacuum
    def _gc_old(self):
        self.search([("since", "<", fields.Datetime.now() - KEPT)]).unlink()
