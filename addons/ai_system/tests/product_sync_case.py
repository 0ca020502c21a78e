import uuid

from .common import AiSystemCase


class ProductSyncCase(AiSystemCase):
    """Both tenants connected; a product of each company and a shared one, all synced."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls.env["ai.product.sync"]
        cls.category = cls.env["product.category"].create({"name": "Chairs"})
        cls.mine = cls._product("Mine", cls.company, list_price=10.0, categ_id=cls.category.id)
        cls.theirs = cls._product("Theirs", cls.other_company)
        cls.shared = cls._product("Shared", False)
        cls.env.cr.flush()

    def setUp(self):
        super().setUp()
        self.env["ai.job"].search([])._cancel("not of this test")
        self.sidecar = self._start_sidecar()
        for tenant in (self.tenant, self.other_tenant):
            self._connect(tenant, self.sidecar.url)
        self._sync_all(self.tenant)
        self._sync_all(self.other_tenant)
        self.sidecar.requests.clear()

    def _sync_all(self, tenant):
        """Make every product of `tenant` synced, as a full synchronization does."""
        job = self.env["ai.job"]._enqueue(tenant, "sync_products", {})
        job._take_products()
        job._finish(self._result(self._carried(job)))

    def _carried(self, job):
        return self.rows.search([("job_id", "=", job.id)]).mapped("record_id")

    def _result(self, ids, **changes):
        """Return a sidecar's result that holds the products `ids`."""
        return {
            "total": len(ids),
            "embedded": len(ids),
            "upserted": len(ids),
            "deleted": 0,
            "unchanged": 0,
            "points": {str(i): str(uuid.uuid5(uuid.NAMESPACE_OID, str(i))) for i in ids},
            "hashes": {str(i): f"{i:016x}" for i in ids},
            **changes,
        }

    def _row(self, product, tenant=None):
        """Return the row of `product`, or of a product's id, for `tenant` (the first one)."""
        record_id = product if isinstance(product, int) else product.id
        return self.rows.search(
            [("tenant_id", "=", (tenant or self.tenant).id), ("record_id", "=", record_id)]
        )

    def _marked(self, tenant=None):
        """End the transaction's work; return the ids of what waits for the tenant, ascending."""
        self.env.cr.flush()
        rows = self.rows.search([("tenant_id", "=", (tenant or self.tenant).id)])
        return sorted(row.record_id for row in rows if row.change > row.taken)

    def _sync_jobs(self, tenant=None):
        """Return the unfinished jobs that synchronize the tenant's products."""
        return self.env["ai.job"].search(
            [
                ("tenant_id", "=", (tenant or self.tenant).id),
                ("action", "=", "sync_products"),
                ("state", "in", ("pending", "sent")),
            ]
        )
