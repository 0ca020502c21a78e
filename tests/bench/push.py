"""From *Synchronize* in Odoo to the sidecar's workers knowing it."""

import time

from sidecar.settings import get_settings
from sidecar.tenants.registry import TenantRegistry
from tests.bench.house import administrator, row, spread


def main() -> None:
    """Rename the tenant five times and look when a registry of another process sees it."""
    odoo, registry = administrator(), TenantRegistry.from_settings(get_settings())
    (tenant,) = odoo.call("ai.tenant", "search_read", [["account_id", "=", "account_1"]], ["name"])
    taken = []
    try:
        for number in range(5):
            odoo.call("ai.tenant", "write", [tenant["id"]], {"name": f"{tenant['name']} {number}"})
            started = time.monotonic()
            odoo.call("ai.tenant", "action_synchronize", [tenant["id"]])
            while not registry.get("account_1").name.endswith(f" {number}"):
                if time.monotonic() - started > 30:
                    raise SystemExit("bench: the push did not arrive within 30 s")
                time.sleep(0.02)
            taken.append(time.monotonic() - started)
    finally:
        odoo.call("ai.tenant", "write", [tenant["id"]], {"name": tenant["name"]})
        odoo.call("ai.tenant", "action_synchronize", [tenant["id"]])
    row("push to new behavior", spread(taken), "≤ 2 s")
