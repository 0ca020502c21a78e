"""A tenant whose embedding model changed gets its index anew: the first search asks for it.

The model is a setting of the house, so no push tells of the change. Until the new index is
complete the former one is searched, by words.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from sidecar.errors import SidecarError
from sidecar.hub.jobs import JobStore
from sidecar.store.connection import RedisError
from sidecar.tenants.registry import TenantRegistry

log = structlog.get_logger(__name__)


class IndexMoves:
    """Asks for a complete sync of products and rules, at most once an hour for each tenant."""

    def __init__(
        self,
        jobs: JobStore,
        tenants: TenantRegistry,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._jobs = jobs
        self._tenants = tenants
        self._clock = clock

    def ask(self, account_id: str) -> None:
        """The scheduler hints at the jobs. A search goes on when they cannot be kept."""
        try:
            tenant = self._tenants.get(account_id)
            actions = ["reconcile_products"] if tenant.integrations.mcp else []
            actions += ["sync_rules"] if tenant.integrations.control else []
            for action in actions:
                # the same id for an hour: a second one is the first one
                job_id = f"moved-{action}-{self._clock():%Y%m%d%H}-{account_id}"
                self._jobs.ask(account_id, action, job_id)
        except (SidecarError, RedisError) as error:
            log.warning("index.not_moved", account=account_id, error=type(error).__name__)
