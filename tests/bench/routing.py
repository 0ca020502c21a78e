"""From a webhook's URL token to tenant, channel and crew, among 1,000 tenants."""

import hashlib
import random
import time

from sidecar.hub.routing import Router
from sidecar.settings import get_settings
from sidecar.store import keys
from sidecar.store.connection import connect
from sidecar.tenants.files import TenantFiles
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import parse_tenant
from tests.bench.house import row, spread
from tests.documents import tenant_document

_TENANTS, _CHANNELS, _DECISIONS = 1000, 3, 3000
_DATABASE = 9  # of the tests' Redis, used by nothing else


def main() -> None:
    """Publish the tenants in a database of their own, then decide at random."""
    settings = get_settings()
    url = settings.state_url.get_secret_value().rpartition("/")[0] + f"/{_DATABASE}"
    store = connect(url)
    store.flushdb()
    try:
        registry = TenantRegistry(store, TenantFiles(settings.config_dir))
        for number in range(1, _TENANTS + 1):
            registry.publish(parse_tenant(_document(number)))
        router, chosen, taken = Router(registry), random.Random(7), []
        for _ in range(_DECISIONS):
            number, channel = chosen.randint(1, _TENANTS), chosen.randint(1, _CHANNELS)
            started = time.perf_counter()
            decision = router.decide(_digest(number, channel), channel, "+5511900000000")
            taken.append(time.perf_counter() - started)
            assert decision.tenant.account_id == f"account_{number}"
        assert store.scard(keys.ACCOUNTS) == _TENANTS
        row(f"routing among {_TENANTS} tenants", spread(taken), "p50 < 1 ms")
    finally:
        store.flushdb()


def _digest(number: int, channel: int) -> str:
    return hashlib.sha256(f"token {number} {channel}".encode()).hexdigest()


def _document(number: int) -> dict:
    document = tenant_document(f"account_{number}", company_id=number)
    (first,) = document["integrations"]["chatwoot"]["channels"]
    document["integrations"]["chatwoot"]["channels"] = [
        first
        | {
            "id": number * 10 + channel,
            "account_id": number,
            "inbox_id": channel,
            "hooks": [
                first["hooks"][0]
                | {"id": number * 10 + channel, "token_sha256": _digest(number, channel)}
            ],
        }
        for channel in range(1, _CHANNELS + 1)
    ]
    return document
