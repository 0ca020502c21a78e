from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

STATES = [
    ("not_synced", "Not synced"),
    ("queued", "Syncing"),
    ("synced", "Synced"),
    ("needs_update", "Needs update"),
    ("error", "Error"),
]


class AiProductSync(models.Model):
    """How a tenant's copy of one product stands in the search index of the AI service.

    Rows are written by single SQL statements, thousands at once: products themselves are never
    written, so that neither their locks nor their write_date change. `change` counts what happened
    to the product; `taken` is the change that a job took along last. A row with `change > taken`
    waits for a job. A deleted product keeps its row until the AI service has dropped it too. A
    tenant whose products are another database's has no rows: their ids mean nothing here.
    """

    _name = "ai.product.sync"
    _description = "Product in the AI System"
    _order = "product_tmpl_id, id"
    _rec_name = "product_tmpl_id"
    _log_access = False

    tenant_id = fields.Many2one("ai.tenant", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    record_id = fields.Integer("Product ID", required=True, readonly=True, aggregator=None)
    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        context={"active_test": False},
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="not_synced")
    change = fields.Integer(required=True, readonly=True, default=1, aggregator=None)
    taken = fields.Integer(required=True, readonly=True, default=0, aggregator=None)
    job_id = fields.Many2one("ai.job", readonly=True, ondelete="set null", index="btree_not_null")
    vector_id = fields.Char("Vector ID", readonly=True)
    content_hash = fields.Char(readonly=True)
    last_sync = fields.Datetime(readonly=True)
    error_code = fields.Char(readonly=True)
    error_message = fields.Text("Technical Message", readonly=True)
    error_display = fields.Text("Error", compute="_compute_error_display")
    hits = fields.Integer("Found", readonly=True, default=0, help="How often AI Search found it.")

    _product_unique = models.Constraint(
        "UNIQUE(tenant_id, record_id)", "A tenant has one row for each product."
    )
    _waiting_index = models.Index("(tenant_id, id) WHERE change > taken")

    @api.depends("product_tmpl_id", "record_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.product_tmpl_id.display_name or self.env._(
                "Deleted product %(id)s", id=row.record_id
            )

    @api.depends("state", "error_code", "error_message")
    @api.depends_context("lang")
    def _compute_error_display(self):
        for row in self:
            row.error_display = row.state == "error" and row._error_sentence()

    def _error_sentence(self):
        """Return why the last synchronization failed, in the language of the context."""
        self.ensure_one()
        code, message = self.error_code, self.error_message or ""
        # Sudo: the address of the AI service stands in the sentence, for whoever sees the row.
        url = self.sudo().tenant_id.sidecar_url or ""
        sentence = self.env["ai.job"]._sentence_of(code, message, url) or message
        return sentence or self.env._("The AI service reported the error “%(code)s”.", code=code)

    def action_synchronize(self):
        """Have these products synchronized again, whatever their state."""
        self.check_access("read")
        # Sudo: who may see the rows may not see every setting of their tenants.
        for tenant in self.sudo().tenant_id:
            tenant._check_connected()
        self._note_change("product.template", self.mapped("record_id"))
        return True

    def action_view_text(self):
        """Show the product's text exactly as the index of the AI service holds it."""
        self.ensure_one()
        return self.env["ai.product.text"]._open(self)

    def action_open_product(self):
        """Open the product."""
        self.ensure_one()
        if not self.product_tmpl_id:
            raise UserError(self.env._("The product does not exist any more."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.template",
            "res_id": self.product_tmpl_id.id,
            "views": [(False, "form")],
        }

    @api.model
    def _take_changed(self, job, limit):
        """Let `job` carry up to `limit` waiting products of its tenant; return their ids.

        Rows that a transaction is just marking are left to the next job.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH waiting AS (
                    SELECT id FROM ai_product_sync
                     WHERE tenant_id = %(tenant)s AND change > taken
                     ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
                )
                UPDATE ai_product_sync AS sync
                   SET state = 'queued', taken = sync.change, job_id = %(job)s
                  FROM waiting WHERE sync.id = waiting.id
                RETURNING sync.record_id
                """,
                tenant=job.tenant_id.id,
                limit=limit,
                job=job.id,
            )
        )
        self.invalidate_model()
        return sorted(record_id for (record_id,) in rows)

    @api.model
    def _take_all(self, job):
        """Let `job` carry every product of its tenant."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO ai_product_sync (tenant_id, company_id, record_id, product_tmpl_id,
                                             state, change, taken, hits)
                SELECT tenant.id, tenant.company_id, product.id, product.id,
                       'not_synced', 1, 0, 0
                  FROM ai_tenant AS tenant
                  JOIN product_template AS product
                    ON product.company_id = tenant.company_id
                    OR product.company_id IS NULL AND tenant.include_shared_records
                 WHERE tenant.id = %(tenant)s AND tenant.erp_kind = 'own'
                   AND product.active AND product.sale_ok
                 ORDER BY product.id
                ON CONFLICT (tenant_id, record_id) DO NOTHING
                """,
                tenant=job.tenant_id.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_sync SET state = 'queued', taken = change, job_id = %(job)s
                 WHERE tenant_id = %(tenant)s
                """,
                tenant=job.tenant_id.id,
                job=job.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _take_again(self, job):
        """Show what `job` carries as being synchronized: it runs again. True if there is some."""
        self.flush_model()
        self.env.cr.execute(
            SQL("UPDATE ai_product_sync SET state = 'queued' WHERE job_id = %s", job.id)
        )
        carried = self.env.cr.rowcount
        self.invalidate_model()
        return bool(carried)

    @api.model
    def _apply_points(self, job, points, hashes):
        """Note how `job` left the products it carried.

        points: {"<product id>": "<point uuid>"} of all products that are in the index now;
        hashes: {"<product id>": "<hash>"}, of what is kept there. A product that changed while the
        job ran is not green. Rows of products that are gone everywhere are removed.
        """
        self.flush_model()
        ids = list(points)
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_sync AS sync
                   SET state = CASE WHEN told.point IS NULL THEN 'not_synced'
                                    WHEN sync.change > sync.taken THEN 'needs_update'
                                    ELSE 'synced' END,
                       vector_id = told.point,
                       content_hash = told.hash,
                       last_sync = now() AT TIME ZONE 'UTC',
                       error_code = NULL, error_message = NULL, job_id = NULL
                  FROM (SELECT carried.id, answer.point, answer.hash
                          FROM ai_product_sync AS carried
                          LEFT JOIN unnest(%(ids)s::int[], %(points)s::varchar[],
                                           %(hashes)s::varchar[])
                                 AS answer (record_id, point, hash)
                                 ON answer.record_id = carried.record_id
                         WHERE carried.job_id = %(job)s) AS told
                 WHERE sync.id = told.id
                """,
                ids=[int(name) for name in ids],
                points=[points[name] for name in ids],
                hashes=[hashes.get(name) for name in ids],
                job=job.id,
            )
        )
        self._drop_gone(job.tenant_id)
        self.invalidate_model()

    @api.model
    def _drop_gone(self, tenant):
        """Remove the rows of `tenant` whose product is not its any more, here and in the index."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM ai_product_sync AS sync USING ai_tenant AS tenant
                 WHERE tenant.id = sync.tenant_id AND tenant.id = %s
                   AND sync.vector_id IS NULL AND sync.state = 'not_synced'
                   AND sync.change = sync.taken
                   AND NOT EXISTS (
                       SELECT 1 FROM product_template AS product
                        WHERE product.id = sync.product_tmpl_id
                          AND (product.company_id = tenant.company_id
                               OR product.company_id IS NULL AND tenant.include_shared_records))
                """,
                tenant.id,
            )
        )

    @api.model
    def _apply_failure(self, job, code, message):
        """Show on the products that `job` carries why they are not synchronized."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_sync
                   SET state = 'error', error_code = %(code)s, error_message = %(message)s
                 WHERE job_id = %(job)s
                """,
                code=code,
                message=message,
                job=job.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _release(self, job):
        """Take back the products of the cancelled `job`: they wait for their next change."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_sync
                   SET job_id = NULL,
                       state = CASE WHEN vector_id IS NULL THEN 'not_synced'
                                    ELSE 'needs_update' END
                 WHERE job_id = %s
                """,
                job.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _forget_all(self, tenant):
        """Show nothing of a disconnected `tenant` as synced; connecting sends everything anew."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_sync
                   SET state = 'not_synced', taken = change, job_id = NULL, vector_id = NULL,
                       content_hash = NULL, error_code = NULL, error_message = NULL
                 WHERE tenant_id = %s
                """,
                tenant.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _count_hits(self, tenant, ids):
        """Note that a search of `tenant` found the products `ids`."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE ai_product_sync SET hits = hits + 1
                 WHERE id IN (SELECT id FROM ai_product_sync
                               WHERE tenant_id = %s AND record_id = ANY(%s)
                               ORDER BY id FOR UPDATE SKIP LOCKED)
                """,
                tenant.id,
                list(ids),
            )
        )
        self.invalidate_model(["hits"])
