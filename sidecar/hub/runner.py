"""Runs a job that is due and hands its end to Odoo, however often either has to be tried."""

import time

import structlog

from sidecar.errors import NotFound, SidecarError
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import Job, JobStore
from sidecar.hub.mailbox import split_item
from sidecar.store.work import Lease

log = structlog.get_logger(__name__)

_DELIVERY_FIRST, _DELIVERY_LONGEST = 5.0, 300.0


class JobRunner:
    """One per process; safe to share between threads."""

    def __init__(self, hub: Hub, jobs: JobStore):
        self.hub = hub
        self.jobs = jobs
        self.settings = hub.services.settings

    def work(self, lease: Lease) -> None:
        """Run the job under `lease` unless it ended already, then deliver its end."""
        account_id, job_id = split_item(lease.item)
        with structlog.contextvars.bound_contextvars(account=account_id, job_id=job_id):
            try:
                job = self.jobs.get(account_id, job_id)
            except NotFound:  # it ended, Odoo could not be told, and `job_days` are over
                log.error("job.expired")
                lease.finish()
                return
            if job.state not in ("done", "failed"):
                job = self._run(lease, job)
                if job is None:
                    return
            if job.envelope["metadata"]["source"] == "odoo":
                self._deliver(lease, job)
            else:
                lease.finish()

    def _run(self, lease: Lease, job: Job) -> Job | None:
        """The ended job, or None when it was given back for another attempt."""
        attempt = self.jobs.start(job)
        started = time.monotonic()
        try:
            result = self.hub.process(
                job.envelope, lambda done, total: self.jobs.tell_progress(job, done, total)
            )
        except SidecarError as error:
            log.warning("job.failed", code=error.code, attempt=attempt)
            # 4xx is an answer: trying again cannot change it
            final = error.status < 500 and error.status != 429
            if final or attempt >= self.settings.job_attempts:
                return self.jobs.end(job, error=error.as_dict())
            self.jobs.requeue(job)
            lease.postpone(time.time() + self.settings.retry_backoff * 2 ** (attempt - 1))
            return None
        except Exception:
            log.exception("job.crashed", attempt=attempt)
            if attempt >= self.settings.job_attempts:
                return self.jobs.end(job, error=SidecarError().as_dict())
            raise
        lease.check()
        log.info("job.done", seconds=round(time.monotonic() - started, 3))
        return self.jobs.end(job, result=result)

    def _deliver(self, lease: Lease, job: Job) -> None:
        """Tell Odoo; as long as it cannot be told, the result waits and is offered again."""
        try:
            tenant = self.hub.services.tenants.get(job.account_id)
            control = self.hub.services.control(tenant)
            control.job_result(job.job_id, job.state, job.result, job.error)
        except SidecarError as error:
            failures = self.jobs.delivery_failed(job)
            wait = min(_DELIVERY_FIRST * 2 ** (failures - 1), _DELIVERY_LONGEST)
            log.warning("job.not_delivered", code=error.code, retry_in=wait)
            lease.postpone(time.time() + wait)
            return
        lease.finish()
