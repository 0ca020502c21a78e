"""`sidecar chat`: ask a tenant's customer-service crew one question, through a real worker."""

import time
import uuid

from sidecar.context import check_account_id
from sidecar.errors import DeadlineExceeded, SidecarError
from sidecar.hub.jobs import JobStore
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for
from sidecar.tenants.registry import TenantRegistry


def run(settings: Settings, account_id: str, text: str) -> int:
    """Print the answer. DeadlineExceeded when no worker takes the question."""
    TenantRegistry.from_settings(settings).get(check_account_id(account_id))
    jobs = JobStore(state_store(settings), settings)
    job_id = f"chat-{uuid.uuid4().hex}"
    metadata = {"source": "cli", "account_id": account_id, "action": "chat", "job_id": job_id}
    jobs.accept(account_id, job_id, {"metadata": metadata, "params": {"text": text}})
    messages.hint(broker_for(settings), messages.JOBS, f"{account_id}|{job_id}")
    deadline = time.monotonic() + settings.turn_timeout + 10
    while time.monotonic() < deadline:
        job = jobs.get(account_id, job_id)
        if job.state == "done" and job.result:
            print(job.result["text"])
            return 0
        if job.state == "failed" and job.error:
            raise SidecarError(job.error["message"])
        time.sleep(0.05)
    raise DeadlineExceeded("No worker answered; is one running? `make status` tells.")
