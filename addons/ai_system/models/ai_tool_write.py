import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KEPT = timedelta(days=7)  # for as long as a lost answer may be asked for again


class AiToolWrite(models.Model):
    """What a tool wrote under which key, so that the same call again writes nothing."""

    _name = "ai.tool.write"
    _description = "Write of an AI Tool"
    _log_access = False

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade")
    key = fields.Char(required=True)
    digest = fields.Char(required=True, help="Of the method and its arguments.")
    at = fields.Datetime(required=True, index=True)
    answer = fields.Json()

    _key_unique = models.UniqueIndex("(tenant_id, key)")

    @api.model
    def _claim(self, tenant, key, method, arguments):
        """Return the row of `key` and whether it is new.

        A call that runs at this moment with the same key is waited for; then this transaction
        fails with a serialization error, and Odoo repeats it. UserError when the key was used for
        another method or other arguments.
        """
        text = json.dumps([method, arguments], sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.flush_model()
        inserted = self.env.execute_query(
            SQL(
                """
                INSERT INTO ai_tool_write (tenant_id, key, digest, at)
                VALUES (%s, %s, %s, %s) ON CONFLICT (tenant_id, key) DO NOTHING RETURNING id
                """,
                tenant.id,
                key,
                digest,
                fields.Datetime.now(),
            )
        )
        if inserted:
            return self.browse(inserted[0][0]), True
        row = self.search([("tenant_id", "=", tenant.id), ("key", "=", key)])
        if row.digest != digest:
            raise UserError(self.env._("This key was used for another call. Make a new one."))
        return row, False

    @api.autovacuum
    def _gc_old(self):
        self.search([("at", "<", fields.Datetime.now() - KEPT)]).unlink()
