"""Names of queues and actors, and how a hint is put on the broker.

A hint says "look at this item"; the due queue in Redis is the truth. This module knows no actor,
so the web process can import it.
"""

import structlog
from dramatiq import Broker, Message

CONVERSATIONS = "conversations"
JOBS = "jobs"
AUDIT = "audit"
TRACES = "traces"
RECONCILE = "reconcile"
PUSHED = "pushed"
ACTORS = {
    CONVERSATIONS: "answer_conversation",
    JOBS: "run_job",
    AUDIT: "ship_audit",
    TRACES: "ship_traces",
    RECONCILE: "reconcile_account",
    PUSHED: "index_pushed",
}

log = structlog.get_logger(__name__)


def hint(broker: Broker, kind: str, item: str, delay: float = 0.0) -> bool:
    """Tell the workers that `item` of `kind` is due in `delay` seconds.

    False when the broker cannot be reached: the sweeper finds the item all the same.
    """
    message: Message = Message(
        queue_name=kind, actor_name=ACTORS[kind], args=(item,), kwargs={}, options={}
    )
    try:
        broker.enqueue(message, delay=int(delay * 1000) or None)
    except Exception as error:  # noqa: BLE001 - each broker raises errors of its own library
        log.warning("broker.unreachable", kind=kind, item=item, error=type(error).__name__)
        return False
    return True
