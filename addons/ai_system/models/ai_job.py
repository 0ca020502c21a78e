import hashlib
import json
import uuid
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import SQL

from .. import backoff
from ..exceptions import InvalidResult

STATES = [
    ("pending", "Pending"),
    ("sent", "In progress"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
ACTIVE_STATES = ("pending", "sent")
# A person waits for the outcome: a failure is told at once instead of tried again.
HURRIED = (
    "test_connection",
    "get_config",
    "chatwoot_setup",
    "ask_rules",
    "search_products",
    "product_text",
    "replay_turn",
)
# What these carry is read when they leave: two of them cost no more than one, and a cron that
# asks for them need not fail.
REPEATABLE = ("sync_", "reconcile_", "test_connection")
# Nobody asked for these: they leave last, tell nobody and are not shown in the queue.
UNSEEN = ("product_chosen",)
ACTIONS = [
    ("enroll", "Connect"),
    ("sync_config", "Synchronize settings"),
    ("sync_products", "Synchronize products"),
    ("reconcile_products", "Compare products with the index"),
    ("search_products", "Search products"),
    ("product_chosen", "Learn from a choice"),
    ("product_text", "Read a product's text"),
    ("test_connection", "Test connection"),
    ("get_config", "Read settings"),
    ("rotate_signing_key", "Rotate signing key"),
    ("revoke_secrets", "Revoke secrets"),
    ("chatwoot_setup", "Set up in Chatwoot"),
]


class AiJob(models.Model):
    _name = "ai.job"
    _description = "AI Job"
    _order = "create_date desc, id desc"
    _rec_name = "uuid"

    uuid = fields.Char(
        "Job ID", required=True, readonly=True, copy=False, default=lambda self: self._new_uuid()
    )
    tenant_id = fields.Many2one(
        "ai.tenant", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
    action = fields.Selection(ACTIONS, required=True, readonly=True)
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference("Record ID", model_field="model", readonly=True)
    record_name = fields.Char("About", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Requested by", readonly=True, default=lambda self: self.env.user
    )
    payload = fields.Json(readonly=True, groups="ai_system.ai_system_group_manager")
    request_digest = fields.Char(
        readonly=True, copy=False, groups="ai_system.ai_system_group_manager"
    )
    result = fields.Json(readonly=True, groups="ai_system.ai_system_group_manager")
    state = fields.Selection(STATES, required=True, readonly=True, default="pending", index=True)
    attempts = fields.Integer(readonly=True, help="Runs that ended in a failure (3 at most).")
    send_attempts = fields.Integer(
        "Offers", readonly=True, help="How often the job was offered without being accepted."
    )
    polls = fields.Integer(readonly=True)
    next_try = fields.Datetime(readonly=True)
    sent_at = fields.Datetime(readonly=True)
    done_at = fields.Datetime("Ended on", readonly=True)
    error_code = fields.Char(readonly=True)
    error_message = fields.Text("Technical Message", readonly=True)
    error_display = fields.Text("Error", compute="_compute_error_display")

    _uuid_unique = models.Constraint("UNIQUE(uuid)", "The job ID must be unique.")
    _due_index = models.Index("(next_try) WHERE state IN ('pending', 'sent')")
    _record_index = models.Index("(model, res_id, id)")
    _request_unique = models.UniqueIndex("(request_digest) WHERE state IN ('pending', 'sent')")

    @api.model
    def _new_uuid(self):
        return str(uuid.uuid4())

    @api.depends("action", "record_name")
    def _compute_display_name(self):
        labels = dict(self._fields["action"]._description_selection(self.env))
        for job in self:
            parts = [labels.get(job.action, job.action), job.record_name]
            job.display_name = " – ".join(part for part in parts if part)

    @api.depends("error_code", "error_message", "state", "next_try")
    @api.depends_context("lang", "tz")
    def _compute_error_display(self):
        for job in self:
            job.error_display = job._error_sentence() if job.error_code else False

    def write(self, vals):
        if "payload" in vals:
            # It is no longer what was asked for: the same may be asked for again.
            vals = {**vals, "request_digest": False}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        if any(job.state in ACTIVE_STATES for job in self):
            raise UserError(self.env._("Cancel a job before you delete it."))

    def action_retry(self):
        """Run failed jobs again, waiting ones at once; for who asked and for administrators."""
        self._check_may_steer()
        # Sudo: people do not write jobs themselves; who may steer them was checked above.
        for job in self.sudo():
            if job.state in ("failed", "cancelled"):
                # The old id would answer its stored failure: a fresh run needs a fresh id.
                # The digest may belong to a later job for the same by now.
                job.write(
                    {
                        "uuid": job._new_uuid(),
                        "attempts": 0,
                        "send_attempts": 0,
                        "request_digest": False,
                    }
                )
            elif job.state != "pending":
                raise UserError(self.env._("Only failed or waiting jobs can be tried again."))
            if job.action == "enroll" and job.tenant_id.state != "connecting":
                raise UserError(
                    self.env._(
                        "An enrollment token works once. Get a new one with “sidecar enroll” "
                        "and connect again."
                    )
                )
            if job.action == "chatwoot_setup" and not job._setup_token():
                raise UserError(
                    self.env._(
                        "The administrator's token was used once and removed. Open the channel "
                        "and set it up again."
                    )
                )
            job.write(
                {
                    "state": "pending",
                    "next_try": False,
                    "done_at": False,
                    "error_code": False,
                    "error_message": False,
                }
            )
            job._notify()
        self._wake_sender()
        return True

    def action_cancel(self):
        """Stop waiting for these jobs; a result that still arrives is dropped."""
        self._check_may_steer()
        # Sudo: as in action_retry.
        self.sudo()._cancel(self.env._("Cancelled by %(user)s.", user=self.env.user.name))
        return True

    def action_open_record(self):
        """Open the record the job is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _check_may_steer(self):
        self.check_access("read")
        if not self.env.user.has_group("ai_system.ai_system_group_manager") and any(
            job.user_id != self.env.user for job in self
        ):
            raise AccessError(self.env._("Only AI administrators change the jobs of other people."))

    @api.model
    def _enqueue(self, tenant, action, params, record=None):
        """Queue `action` for `tenant` and wake the sender; return the job.

        params: JSON-serializable, without secrets. An unfinished job with the same action, record
        and params is returned instead of a second one: nobody pays twice for a double click.
        Raises ConcurrencyError, after which Odoo runs the request again and finds that job, where
        another transaction queued it at the same moment.
        """
        # Sudo: people may ask for work without the right to write jobs by hand.
        jobs = self.sudo()
        # As it is read back: what the digest takes for the same must be found below.
        params = json.loads(json.dumps(params))
        model, res_id = (record._name, record.id) if record else (False, False)
        waiting = jobs.search(
            [
                ("tenant_id", "=", tenant.id),
                ("action", "=", action),
                ("model", "=", model),
                ("res_id", "=", res_id or 0),
                # A sync that is under way may have left with older settings.
                ("state", "in", ("pending",) if action == "sync_config" else ACTIVE_STATES),
            ]
        ).filtered(lambda job: action == "sync_config" or (job.payload or {}) == params)[:1]
        job = waiting or jobs._create_once(
            {
                "tenant_id": tenant.id,
                "action": action,
                "model": model,
                "res_id": res_id,
                "record_name": record.display_name if record else False,
                "payload": params,
                "user_id": self.env.uid,
            }
        )
        if job.state == "pending":
            job.next_try = False
            self._wake_sender()
        return job.with_env(self.env)

    @api.model
    def _create_once(self, values):
        """Return a new job; raise ConcurrencyError where another transaction made the same."""
        if not values["res_id"] or values["action"].startswith(REPEATABLE):
            return self.create(values)
        try:
            with self.env.cr.savepoint():
                job = self.create(values)
                job.flush_recordset()
                # By hand: the ORM would log a refused statement with what the person asked.
                self.env.cr.execute(
                    SQL(
                        "UPDATE ai_job SET request_digest = %s WHERE id = %s",
                        self._digest(values),
                        job.id,
                    ),
                    log_exceptions=False,
                )
                job.invalidate_recordset(["request_digest"])
                return job
        except UniqueViolation as error:
            # The other's job cannot be seen from this transaction.
            raise ConcurrencyError("The same job was queued at the same moment.") from error

    @api.model
    def _digest(self, values):
        """Return what tells this request from others: a hex string."""
        names = ("tenant_id", "action", "model", "res_id", "payload")
        asked = json.dumps([values[name] for name in names], sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()

    @api.model
    def _wake_sender(self):
        # Sudo: crons belong to the system; the trigger takes effect at commit.
        self.env.ref("ai_system.ir_cron_send_jobs").sudo()._trigger()

    def _cancel(self, reason):
        """Set the unfinished jobs among these to cancelled."""
        for job in self.filtered(lambda j: j.state in ACTIVE_STATES):
            job.write(
                {
                    "state": "cancelled",
                    "next_try": False,
                    "done_at": fields.Datetime.now(),
                    "error_code": "cancelled",
                    "error_message": reason,
                }
            )
            job._ended_badly()
            job._notify()

    def _finish(self, result):
        """Take over the `result` of a job that was done. Idempotent: a second result is ignored."""
        self.ensure_one()
        if self.state in ("done", "cancelled"):
            return
        # The state is written before the effects, so that of two concurrent deliveries one waits,
        # is retried by Odoo, and then finds the job done.
        self.write(
            {
                "state": "done",
                "result": self._storable_result(result),
                "next_try": False,
                "done_at": fields.Datetime.now(),
                "error_code": False,
                "error_message": False,
            }
        )
        self.flush_recordset()
        try:
            with self.env.cr.savepoint():
                apply = getattr(self, f"_apply_{self.action}")
                apply(result)
        except InvalidResult as error:
            self._fail("invalid_result", str(error))
            return
        self._ended_well()
        self._notify()

    def _ran_and_failed(self, code, message):
        """Count a run that failed: try again later with a fresh id, or give up."""
        self.ensure_one()
        if self.state not in ACTIVE_STATES:
            return
        attempts = self.attempts + 1
        once = self.action in HURRIED or self.action in UNSEEN
        delay = None if once else backoff.run_delay(attempts, code)
        if delay is None:
            self.attempts = attempts
            self._fail(code, message)
            return
        self.write(
            {
                "state": "pending",
                "uuid": self._new_uuid(),
                "attempts": attempts,
                "send_attempts": 0,
                "next_try": fields.Datetime.now() + timedelta(seconds=delay),
                "error_code": code,
                "error_message": message,
            }
        )
        self._notify()

    def _fail(self, code, message):
        """End the job as failed and tell whatever it was about."""
        self.ensure_one()
        self.write(
            {
                "state": "failed",
                "next_try": False,
                "done_at": fields.Datetime.now(),
                "error_code": code,
                "error_message": message,
            }
        )
        self._ended_badly()
        self._notify()

    def _notify(self):
        """Tell the requester's browser, at commit, how the job stands (docs/contracts.md)."""
        for job in self.filtered(lambda j: j.action not in UNSEEN):
            lang = job.user_id.lang or job.tenant_id.language
            told = job.with_context(lang=lang, tz=job.user_id.tz)
            job.user_id.partner_id._bus_send(
                "ai_system.job",
                {
                    "job_id": job.uuid,
                    "model": job.model,
                    "res_id": job.res_id,
                    "action": job.action,
                    "state": job.state,
                    "error": told.error_display or False,
                },
            )
