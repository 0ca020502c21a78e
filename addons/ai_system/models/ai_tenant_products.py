"""The tenant's products in the index: a full synchronization, and the nightly comparison."""

from zoneinfo import ZoneInfo

from odoo import api, fields, models

NIGHT = (3, 6)  # local hours between which the comparison starts
# A change of one of these changes every product's text, place or price in the index.
REINDEXED_FOR = ("language", "currency", "include_shared_records")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiTenant(models.Model):
    _inherit = "ai.tenant"

    product_sync_ids = fields.One2many("ai.product.sync", "tenant_id", "Products")
    product_count = fields.Integer(compute="_compute_product_counts")
    synced_product_count = fields.Integer(compute="_compute_product_counts")
    is_reindexing = fields.Boolean(compute="_compute_reindex")
    reindex_done = fields.Integer("Products Done", compute="_compute_reindex")
    reindex_total = fields.Integer("Products to Do", compute="_compute_reindex")
    reindex_percent = fields.Float("Progress", compute="_compute_reindex")
    reindex_text = fields.Char("Progress in Words", compute="_compute_reindex")
    reindex_error = fields.Text("Synchronization Obstacle", compute="_compute_reindex")
    last_reconcile = fields.Date(readonly=True, copy=False)

    @api.depends("product_sync_ids.state")
    def _compute_product_counts(self):
        groups = self.env["ai.product.sync"]._read_group(
            [("tenant_id", "in", self.ids)], ["tenant_id", "state"], ["__count"]
        )
        for tenant in self:
            counts = {state: count for one, state, count in groups if one == tenant}
            tenant.product_count = sum(counts.values())
            tenant.synced_product_count = counts.get("synced", 0)

    @api.depends("job_ids.state", "job_ids.progress_done", "job_ids.progress_total")
    @api.depends_context("lang", "tz")
    def _compute_reindex(self):
        for tenant in self:
            # Sudo: the progress is shown to whoever sees the tenant.
            job = self.env["ai.job"].sudo()._is_syncing(tenant)
            tenant.is_reindexing = bool(job)
            tenant.reindex_done = job.progress_done
            tenant.reindex_total = job.progress_total
            tenant.reindex_error = job.error_display
            share = job.progress_done / job.progress_total if job.progress_total else 0
            tenant.reindex_percent = 100 * share
            tenant.reindex_text = self.env._(
                "%(done)s of %(total)s products",
                done=job.progress_done,
                total=job.progress_total,
            )

    def action_reindex(self):
        """Synchronize every product of the tenant; the form shows the progress."""
        self.check_access("write")
        for tenant in self:
            tenant._check_connected()
            self.env["ai.job"]._enqueue(tenant, "sync_products", {}, record=tenant)
        return True

    def action_view_products(self):
        """Open the tenant's products in the AI system."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("ai_system.ai_product_sync_action")
        return {**action, "domain": [("tenant_id", "=", self.id)], "context": {}}

    def action_disconnect(self):
        result = super().action_disconnect()
        # Sudo: nobody writes the rows by hand.
        for tenant in self:
            self.env["ai.product.sync"].sudo()._forget_all(tenant)
        return result

    def _apply_sync_config(self, version, document=None):
        before = self.pushed_document or {}
        result = super()._apply_sync_config(version, document)
        if before and self._index_settings(before) != self._index_settings(document or {}):
            self.env["ai.job"]._enqueue(self, "sync_products", {}, record=self)
        return result

    @api.model
    def _index_settings(self, document):
        """Return what of a tenant document the whole index depends on."""
        index = (document.get("integrations") or {}).get("qdrant")
        return [document.get(name) for name in REINDEXED_FOR] + [index]

    @api.model
    def _cron_reconcile(self):
        """Have index and products compared, once a night by each tenant's own clock."""
        now = fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC"))
        for tenant in self.search([("state", "=", "connected")]):
            here = now.astimezone(ZoneInfo(tenant.timezone))
            if not NIGHT[0] <= here.hour < NIGHT[1] or tenant.last_reconcile == here.date():
                continue
            tenant.last_reconcile = here.date()
            self.env["ai.job"]._enqueue(tenant, "reconcile_products", {}, record=tenant)

    def _tell_drift(self, result):
        """Leave a note on the tenant when a comparison had something to repair."""
        self.ensure_one()
        figures = {name: result[name] for name in ("total", "missing", "outdated", "orphans")}
        if not any(count for name, count in figures.items() if name != "total"):
            return
        env = self.with_context(lang=self.language).env
        self.message_post(
            body=env._(
                "%(total)s products were compared with the index: %(missing)s were missing there, "
                "%(outdated)s were out of date and %(orphans)s belonged to no product. All are "
                "repaired.",
                **figures,
            )
        )

    def _search_obstacle(self):
        """Return why nothing can be searched for this tenant (or none) now, or False."""
        if not self:
            return self.env._(
                "%(company)s has no AI tenant yet. An AI administrator can create one in "
                "AI System ▸ Tenants.",
                company=self.env.company.name,
            )
        if self.state != "connected":
            return self.env._(
                "“%(tenant)s” is not connected to the AI service. An AI administrator can "
                "connect it in AI System ▸ Tenants.",
                tenant=self.name,
            )
        if self.erp_kind == "sends":
            return self.env._(
                "The products of “%(tenant)s” come from another ERP: there are none here to "
                "search for.",
                tenant=self.name,
            )
        if self.erp_kind != "own":
            return self.env._(
                "The products of “%(tenant)s” are in another Odoo: search for them there.",
                tenant=self.name,
            )
        if not self._crew_is_enabled("product_management"):
            return self.env._(
                "Product management is switched off for “%(tenant)s”.", tenant=self.name
            )
        return False
