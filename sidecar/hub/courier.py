"""Brings an account's audit and the traces of its turns to its Odoo, as often as it takes.

Where the tenant has no Odoo with our addons, nothing is tried: what was recorded stays, within its
cap, and is due again when the tenant is published anew (`TenantRegistry`) or more is recorded.
"""

import time

import structlog

from sidecar.control import traces
from sidecar.control.audit import BATCH, FINISH, AuditLog
from sidecar.errors import SidecarError, UnknownAccount
from sidecar.hub.services import Services, control_config
from sidecar.store import keys
from sidecar.store.work import Lease

log = structlog.get_logger(__name__)

_WAIT = 30.0  # seconds between two tries of an Odoo that does not take them
_WAIT_WITHOUT_TENANT = 300.0  # enrolled, but not published yet


class AuditCourier:
    """Ships the audit. One per process; safe to share between threads."""

    def __init__(self, services: Services, audit: AuditLog):
        self.services = services
        self.audit = audit
        self._finish = services.store.register_script(FINISH)

    def work(self, lease: Lease) -> None:
        """Ship what the account `lease.item` has to report; what is not taken stays due."""
        account_id = lease.item
        with structlog.contextvars.bound_contextvars(account=account_id):
            try:
                if _put_away(self.services, lease):
                    return
                self._ship(lease, account_id)
            except UnknownAccount:
                self._later(lease, account_id, _WAIT_WITHOUT_TENANT)
            except SidecarError as error:
                log.warning("audit.not_shipped", code=error.code, retry_in=_WAIT)
                self._later(lease, account_id, _WAIT)
            else:
                own = [keys.trail(account_id), keys.trail_rows(account_id)]
                lease.finish_with(self._finish, own, [])

    def _ship(self, lease: Lease, account_id: str) -> None:
        while rows := self.audit.take(account_id):
            control = self.services.control(self.services.tenants.get(account_id))
            lease.check()
            # the account is known by who tells it
            control.audit_rows([{k: v for k, v in r.items() if k != "account"} for r in rows])
            self.audit.shipped(account_id, rows)
            log.info("audit.shipped", rows=len(rows))
            if len(rows) < BATCH:
                return

    def _later(self, lease: Lease, account_id: str, seconds: float) -> None:
        until = time.time() + seconds
        self.audit.wait(account_id, until)
        lease.postpone(until)


class TraceCourier:
    """Ships traces of turns. One per process; safe to share between threads."""

    def __init__(self, services: Services):
        self.services = services
        self.log = traces.TraceLog(services.store)
        self._finish = services.store.register_script(traces.FINISH)

    def work(self, lease: Lease) -> None:
        """Ship the traces of the account `lease.item`; what is not taken stays due."""
        account_id = lease.item
        with structlog.contextvars.bound_contextvars(account=account_id):
            try:
                if _put_away(self.services, lease):
                    return
                self._ship(lease, account_id)
            except UnknownAccount:
                lease.postpone(time.time() + _WAIT_WITHOUT_TENANT)
            except SidecarError as error:
                log.warning("traces.not_shipped", code=error.code, retry_in=_WAIT)
                lease.postpone(time.time() + _WAIT)
            else:
                lease.finish_with(self._finish, [keys.traces(account_id)], [])

    def _ship(self, lease: Lease, account_id: str) -> None:
        while True:
            identities, rows = self.log.take(account_id)
            if rows:
                control = self.services.control(self.services.tenants.get(account_id))
                lease.check()
                control.turn_traces(rows)
                log.info("traces.shipped", rows=len(rows))
            self.log.shipped(account_id, identities)
            if len(identities) < traces.BATCH:
                return


def _put_away(services: Services, lease: Lease) -> bool:
    """Take the account out of the queue where nobody is to be told; whether it was."""
    account_id = lease.item
    published = services.store.get(keys.config(account_id))
    if control_config(services.tenants.get(account_id)) is not None:
        return False
    lease.finish()
    if services.store.get(keys.config(account_id)) != published:  # meanwhile
        lease.queue.mark(account_id)
    return True
