from odoo import api, fields, models

from odoo.addons.ai_system.exceptions import InvalidResult

from .ai_synced import UNDER_WAY

KINDS = {
    "rule": "ai.business.rule",
    "scheduling": "ai.scheduling.rule",
    "document": "ai.support.document",
    "profile": "ai.company.profile",
}
# Marks a job that takes what has changed when it leaves, not when it was queued: a burst of
# changes is one job.
CHANGED = "changed"
COUNTS = ("total", "embedded", "upserted", "deleted", "unchanged")


class AiJob(models.Model):
    _inherit = "ai.job"

    action = fields.Selection(
        selection_add=[
            ("sync_rules", "Synchronize business rules"),
            ("ask_rules", "Ask about the rules"),
        ],
        ondelete={"sync_rules": "cascade", "ask_rules": "cascade"},
    )

    @api.model
    def _queue_rules_sync(self, profile):
        """Have what changed in `profile` synchronized, with one job for a burst of changes.

        Returns the job; none while the tenant is not connected: connecting sends everything.
        """
        # Sudo: whoever edits rules causes a job without the right to write one.
        profile, jobs = profile.sudo(), self.sudo()
        tenant = profile.tenant_id
        if tenant.state != "connected":
            return self.browse()
        waiting = jobs.search(
            [
                ("tenant_id", "=", tenant.id),
                ("action", "=", "sync_rules"),
                ("state", "=", "pending"),
            ]
        ).filtered(lambda job: CHANGED in (job.payload or {}))[:1]
        # Locked until this transaction ends, so that the sender cannot leave without its changes;
        # a job that is just leaving cannot be locked, and a new one is made.
        if waiting and waiting.try_lock_for_update():
            waiting.next_try = False
            self._wake_sender()
            return waiting.with_env(self.env)
        return self._enqueue(tenant, "sync_rules", {CHANGED: self._new_uuid()}, record=profile)

    @api.model
    def _queue_rules_removal(self, tenant, ids):
        """Have the deleted records `ids` ({kind: ids}) removed from the AI service."""
        # Sudo: as in _queue_rules_sync.
        if tenant.sudo().state == "connected":
            self._enqueue(tenant.sudo(), "sync_rules", {"ids": ids})

    def _prepare_envelope(self):
        if self.action == "sync_rules":
            self._take_rules()
        return super()._prepare_envelope()

    def _take_rules(self):
        """Fix what this job carries, once: the same job always carries the same."""
        self.ensure_one()
        profile = self.env["ai.company.profile"].search([("tenant_id", "=", self.tenant_id.id)])
        if CHANGED in (self.payload or {}):
            self.payload = {"ids": profile._changed_ids()}
        for records in self._carried_rules(profile):
            records._start_sync(self)

    def _carried_rules(self, profile):
        """Return, kind by kind, the records that this job is about and that still exist."""
        ids = (self.payload or {}).get("ids")
        if ids is None:
            return profile._all_synced()
        return [self.env[KINDS[kind]].browse(some).exists() for kind, some in ids.items() if some]

    def _under_way(self):
        """Return, kind by kind, the records whose newest sync is one of these jobs."""
        domain = [("sync_job_id", "in", self.ids), ("sync_state", "=", UNDER_WAY)]
        return [
            self.env[model].with_context(active_test=False).search(domain)
            for model in KINDS.values()
        ]

    def _apply_sync_rules(self, result):
        """Note on each record that this job carried how its copy stands. Raises InvalidResult."""
        self.ensure_one()
        for name in COUNTS:
            if type(result.get(name)) is not int:
                raise InvalidResult(f"{name} is not a number")
        points = result.get("points")
        if not isinstance(points, dict) or not all(isinstance(p, str) for p in points.values()):
            raise InvalidResult("points are not names of points")
        for records in self._under_way():
            records._end_sync(points)

    def _apply_ask_rules(self, result):
        """The answer stays on the job, where the form reads it. Raises InvalidResult."""
        if not isinstance(result.get("answer"), str):
            raise InvalidResult("answer is not a text")
        rules = result.get("rules")
        if not isinstance(rules, list) or not all(
            isinstance(rule, dict) and type(rule.get("id")) is int and rule.get("kind") in KINDS
            for rule in rules
        ):
            raise InvalidResult("rules are not references")

    def _fail(self, code, message):
        result = super()._fail(code, message)
        if self.action == "sync_rules":
            reader = self.with_context(lang=self.user_id.lang or self.tenant_id.language)
            for records in self._under_way():
                records._set_sync({"sync_state": "error", "sync_error": reader.error_display})
        return result

    def _cancel(self, reason):
        result = super()._cancel(reason)
        for records in self.filtered(lambda job: job.action == "sync_rules")._under_way():
            records._set_sync({"sync_state": "to_sync"})
        return result
