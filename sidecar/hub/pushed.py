"""Brings products that an ERP has sent into the tenant's index: one run for a burst of changes."""

import time

import redis
import structlog

from sidecar.erp.generic.store import FINISH, PUSHED, PushedRecords
from sidecar.errors import SidecarError, UnknownAccount
from sidecar.hub.products import ProductDesk
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import Lease, WorkQueue
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

_BATCH = 500
_WAIT = 30.0  # seconds between two tries
_WAIT_WITHOUT_TENANT = 300.0


class PushedProducts:
    """One per process; safe to share between threads."""

    def __init__(self, services: Services):
        self.services = services
        self._finish = services.store.register_script(FINISH)

    def work(self, lease: Lease) -> None:
        """Index what the account `lease.item` was sent; what fails stays due."""
        account_id = lease.item
        records = PushedRecords.of(self.services.settings, account_id)
        with structlog.contextvars.bound_contextvars(account=account_id):
            try:
                self._index(lease, records, self.services.tenants.get(account_id))
            except UnknownAccount:
                lease.postpone(time.time() + _WAIT_WITHOUT_TENANT)
            except SidecarError as error:
                log.warning("pushed.not_indexed", code=error.code, retry_in=_WAIT)
                lease.postpone(time.time() + _WAIT)
            else:
                changed = keys.pushed(account_id, "products", "changed")
                lease.finish_with(self._finish, [changed], [])

    def _index(self, lease: Lease, records: PushedRecords, tenant: Tenant) -> None:
        while (changed := records.changed(_BATCH)).seen:
            # our numbers mean nothing in the index of another ERP's products
            if isinstance(tenant.integrations.mcp, PushingErp):
                report = ProductDesk(self.services, tenant).sync({"product_ids": changed.numbers})
                told = {name: report[name] for name in ("upserted", "deleted", "unchanged")}
                log.info("pushed.indexed", **told)
            lease.check()
            records.indexed(changed)


def pushed_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of accounts whose products changed."""
    return WorkQueue(store, PUSHED, settings.lease_ttl)
