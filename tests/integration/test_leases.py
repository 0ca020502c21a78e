"""Leased secrets: memory only, asked for once, gone when Odoo says so."""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from sidecar.control.audit import AuditLog
from sidecar.credentials.leases import MAX_LEASES, ControlAddress, Leases
from sidecar.credentials.resolver import CredentialResolver
from sidecar.credentials.signing import SigningKey, SigningKeys
from sidecar.errors import Unavailable, UpstreamRefused
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.connection import state_store
from tests.doubles.odoo import OdooDouble
from tests.signing import KEY, KEY_ID

SECRET = "planted-erp-key"


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def odoo() -> Iterator[OdooDouble]:
    with OdooDouble(secrets={"erp_api_key": SECRET}, signing_keys={KEY_ID: KEY}) as double:
        yield double


@pytest.fixture
def resolver(settings: Settings, odoo: OdooDouble, clock: Clock) -> CredentialResolver:
    SigningKeys.from_settings(settings).reset("account_1", SigningKey(KEY_ID, KEY))
    return another_process(settings, odoo, clock)


def another_process(settings: Settings, odoo: OdooDouble, clock: Clock) -> CredentialResolver:
    store = state_store(settings)
    leases = Leases(
        store,
        SigningKeys.from_settings(settings),
        lambda _account: ControlAddress(odoo.url, "control", 2),
        AuditLog(store, "worker").record,
        settings.private_hosts(),
        clock,
    )
    return CredentialResolver.from_settings(settings, leases)


def test_a_value_is_asked_for_once_while_it_lives(
    resolver: CredentialResolver, odoo: OdooDouble, clock: Clock
) -> None:
    for _ in range(3):
        assert resolver.resolve("account_1", "erp_api_key", "mcp") == SECRET
    assert odoo.leases == [{"ref": "erp_api_key", "purpose": "mcp"}]
    clock.now += 301
    odoo.secrets["erp_api_key"] = "renewed"
    assert resolver.resolve("account_1", "erp_api_key") == "renewed"
    assert len(odoo.leases) == 2


