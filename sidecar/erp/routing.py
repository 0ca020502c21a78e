"""Which adapter serves a tenant: the one place that reads `integrations.mcp.type`.

`odoo-mcp` is an Odoo: with our addons, or (another database than the control Odoo) perhaps without
them. That is found out at the first read, and believed for a while. `rest-generic` is an ERP that
sends its data.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import ErpAdapter
from sidecar.erp.foreign.adapter import ForeignOdooAdapter
from sidecar.erp.generic.adapter import PushedErpAdapter
from sidecar.erp.generic.callback import ErpCallback
from sidecar.erp.generic.store import PushedRecords
from sidecar.erp.generic.two_way import TwoWayErpAdapter
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.errors import NotConfigured
from sidecar.odoo_rpc import NoSuchMethod, OdooRpc
from sidecar.settings import Settings
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.schema import Tenant

_BELIEVED = 600.0  # seconds


class KnownKinds:
    """Which Odoos have our addons, as they said lately. One per process; safe by threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._ours: dict[tuple[str, str], tuple[float, bool]] = {}

    def is_ours(self, account_id: str, adapter: OdooAdapter) -> bool:
        """Whether that Odoo has our façade. Raises as its ping does."""
        name = (account_id, adapter.origin)
        with self._lock:
            asked_at, ours = self._ours.get(name, (None, False))
        if asked_at is not None and 0 <= self._clock() - asked_at < _BELIEVED:
            return ours
        try:
            adapter.ping()
            ours = True
        except NoSuchMethod:
            ours = False
        with self._lock:
            self._ours[name] = (self._clock(), ours)
        return ours


def adapter_of(
    tenant: Tenant,
    rpc_of: Callable[[Tenant], OdooRpc],
    own: bool,
    kinds: KnownKinds,
    settings: Settings,
    callback_of: Callable[[Tenant], ErpCallback | None],
) -> ErpAdapter:
    """The tenant's ERP. own: it is another database than the control Odoo."""
    mcp = tenant.integrations.mcp
    if mcp is None:
        raise NotConfigured("The tenant has no ERP; connect it from Odoo.")
    if isinstance(mcp, PushingErp):
        records, callback = PushedRecords.of(settings, tenant.account_id), callback_of(tenant)
        if callback is None:
            return PushedErpAdapter(records, tenant.context)
        return TwoWayErpAdapter(records, tenant.context, callback)
    ours = OdooAdapter(rpc_of(tenant), tenant.context)
    if not own:
        return ours
    return EitherOdoo(ours, tenant.context, mcp.config.company_id, kinds)


class EitherOdoo:
    """An Odoo that may have our addons or not; it is asked when something is read."""

    name = "odoo"

    def __init__(
        self, ours: OdooAdapter, context: TenantContext, company_id: int | None, kinds: KnownKinds
    ):
        self._ours = ours
        self._context = context
        self._company_id = company_id
        self._kinds = kinds
        self._found: ErpAdapter | None = None

    @property
    def origin(self) -> str:
        """As OdooAdapter's."""
        return self._ours.origin

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter(), name)

    def _adapter(self) -> ErpAdapter:
        if self._found is None:
            if self._kinds.is_ours(self._context.account_id, self._ours):
                self._found = self._ours
            else:
                self._found = ForeignOdooAdapter(self._ours.rpc, self._context, self._company_id)
        return self._found
