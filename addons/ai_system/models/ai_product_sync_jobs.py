"""Jobs that keep the index true: what they carry, how far they are, and how they end."""

import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..exceptions import InvalidResult
from .ai_job import ACTIVE_STATES

SYNCS = ("sync_products", "reconcile_products")
# Marks a job that takes along, as it leaves, what has changed until then: a burst is one job.
CHANGED = "changed"
MOST_PRODUCTS = 1000  # of one such job; the next one follows by itself
TURN = timedelta(seconds=3)  # until a job looks again whether the one before it has ended
PROGRESS_POLL = timedelta(seconds=3)
COUNTS = ("total", "embedded", "upserted", "deleted", "unchanged")
DRIFT = ("missing", "outdated", "orphans")
POINT = re.compile(r"[0-9a-f-]{36}")
HASH = re.compile(r"[0-9a-f]{16,64}")


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    progress_done = fields.Integer(readonly=True)
    progress_total = fields.Integer(readonly=True)

    @api.model
    def _cron_send(self):
        self._queue_changed_products()
        return super()._cron_send()

    @api.model
    def _queue_changed_products(self):
        """Queue one job for each connected tenant with changed products, unless one waits."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT tenant.id FROM ai_tenant AS tenant
                 WHERE tenant.active AND tenant.state = 'connected'
                   AND EXISTS (SELECT 1 FROM ai_product_sync AS sync
                                WHERE sync.tenant_id = tenant.id AND sync.change > sync.taken)
                """
            )
        )
        tenants = self.env["ai.tenant"].browse(tenant_id for (tenant_id,) in rows)
        waiting = self.search(
            [
                ("tenant_id", "in", tenants.ids),
                ("action", "=", "sync_products"),
                ("state", "=", "pending"),
            ]
        ).filtered(lambda job: CHANGED in (job.payload or {}))
        for tenant in tenants - waiting.tenant_id:
            self._enqueue(tenant, "sync_products", {CHANGED: True})

    def _send_or_poll(self):
        self.ensure_one()
        if self.action in SYNCS and self.state == "pending" and not self._take_products():
            return None
        return super()._send_or_poll()

    def _take_products(self):
        """Fix what this job carries; False when it does not leave now.

        Two jobs of one tenant never run at once: the older one could write what it read before a
        change over what the newer one read after it.
        """
        self.ensure_one()
        job = self.try_lock_for_update()
        if not job or job.state != "pending":
            return False
        running = job.search_count(
            [
                ("tenant_id", "=", job.tenant_id.id),
                ("action", "in", SYNCS),
                ("state", "=", "sent"),
            ],
            limit=1,
        )
        if running:
            job.next_try = fields.Datetime.now() + TURN
            return False
        job.write({"progress_done": 0, "progress_total": 0})
        rows, payload = self.env["ai.product.sync"], job.payload or {}
        if CHANGED in payload:
            ids = rows._take_changed(job, MOST_PRODUCTS)
            if not ids:
                # They left with another job, or are just being marked once more.
                job._finish({**dict.fromkeys(COUNTS, 0), "points": {}})
                return False
            job.payload = {"product_ids": ids}
        elif not rows._take_again(job) and "product_ids" not in payload:
            rows._take_all(job)
        return True

    def _accepted(self, data):
        result = super()._accepted(data)
        if self.state == "sent" and self._shows_progress():
            self._take_progress(data.get("progress"))
            self.next_try = fields.Datetime.now() + PROGRESS_POLL
        return result

    def _shows_progress(self):
        """True for a full synchronization: somebody may be watching it."""
        self.ensure_one()
        return self.action == "sync_products" and not self.payload

    def _take_progress(self, progress):
        """Show how far the AI service is: {"done", "total"}; other shapes are ignored."""
        self.ensure_one()
        if not isinstance(progress, dict):
            return
        done, total = progress.get("done"), progress.get("total")
        if type(done) is not int or type(total) is not int or not 0 <= done <= total < 2**31:
            return
        if (done, total) != (self.progress_done, self.progress_total):
            self.write({"progress_done": done, "progress_total": total})
            self._notify()

    @api.model
    def _watched(self):
        """Return how many jobs that show their progress are under way."""
        jobs = self.search([("action", "=", "sync_products"), ("state", "=", "sent")])
        return len(jobs.filtered(lambda job: job._shows_progress()))

    def _apply_sync_products(self, result):
        """Note on every product that was carried how it stands. Raises InvalidResult."""
        self.ensure_one()
        points, hashes = self._checked_points(result)
        self.env["ai.product.sync"]._apply_points(self, points, hashes)
        self._next_sync()

    def _apply_reconcile_products(self, result):
        """As a full synchronization; the figures of what differed stay on the job."""
        if not all(type(result.get(name)) is int for name in DRIFT):
            raise InvalidResult("missing, outdated or orphans is not a number")
        self._apply_sync_products(result)
        self.tenant_id._tell_drift(result)

    @api.model
    def _checked_points(self, result):
        """Return (points, hashes) of a result of docs/contracts.md. Raises InvalidResult."""
        for name in COUNTS:
            if type(result.get(name)) is not int:
                raise InvalidResult(f"{name} is not a number")
        points, hashes = result.get("points"), result.get("hashes", {})
        if not isinstance(points, dict) or not isinstance(hashes, dict):
            raise InvalidResult("points or hashes is not a mapping")
        for product, point in points.items():
            if not (product.isdecimal() and int(product) < 2**31):
                raise InvalidResult("a point is not of a product")
            if not isinstance(point, str) or not POINT.fullmatch(point):
                raise InvalidResult("a point has no id")
        if not all(isinstance(value, str) and HASH.fullmatch(value) for value in hashes.values()):
            raise InvalidResult("a hash is none")
        return points, hashes

    def _storable_result(self, result):
        if self.action in SYNCS:
            return {name: v for name, v in result.items() if name not in ("points", "hashes")}
        return super()._storable_result(result)

    def _ran_and_failed(self, code, message):
        result = super()._ran_and_failed(code, message)
        if self.action in SYNCS and self.state == "pending":
            # It runs again later; until then its products are not in the index as they are.
            self.env["ai.product.sync"]._apply_failure(self, code, message)
            self._next_sync()
        return result

    def _ended_badly(self):
        result = super()._ended_badly()
        if self.action in SYNCS:
            rows = self.env["ai.product.sync"]
            if self.state == "failed":
                rows._apply_failure(self, self.error_code, self.error_message or "")
            else:
                rows._release(self)
            self._next_sync()
        return result

    def _next_sync(self):
        """Let the tenant's next job of this kind leave at once, and what changed meanwhile."""
        waiting = self.search(
            [
                ("tenant_id", "=", self.tenant_id.id),
                ("action", "in", SYNCS),
                ("state", "=", "pending"),
                ("attempts", "=", 0),
                ("send_attempts", "=", 0),
                ("id", "!=", self.id),
            ]
        )
        waiting.next_try = False
        self._wake_sender()

    @api.model
    def _is_syncing(self, tenant):
        """Return the tenant's unfinished full synchronization, empty without one."""
        jobs = self.search(
            [
                ("tenant_id", "=", tenant.id),
                ("action", "=", "sync_products"),
                ("state", "in", ACTIVE_STATES),
            ],
            order="id desc",
        )
        return jobs.filtered(lambda job: not job.payload)[:1]
