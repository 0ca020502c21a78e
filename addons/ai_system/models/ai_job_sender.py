"""The one sender of jobs: a cron, woken when a job is queued, that talks to the sidecar.

No transaction is open while the network is waited for: a job is claimed and committed, sent, and
then read again, because the result may have arrived meanwhile by another way.
"""

import logging
import time
from datetime import timedelta

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain

from .. import backoff, sidecar_client
from .ai_job import HURRIED, UNSEEN

_logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)  # longer than any request; a crashed sender's claim runs out
BATCH = 50
UNSEEN_BATCH = 5  # what somebody waits for comes between
LINGER = 12  # seconds the sender waits for a first retry: crons wake only once a minute
# A revocation cannot wait; other jobs of a tenant depend on the next two.
FIRST = {"revoke_secrets": 0, "enroll": 1, "rotate_signing_key": 2, "sync_config": 3}
# Done before the answer: its data is the result.
DONE_AT_ONCE = (
    "enroll",
    "sync_config",
    "get_config",
    "rotate_signing_key",
    "revoke_secrets",
    "chatwoot_setup",
)


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiJob(models.Model):
    _inherit = "ai.job"

    @api.model
    def _cron_send(self):
        """Send the jobs that are due and ask for those that were accepted long ago."""
        seconds_left = self._commit(0)
        until = time.monotonic() + min(LINGER, seconds_left)
        while seconds_left > 0:
            jobs = self._due()
            for job in jobs:
                job._send_safely()
                seconds_left = self._commit(1)
                if seconds_left <= 0:
                    break
            if not jobs and not self._retry_is_near(until):
                break
            if not jobs:
                self._commit(0)
                time.sleep(0.5)
        remaining = len(self._due()) + self._watched()
        self.env["ir.cron"]._commit_progress(0, remaining=remaining)

    @api.model
    def _commit(self, processed):
        """Commit one job's step, so that no crash repeats it; return the seconds left."""
        return self.env["ir.cron"]._commit_progress(processed)

    @api.model
    def _due(self):
        unfinished = Domain("state", "in", ("pending", "sent"))
        now = Domain("next_try", "=", False) | Domain("next_try", "<=", fields.Datetime.now())
        unseen = Domain("action", "in", UNSEEN)
        jobs = self.search(unfinished & now & ~unseen, order="id", limit=BATCH) or self.search(
            unfinished & now & unseen, order="id", limit=UNSEEN_BATCH
        )
        return jobs.sorted(lambda job: (FIRST.get(job.action, len(FIRST)), job.id))

    @api.model
    def _retry_is_near(self, until):
        """True when a waiting job becomes due before the monotonic time `until`."""
        seconds = until - time.monotonic()
        if seconds <= 0:
            return False
        limit = fields.Datetime.now() + timedelta(seconds=seconds)
        soon = Domain("state", "in", ("pending", "sent"))
        return bool(self.search_count(soon & Domain("next_try", "<=", limit), limit=1))

    def _send_safely(self):
        """Send or poll one job; an unforeseen error fails that job and spares the others."""
        self.ensure_one()
        try:
            self._send_or_poll()
        except (SerializationFailure, DeadlockDetected):
            # Another transaction was faster; the job is still due.
            _logger.info("job %s comes again: its rows are just being written", self.uuid)
            self._rollback()
        except Exception:
            _logger.exception("job %s could not be handled", self.uuid)
            self._rollback()
            self._fail("internal_error", "")

    @api.model
    def _rollback(self):
        """Leave the failed step's transaction behind."""
        self.env.cr.rollback()
        self.env.invalidate_all(flush=False)

    def _send_or_poll(self):
        """Offer one pending job, or ask for one that is in progress, and note the answer."""
        self.ensure_one()
        job = self.try_lock_for_update()
        if not job or job.state not in ("pending", "sent"):
            return
        uuid, polling = job.uuid, job.state == "sent"
        request = job._prepare_request(polling)
        if request is None:
            job._fail("not_connected", "")
            return
        job.next_try = fields.Datetime.now() + CLAIM
        # Committed before the network is waited for: no lock is held meanwhile.
        self._commit(0)
        try:
            answer = request()
            error = None
        except sidecar_client.SidecarError as failure:
            answer, error = None, failure
            _logger.info("job %s: %s (%s)", uuid, failure.code, job.tenant_id.account_id)
        self.env.invalidate_all()
        job = self.try_lock_for_update()
        # The result may have come in by XML-RPC, or a person cancelled or retried meanwhile.
        if not job or job.uuid != uuid or job.state not in ("pending", "sent"):
            return
        if error is not None:
            job._not_accepted(error.code, "")
        elif answer.temporary:
            job._not_accepted(answer.code or "unavailable", answer.message)
        elif not answer.accepted:
            job._refused(answer)
        else:
            job._accepted(answer.data)

    def _prepare_request(self, polling):
        """Return a function that makes the request and needs no database, or None without keys."""
        self.ensure_one()
        tenant = self.tenant_id
        if self.action == "enroll":
            token = tenant._get_secret("enrollment_token")
            if not token:
                return None
            url, secret = sidecar_client.split_token(token)
            document = tenant._enrollment_document()
            self.payload = {
                **(self.payload or {}),
                "document": document["config"],
                "api_key_id": tenant._newest_api_key_id(),
            }
            return lambda: sidecar_client.enroll(url, secret, document)
        if self.action == "chatwoot_setup":
            return self._prepare_chatwoot_setup()
        client = tenant._client()
        if client is None:
            return None
        uuid = self.uuid
        if polling:
            return lambda: client.job(uuid)
        envelope = self._prepare_envelope()
        return lambda: client.process(envelope)

    def _prepare_envelope(self):
        """Return the envelope of POST /api/v1/process; secrets are added here and not stored."""
        self.ensure_one()
        params = dict(self.payload or {})
        if self.action == "sync_config":
            tenant = self.tenant_id
            document = tenant._tenant_document()
            self.payload = {"api_key_id": tenant._newest_api_key_id(), "document": document}
            params = {"config": document, "secrets": tenant._tenant_secrets()}
        return {
            "metadata": {
                "source": "odoo",
                "account_id": self.tenant_id.account_id,
                "action": self.action,
                "job_id": self.uuid,
            },
            "params": params,
        }

    def _not_accepted(self, code, message):
        """Nobody took the job, or nobody told us how it stands: ask again soon, uncounted."""
        self.ensure_one()
        if self.state == "sent":
            self._ask_later()
            return
        if self.action in HURRIED:
            self._fail(code, message)
            return
        offers = self.send_attempts + 1
        self.write(
            {
                "send_attempts": offers,
                "next_try": fields.Datetime.now() + timedelta(seconds=backoff.send_delay(offers)),
                "error_code": code,
                "error_message": message,
            }
        )
        if self.action == "enroll":
            self.tenant_id.error_text = self.error_display
        self._notify()

    def _refused(self, answer):
        """A 4xx: the same request would be refused again, unless only the id was forgotten."""
        self.ensure_one()
        if self.state == "sent" and answer.code == "not_found":
            # The sidecar lost its store: offer the job again, under the same id.
            self.write({"state": "pending", "next_try": False, "polls": 0})
            return
        reason = f"{answer.field}: {answer.message}" if answer.field else answer.message
        self._fail(answer.code or "refused", reason)

    def _accepted(self, data):
        """Take over a 2xx: in progress, done or failed."""
        self.ensure_one()
        state = data.get("state")
        if state is None and self.action in DONE_AT_ONCE:
            self._finish(data)
            return
        if state == "done":
            result = data.get("result")
            self._finish(result if isinstance(result, dict) else {})
        elif state == "failed":
            error = data.get("error") or {}
            code = str(error.get("code") or "internal_error")
            self._ran_and_failed(code, str(error.get("message") or ""))
        elif self.state == "sent":
            self._ask_later()
        else:
            self.write(
                {
                    "state": "sent",
                    "sent_at": fields.Datetime.now(),
                    "polls": 0,
                    "error_code": False,
                    "error_message": False,
                }
            )
            self._ask_later()
            self._notify()

    def _ask_later(self):
        polls = self.polls + 1
        hurried = self.action in HURRIED
        delay = (backoff.hurried_poll_delay if hurried else backoff.poll_delay)(polls)
        if delay is None:
            self._fail("timeout", "")
            return
        self.write({"polls": polls, "next_try": fields.Datetime.now() + timedelta(seconds=delay)})