def test_many_threads_make_one_request(resolver: CredentialResolver, odoo: OdooDouble) -> None:
    odoo.hold, found = threading.Event(), []
    threads = [
        threading.Thread(target=lambda: found.append(resolver.resolve("account_1", "erp_api_key")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    odoo.hold.set()
    for thread in threads:
        thread.join()
    assert found == [SECRET] * 8
    assert len(odoo.leases) == 1


def test_revoking_and_pushing_end_it_in_every_process(
    settings: Settings, resolver: CredentialResolver, odoo: OdooDouble, clock: Clock
) -> None:
    other = another_process(settings, odoo, clock)
    assert other.resolve("account_1", "erp_api_key") == SECRET
    del odoo.secrets["erp_api_key"]
    assert other.resolve("account_1", "erp_api_key") == SECRET  # nobody said anything yet
    assert resolver.revoke("account_1", ["erp_api_key"]) == 1
    assert other.resolve("account_1", "erp_api_key") is None
    odoo.secrets["erp_api_key"] = "set anew"
    resolver.replace("account_1", {"odoo_api_key": "x" * 20})  # a push
    assert other.resolve("account_1", "erp_api_key") == "set anew"


def test_a_value_that_was_on_its_way_when_it_was_revoked_is_not_kept(
    resolver: CredentialResolver, odoo: OdooDouble
) -> None:
    odoo.hold, found = threading.Event(), []
    thread = threading.Thread(
        target=lambda: found.append(resolver.resolve("account_1", "erp_api_key"))
    )
    thread.start()
    deadline = time.monotonic() + 5
    while not resolver.leases._turns and time.monotonic() < deadline:
        time.sleep(0.01)
    resolver.revoke("account_1", ["erp_api_key"])
    odoo.hold.set()
    thread.join()
    del odoo.secrets["erp_api_key"]
    assert resolver.resolve("account_1", "erp_api_key") is None


def test_while_odoo_is_away_the_last_value_serves_a_day(
    resolver: CredentialResolver, odoo: OdooDouble, clock: Clock
) -> None:
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    lent = clock.now
    odoo.down()
    for hours in (1, 12, 23.9):
        clock.now = lent + hours * 3600
        assert resolver.resolve("account_1", "erp_api_key") == SECRET
    clock.now = lent + 300 + 24 * 3600
    with pytest.raises(Unavailable):
        resolver.resolve("account_1", "erp_api_key")
    clock.now = lent + 301
    with pytest.raises(Unavailable):  # dropped, not only hidden
        resolver.resolve("account_1", "erp_api_key")


def test_a_server_error_is_away_and_asked_again_after_a_pause(
    resolver: CredentialResolver, odoo: OdooDouble, clock: Clock
) -> None:
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    clock.now += 301
    odoo.vault_locked = True
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    odoo.vault_locked = False
    odoo.secrets["erp_api_key"] = "renewed"
    assert resolver.resolve("account_1", "erp_api_key") == SECRET  # within the pause
    clock.now += 16
    assert resolver.resolve("account_1", "erp_api_key") == "renewed"


@pytest.mark.parametrize("refusal", ["forgotten", "signature"])
def test_an_odoo_that_answers_no_ends_it_at_once(
    resolver: CredentialResolver, odoo: OdooDouble, clock: Clock, refusal: str
) -> None:
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    clock.now += 301
    if refusal == "forgotten":
        del odoo.secrets["erp_api_key"]
        assert resolver.resolve("account_1", "erp_api_key") is None
    else:
        odoo.signing_keys.clear()
        with pytest.raises(UpstreamRefused):
            resolver.resolve("account_1", "erp_api_key")
    odoo.down()
    clock.now += 20
    with pytest.raises(Unavailable):  # the old value does not come back
        resolver.resolve("account_1", "erp_api_key")


def test_without_redis_a_value_serves_within_its_lease_only(
    resolver: CredentialResolver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resolver.resolve("account_1", "erp_api_key") == SECRET

    def away(*_args: Any) -> None:
        raise redis.ConnectionError

    for command in ("get", "hget"):
        monkeypatch.setattr(type(resolver.store), command, away)
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    with pytest.raises(redis.RedisError):
        resolver.resolve("account_1", "chatwoot_bot_token_7")
    clock.now += 301
    with pytest.raises(Unavailable):
        resolver.resolve("account_1", "erp_api_key")


def test_what_odoo_pushes_and_what_has_no_odoo_is_never_leased(
    settings: Settings, resolver: CredentialResolver, odoo: OdooDouble
) -> None:
    for ref in ("odoo_api_key", "chatwoot_hook_12", "chatwoot_reading_token_7", "llm_api_key"):
        assert resolver.resolve("account_1", ref) is None
    assert resolver.resolve("account_2", "erp_api_key") is None  # not enrolled: no signing key
    assert odoo.leases == []
    assert odoo.refusals == []


def test_a_captured_request_is_worth_nothing(
    resolver: CredentialResolver, odoo: OdooDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    sent: list[tuple[Any, ...]] = []
    real = requests.Session.request

    def spy(self: Any, method: str, url: str, **options: Any) -> Any:
        sent.append((url, options["headers"], options["data"]))
        return real(self, method, url, **options)

    monkeypatch.setattr(requests.Session, "request", spy)
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    monkeypatch.undo()
    url, told, data = sent[0]
    assert requests.post(url, data=data, headers=told, timeout=5).status_code == 401
    fresh = {**told, "X-AI-Nonce": "another-nonce-of-mine"}
    assert requests.post(url, data=data, headers=fresh, timeout=5).status_code == 401
    other = data.replace(b"erp_api_key", b"another_key")
    assert requests.post(url, data=other, headers=told, timeout=5).status_code == 401
    assert odoo.refusals == ["nonce", "signature", "signature"]


def test_an_answer_that_is_not_as_agreed_is_no_secret(
    resolver: CredentialResolver, odoo: OdooDouble
) -> None:
    odoo.expires_in = -1
    with pytest.raises(Exception, match="not as agreed"):
        resolver.resolve("account_1", "erp_api_key")


def test_it_is_held_in_memory_only_and_never_shown(
    settings: Settings,
    resolver: CredentialResolver,
    odoo: OdooDouble,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    assert resolver.resolve("account_1", "erp_api_key") == SECRET
    store = state_store(settings)
    raw = redis.Redis.from_url(settings.state_url.get_secret_value())
    for key in raw.scan_iter():
        assert SECRET.encode() not in raw.dump(key)
    shown = repr(resolver.leases) + repr(list(resolver.leases._held.values()))
    assert SECRET not in shown + caplog.text + "".join(capfd.readouterr())
    (row,) = AuditLog(store, "worker").unknown()  # the account is not published in this test
    assert (row["operation"], row["subject"], row["result"]) == ("lease", "erp_api_key", "ok")


def test_the_memory_has_a_size(resolver: CredentialResolver, odoo: OdooDouble) -> None:
    leases = resolver.leases
    for number in range(MAX_LEASES + 50):
        leases._keep(("account_1", f"ref_{number}"), leases._lent("r", "0", _answer(404)))
    assert len(leases._held) == MAX_LEASES
    assert not leases._turns


def test_a_private_address_is_not_asked(settings: Settings, odoo: OdooDouble, clock: Clock) -> None:
    SigningKeys.from_settings(settings).reset("account_1", SigningKey(KEY_ID, KEY))
    strict = settings.model_copy(update={"allow_private_urls": "10.0.0.1"})
    with pytest.raises(Unavailable):
        another_process(strict, odoo, clock).resolve("account_1", "erp_api_key")
    assert odoo.leases == []


def test_the_epoch_is_only_ever_raised(settings: Settings, resolver: CredentialResolver) -> None:
    resolver.replace("account_1", {})
    resolver.revoke("account_1", [])
    assert resolver.store.get(keys.lease_epoch("account_1")) == "2"


def _answer(status: int) -> Any:
    from sidecar.outbound.session import Response

    return Response(status, {}, b"{}")
