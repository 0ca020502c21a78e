"""One door to data: a remembered read, and stock with prices of 30 products, beside a bare call.

Reads the house's first tenant in its Odoo; changes nothing.
"""

import time
import xmlrpc.client
from collections.abc import Callable
from typing import Any

from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.memory import ReadMemory
from sidecar.erp.methods import Call, call_of
from sidecar.hub.services import Services
from sidecar.settings import get_settings
from sidecar.tenants.schema import Tenant
from tests.bench.house import row, spread

PRODUCTS = 30
_REMEMBERED, _ASKED = 2000, 30


def main() -> None:
    """The rows of the first tenant."""
    services = Services.build(get_settings(), "cli")
    measure(services, services.tenants.get(services.tenants.accounts()[0]))


def measure(services: Services, tenant: Tenant) -> None:
    """Print the rows."""
    rpc = services.erp(tenant)
    asked = _Counted(rpc)
    agent = services.proxy(tenant)
    ids = agent.erp.product_ids(0, PRODUCTS)
    lines = [{"product_id": number, "quantity": 1} for number in ids]
    calls = [call_of("stock_levels", ids), call_of("price_quotes", lines)]

    agent.product_details(ids)
    one = timed(_REMEMBERED, lambda: agent.product_details(ids[:1]))
    many = timed(_REMEMBERED, lambda: agent.product_details(ids))
    row("remembered read, 1 product", spread(one), "p50 ≤ 1 ms")
    row(f"remembered read, {len(ids)} products", spread(many), "")

    ask = bare_call(services, tenant, calls)
    bare, through = [], []
    asked.times = 0
    for _ in range(_ASKED):  # by turns, so that both have the machine as it is
        bare += timed(1, ask, warm=False)
        through += timed(1, lambda: _fresh(agent).prefetch(calls), warm=False)
    each = asked.times / _ASKED
    row(f"bare xmlrpc.client, {len(ids)} products", spread(bare), "stock and prices")
    row("the same through the proxy", spread(through), f"≤ 1 call: {each:g}")
    asked.undo()


def timed(times: int, work: Callable[[], Any], warm: bool = True) -> list[float]:
    """Seconds of each run; warm: after one that does not count."""
    if warm:
        work()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return taken


def bare_call(services: Services, tenant: Tenant, calls: list[Call]) -> Callable[[], Any]:
    """The same reads by the standard library alone."""
    mcp = tenant.integrations.mcp
    assert mcp is not None
    config = mcp.config
    key = services.credentials.require(tenant.account_id, config.credential_ref, "mcp")
    common = xmlrpc.client.ServerProxy(f"{config.url}/xmlrpc/2/common")
    uid = common.authenticate(config.db, config.username, key, {})
    models = xmlrpc.client.ServerProxy(f"{config.url}/xmlrpc/2/object")
    asked = [{"method": call.method, "arguments": call.arguments} for call in calls]

    def ask() -> Any:
        return models.execute_kw(config.db, uid, key, "ai.facade", "batch", [asked])

    return ask


def _fresh(agent: DataProxyAgent) -> DataProxyAgent:
    """An agent that remembers nothing."""
    return DataProxyAgent(agent.context, agent.erp, None, memory=ReadMemory())


class _Counted:
    """Counts the calls of a client."""

    def __init__(self, rpc: Any):
        self._rpc, self._call = rpc, rpc.call
        self.times = 0
        rpc.call = self._counting

    def _counting(self, *args: Any, **named: Any) -> Any:
        self.times += 1
        return self._call(*args, **named)

    def undo(self) -> None:
        """Leave the client as it was."""
        self._rpc.call = self._call


if __name__ == "__main__":
    main()
