"""Sync states that the AI service tells one by one, beside those that a job's result gives."""

from odoo import api, models
from odoo.tools import SQL


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiProductSync(models.Model):
    _inherit = "ai.product.sync"

    @api.model
    def _set_states(self, tenant, rows):
        """Note the states of the tenant's products, in one statement.

        rows: [{"product_id", "state", "vector_id" or None, "error" or None}], each product once.
        A product that changed since a job took it along is not shown as synced. What waits for a
        job goes on waiting.
        """
        if not rows:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_product_sync AS sync
                       (tenant_id, company_id, record_id, product_tmpl_id, state, change, taken,
                        hits, vector_id, error_message, last_sync)
                SELECT %(tenant)s, %(company)s, told.id, told.id, told.state, 0, 0, 0,
                       told.vector, told.error,
                       CASE WHEN told.state = 'synced' THEN now() AT TIME ZONE 'UTC' END
                  FROM unnest(%(ids)s::int[], %(states)s::varchar[], %(vectors)s::varchar[],
                              %(errors)s::varchar[]) AS told (id, state, vector, error)
                 ORDER BY told.id
                ON CONFLICT (tenant_id, record_id) DO UPDATE
                   SET state = CASE WHEN excluded.state = 'synced' AND sync.change > sync.taken
                                    THEN 'needs_update' ELSE excluded.state END,
                       vector_id = CASE WHEN excluded.state = 'not_synced' THEN NULL
                                        ELSE COALESCE(excluded.vector_id, sync.vector_id) END,
                       error_code = NULL,
                       error_message = excluded.error_message,
                       last_sync = COALESCE(excluded.last_sync, sync.last_sync)
                """,
                tenant=tenant.id,
                company=tenant.company_id.id,
                ids=[row["product_id"] for row in rows],
                states=[row["state"] for row in rows],
                vectors=[row["vector_id"] for row in rows],
                errors=[row["error"] for row in rows],
            )
        )
        self.invalidate_model()
