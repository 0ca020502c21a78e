"""The scheduler: finds due work that nobody holds and tells the workers again.

Several may run; one holds the leader key and sweeps. What it leads also sees to it that each
account is compared with Chatwoot now and then, at once after a time without any leader.
"""

import os
import signal
import socket
import threading
import time

import redis
import structlog

from sidecar.control.audit import audit_queue
from sidecar.control.traces import trace_queue
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.mailbox import conversation_queue
from sidecar.hub.nightly import NightlyComparison
from sidecar.hub.pushed import pushed_queue
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from sidecar.store.work import WorkQueue
from sidecar.tasks import messages
from sidecar.tasks.broker import broker_for
from sidecar.tenants.registry import TenantRegistry

log = structlog.get_logger(__name__)

_QUIET = 5.0  # seconds between two hints for the same item


class Scheduler:
    """Sweeps while it leads."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.store = state_store(settings)
        self.broker = broker_for(settings)
        self.queues: list[WorkQueue] = [
            conversation_queue(self.store, settings),
            job_queue(self.store, settings),
            audit_queue(self.store, settings),
            trace_queue(self.store, settings),
            pushed_queue(self.store, settings),
            WorkQueue(self.store, messages.RECONCILE, settings.lease_ttl),
        ]
        self._reconciled = 0.0  # time.monotonic() of the last time
        self.nightly = NightlyComparison(
            JobStore(self.store, settings), TenantRegistry.from_settings(settings)
        )
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def sweep(self) -> int:
        """Hint at every due item without a holder; how many hints were given."""
        hints = 0
        for queue in self.queues:
            for item in queue.due(time.time()):
                if queue.should_hint(item, _QUIET):
                    hints += messages.hint(self.broker, queue.kind, item)
        return hints

    def reconcile(self) -> None:
        """Make every account due for a look into Chatwoot, once in `reconcile_interval`."""
        now = time.monotonic()
        if self._reconciled and now - self._reconciled < self.settings.reconcile_interval:
            return
        self._reconciled = now
        accounts = self.store.smembers(keys.ACCOUNTS)
        if accounts:
            # one that waits because Chatwoot asked for it goes on waiting
            due = {account: time.time() for account in accounts}
            self.store.zadd(keys.due(messages.RECONCILE), due, nx=True)

    def lead(self) -> bool:
        """Take or renew the leadership; False while another scheduler leads."""
        ttl = max(5, int(self.settings.sweep_interval * 5))
        if self.store.set(keys.LEADER, self.name, nx=True, ex=ttl):
            return True
        if self.store.get(keys.LEADER) != self.name:
            return False
        self.store.expire(keys.LEADER, ttl)
        return True

    def run(self, stop: threading.Event) -> None:
        """Sweep until `stop`; a store that is away is waited for."""
        while not stop.is_set():
            try:
                self.store.set(keys.beat("scheduler"), self.name, ex=30)
                if self.lead():
                    self.reconcile()
                    self.nightly.look()
                    self.sweep()
            except redis.RedisError as error:
                log.warning("scheduler.store_unreachable", error=type(error).__name__)
            stop.wait(self.settings.sweep_interval)


def serve(settings: Settings) -> None:
    """Run the scheduler until the process is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Scheduler(settings).run(stop)
