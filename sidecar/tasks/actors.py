"""The actors: what a hint on the broker makes a worker do. Imported by worker processes only."""

import time
from dataclasses import dataclass
from functools import lru_cache

import dramatiq
import structlog

from sidecar.control.audit import audit_queue
from sidecar.control.traces import trace_queue
from sidecar.hub.conversation import ConversationDesk
from sidecar.hub.courier import AuditCourier, TraceCourier
from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.mailbox import Mailbox, conversation_queue
from sidecar.hub.pushed import PushedProducts, pushed_queue
from sidecar.hub.reconciler import Reconciler, reconcile_queue
from sidecar.hub.runner import JobRunner
from sidecar.hub.services import Services
from sidecar.settings import get_settings
from sidecar.store.work import LeaseLost, WorkQueue
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for

log = structlog.get_logger(__name__)

broker = broker_for(get_settings())
dramatiq.set_broker(broker)


@dataclass(frozen=True, slots=True)
class _Desk:
    desk: ConversationDesk
    runner: JobRunner
    courier: AuditCourier
    traces: TraceCourier
    reconciler: Reconciler
    pushed: PushedProducts
    queues: dict[str, WorkQueue]


@lru_cache(maxsize=1)
def _desk() -> _Desk:
    settings = get_settings()
    services = Services.build(settings)
    hub, mailbox = Hub(services), Mailbox(services.store, settings)
    queues = (
        conversation_queue(services.store, settings),
        job_queue(services.store, settings),
        audit_queue(services.store, settings),
        trace_queue(services.store, settings),
        reconcile_queue(services.store, settings),
        pushed_queue(services.store, settings),
    )
    return _Desk(
        desk=ConversationDesk(hub, mailbox),
        runner=JobRunner(hub, JobStore(services.store, settings)),
        courier=AuditCourier(services, services.audit),
        traces=TraceCourier(services),
        reconciler=Reconciler(services, mailbox),
        pushed=PushedProducts(services),
        queues={queue.kind: queue for queue in queues},
    )


@dramatiq.actor(queue_name=messages.CONVERSATIONS, actor_name=messages.ACTORS["conversations"])
def answer_conversation(item: str) -> None:
    """Answer the conversation `item` if it is due and nobody else does."""
    here = _desk()
    _take(here.queues[messages.CONVERSATIONS], item, here.desk.work)


@dramatiq.actor(queue_name=messages.JOBS, actor_name=messages.ACTORS["jobs"])
def run_job(item: str) -> None:
    """Run or deliver the job `item` if it is due and nobody else does."""
    here = _desk()
    _take(here.queues[messages.JOBS], item, here.runner.work)


@dramatiq.actor(queue_name=messages.AUDIT, actor_name=messages.ACTORS["audit"])
def ship_audit(item: str) -> None:
    """Bring what the account `item` has to report to its Odoo, if it is due."""
    here = _desk()
    _take(here.queues[messages.AUDIT], item, here.courier.work)


@dramatiq.actor(queue_name=messages.TRACES, actor_name=messages.ACTORS["traces"])
def ship_traces(item: str) -> None:
    """Bring the traces of the account `item` to its Odoo, if it is due."""
    here = _desk()
    _take(here.queues[messages.TRACES], item, here.traces.work)


@dramatiq.actor(queue_name=messages.RECONCILE, actor_name=messages.ACTORS["reconcile"])
def reconcile_account(item: str) -> None:
    """Look for messages of the account `item` that never reached us, if it is due."""
    here = _desk()
    _take(here.queues[messages.RECONCILE], item, here.reconciler.work)


@dramatiq.actor(queue_name=messages.PUSHED, actor_name=messages.ACTORS["pushed"])
def index_pushed(item: str) -> None:
    """Index the products that the ERP of the account `item` has sent, if it is due."""
    here = _desk()
    _take(here.queues[messages.PUSHED], item, here.pushed.work)


def _take(queue: WorkQueue, item: str, work) -> None:
    due_at = queue.due_at(item)
    if due_at is None:
        return
    early = due_at - time.time()
    if early > 0:
        messages.hint(broker, queue.kind, item, early)
        return
    lease = queue.acquire(item)
    if lease is None:
        return
    try:
        with lease:
            work(lease)
    except LeaseLost:
        log.warning("lease.lost", kind=queue.kind, item=item)
    if (again := queue.due_at(item)) is not None:
        messages.hint(broker, queue.kind, item, max(0.0, again - time.time()))
