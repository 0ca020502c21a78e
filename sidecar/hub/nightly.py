"""The nightly comparison of ERP and index, for tenants whose Odoo does not ask for it.

Where our addons are, Odoo's own cron asks each night. A tree that was written by hand has no
control Odoo: its ERP is only read, and nobody would notice what a lost message left behind.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog

from sidecar.errors import SidecarError
from sidecar.hub.jobs import JobStore
from sidecar.hub.routing import PRODUCT_MANAGEMENT, require_enabled
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

ACTION = "reconcile_products"
_HOURS = range(3, 6)  # by the tenant's clock
_EVERY = 60.0


class NightlyComparison:
    """Starts one comparison a night for each such tenant, however many schedulers ask."""

    def __init__(
        self,
        jobs: JobStore,
        tenants: TenantRegistry,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._jobs = jobs
        self._tenants = tenants
        self._clock = clock
        self._looked: float | None = None

    def look(self) -> None:
        """`start`, at most once a minute."""
        now = time.monotonic()
        if self._looked is None or now - self._looked >= _EVERY:
            self._looked = now
            self.start()

    def start(self) -> list[str]:
        """Accounts whose comparison of this night is due or was; it is asked for once.

        A tenant that cannot be read is the registry's to report. Raises redis errors.
        """
        started = []
        for account_id in self._tenants.accounts():
            try:
                tenant = self._tenants.get(account_id)
                if not _needs_it(tenant):
                    continue
                local = self._clock().astimezone(ZoneInfo(tenant.timezone))
                if local.hour not in _HOURS:
                    continue
                require_enabled(tenant, PRODUCT_MANAGEMENT)
                # the same id all night: a second one is the first one
                self._jobs.ask(account_id, ACTION, f"nightly-{local:%Y%m%d}-{account_id}")
            except SidecarError as error:
                log.debug("nightly.not_started", account=account_id, code=error.code)
            else:
                started.append(account_id)
        return started


def _needs_it(tenant: Tenant) -> bool:
    return tenant.integrations.control is None and tenant.integrations.mcp is not None
