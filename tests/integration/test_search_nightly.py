"""Trees without a control Odoo are compared with their ERP at night, by the scheduler."""

from datetime import UTC, datetime, timedelta

import pytest

from sidecar.hub.hub import Hub
from sidecar.hub.jobs import JobStore, job_queue
from sidecar.hub.nightly import NightlyComparison
from sidecar.hub.runner import JobRunner
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.tasks.scheduler import Scheduler
from sidecar.tenants.registry import TenantRegistry
from tests.documents import tenant_document

# half past three in São Paulo, and half past twelve
NIGHT = datetime(2026, 11, 25, 6, 30, tzinfo=UTC)
DAY = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime):
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def registry(settings: Settings) -> TenantRegistry:
    registry = TenantRegistry.from_settings(settings)
    registry.apply(tenant_document())
    return registry


def nightly(settings: Settings, registry: TenantRegistry, now: datetime) -> NightlyComparison:
    return NightlyComparison(JobStore(registry.store, settings), registry, Clock(now))


def jobs(registry: TenantRegistry) -> list[str]:
    return sorted(registry.store.zrange(keys.due("jobs"), 0, -1))


def test_each_night_once_however_often_and_by_whom_it_is_asked(settings, registry):
    for _ in range(3):
        assert nightly(settings, registry, NIGHT).start() == ["account_1"]
    assert jobs(registry) == ["account_1|nightly-20261125-account_1"]
    nightly(settings, registry, NIGHT + timedelta(hours=1)).start()
    assert len(jobs(registry)) == 1
    nightly(settings, registry, NIGHT + timedelta(days=1)).start()
    assert len(jobs(registry)) == 2


def test_not_by_day(settings, registry):
    assert nightly(settings, registry, DAY).start() == []
    assert jobs(registry) == []


def test_the_tenants_clock_counts(settings, registry):
    registry.apply(tenant_document(version=2, timezone="Asia/Tokyo"))
    assert nightly(settings, registry, NIGHT).start() == []  # half past three in the afternoon
    assert nightly(settings, registry, DAY + timedelta(hours=3)).start() == ["account_1"]


def test_where_odoo_asks_itself_the_scheduler_does_not(settings, registry):
    document = tenant_document(version=2)
    document["integrations"]["control"] = document["integrations"]["mcp"]
    registry.apply(document)
    assert nightly(settings, registry, NIGHT).start() == []


def test_a_crew_that_is_switched_off_is_not_asked(settings, registry):
    crews = {"product_management": {"enabled": False}, "customer_service": {"enabled": True}}
    registry.apply(tenant_document(version=2, crews=crews))
    assert nightly(settings, registry, NIGHT).start() == []


def test_it_looks_once_a_minute(settings, registry):
    clock = Clock(NIGHT)
    asked = NightlyComparison(JobStore(registry.store, settings), registry, clock)
    asked.look()
    clock.now += timedelta(days=1)
    asked.look()
    assert len(jobs(registry)) == 1


def test_its_end_is_told_to_nobody(settings, registry):
    """There is no Odoo that would take it: the job ends, also where the ERP is away."""
    settings = settings.model_copy(update={"job_attempts": 1})
    (account,) = nightly(settings, registry, NIGHT).start()
    store = JobStore(registry.store, settings)
    runner = JobRunner(Hub(Services.build(settings)), store)
    queue = job_queue(registry.store, settings)
    (item,) = jobs(registry)
    with queue.acquire(item) as lease:
        runner.work(lease)
    assert store.get(account, item.partition("|")[2]).state == "failed"
    assert jobs(registry) == []


def test_the_scheduler_looks(settings, registry, monkeypatch):
    scheduler = Scheduler(settings)
    scheduler.nightly._clock = Clock(NIGHT)
    scheduler.nightly.look()
    assert jobs(registry) == ["account_1|nightly-20261125-account_1"]
