"""Both kinds of keys change while requests are served, and no call fails."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from sidecar.commands import credentials as command
from sidecar.control.audit import AuditLog
from sidecar.credentials.resolver import CredentialResolver
from sidecar.credentials.rotation import encrypt_anew
from sidecar.credentials.signing import SigningKey
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.signing import KEY, KEY_ID, envelope, headers

OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"k", b"n"))


class Odoo:
    """The keys Odoo holds; it signs with its newest."""

    def __init__(self, web: WebState):
        self.web = web
        self.key = (KEY_ID, KEY)

    def send(self, action: str, params: Any = None, key: Any = None, **more: Any) -> Any:
        key_id, value = key or self.key
        body = envelope(action, params, **more)
        told = headers(body, key_id=key_id, key=value)
        url = f"{self.web.settings.url_of_web()}/api/v1/process"
        return requests.post(url, data=body, headers=told, timeout=10)

    def rotated(self) -> tuple[str, str]:
        """The pending key that a rotation gives."""
        answer = self.send("rotate_signing_key")
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        return data["key_id"], data["signing_key"]


@pytest.fixture
def odoo(web: WebState) -> Odoo:
    web.credentials.signing.reset("account_1", SigningKey(KEY_ID, KEY))
    web.tenants.apply(tenant_document())
    return Odoo(web)


@contextmanager
def traffic(call: Callable[[], Any], threads: int = 4) -> Iterator[list[Any]]:
    """Threads that call all the while; what they saw that was not right."""
    stop, wrong, count = threading.Event(), [], [0]

    def run() -> None:
        while not stop.is_set():
            try:
                problem = call()
            except Exception as error:  # noqa: BLE001 - any failure is what is looked for
                problem = repr(error)
            count[0] += 1
            if problem:
                wrong.append(problem)

    started = [threading.Thread(target=run) for _ in range(threads)]
    for thread in started:
        thread.start()
    try:
        yield wrong
        before, deadline = count[0], time.monotonic() + 10
        while count[0] < before + 3 * threads and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        stop.set()
        for thread in started:
            thread.join()
    assert count[0] > threads


def test_a_pending_key_is_given_again_until_it_is_used(odoo: Odoo) -> None:
    pending = odoo.rotated()
    assert odoo.rotated() == pending  # the first answer was lost
    signing = odoo.web.credentials.signing
    assert signing.current("account_1").id == KEY_ID  # Odoo has not shown that it holds it
    assert odoo.send("get_config", key=pending).status_code == 200
    assert signing.current("account_1").id == pending[0]
    assert odoo.send("get_config").status_code == 200  # the former one, within its overlap
    odoo.key = pending
    assert odoo.rotated() not in (pending, (KEY_ID, KEY))


def test_rotations_at_the_same_moment_give_one_key(odoo: Odoo) -> None:
    found: list[tuple[str, str]] = []
    threads = [threading.Thread(target=lambda: found.append(odoo.rotated())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_refused_request_promotes_nothing(odoo: Odoo) -> None:
    key_id, _ = odoo.rotated()
    assert odoo.send("get_config", key=(key_id, "another")).status_code == 401
    assert odoo.web.credentials.signing.current("account_1").id == KEY_ID


def test_a_former_key_ends_after_its_overlap(odoo: Odoo, settings: Settings) -> None:
    pending = odoo.rotated()
    signing = odoo.web.credentials.signing
    signing.overlap = 0
    assert odoo.send("get_config", key=pending).status_code == 200
    assert odoo.send("get_config").status_code == 401
    odoo.key = pending
    another = odoo.rotated()
    assert odoo.send("get_config", key=another).status_code == 200
    kept = signing.store.hkeys(keys.signing("account_1"))
    assert f"key:{KEY_ID}" not in kept  # what ended is not kept for ever


def test_signing_keys_rotate_under_traffic(odoo: Odoo) -> None:
    def call() -> str:
        answer = odoo.send("get_config")
        return "" if answer.status_code == 200 else answer.text

    with traffic(call) as wrong:
        for _ in range(5):
            key = odoo.rotated()
            assert odoo.send("get_config", key=key).status_code == 200
            odoo.key = key
    assert wrong == []


def test_the_stores_key_rotates_under_traffic(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    old = CredentialResolver.from_settings(settings)
    values = {f"ref_{number}": f"planted-{number}" for number in range(30)}
    for account in ("account_1", "account_2"):
        old.replace(account, values)
        old.signing.reset(account, SigningKey(KEY_ID, KEY))
    old.file.set("account_3", "erp_api_key", "planted-file")
    both = settings.model_copy(update={"secret_key": _secret(f"{NEW},{OLD}")})
    resolver = CredentialResolver.from_settings(both)

    def call() -> str:
        seen = {ref: resolver.require("account_1", ref) for ref in values}
        resolver.replace("account_2", values)  # a push, meanwhile
        key = resolver.signing.current("account_1")
        return "" if seen == values and key.value == KEY else "a wrong value"

    old.store.set(keys.binding("account_1"), "a database")  # so that its audit is kept
    with traffic(call, 3) as wrong:
        assert command.run(both, "rotate") == 0
    assert wrong == []
    (row,) = AuditLog(old.store, "cli").take("account_1")
    assert (row["operation"], row["subject"]) == ("rotate", "31 secrets encrypted anew")
    steps = encrypt_anew(resolver)
    next(steps)
    steps.close()  # interrupted, and run again
    assert command.run(both, "rotate") == 0
    capsys.readouterr()
    alone = settings.model_copy(update={"secret_key": _secret(NEW)})
    now = CredentialResolver.from_settings(alone)
    for account in ("account_1", "account_2"):
        assert {ref: now.require(account, ref) for ref in values} == values
        assert now.signing.current(account).value == KEY
    assert now.require("account_3", "erp_api_key") == "planted-file"


def test_what_is_pushed_meanwhile_is_not_overwritten(settings: Settings) -> None:
    names = [f"ref_{number}" for number in range(5)]
    CredentialResolver.from_settings(settings).replace("account_1", dict.fromkeys(names, "old"))
    both = settings.model_copy(update={"secret_key": _secret(f"{NEW},{OLD}")})
    resolver = CredentialResolver.from_settings(both)
    steps = encrypt_anew(resolver)
    assert next(steps).done  # it has read them all by now
    resolver.replace("account_1", dict.fromkeys(names, "pushed"))
    assert not any(step.done for step in steps)
    assert {resolver.require("account_1", name) for name in names} == {"pushed"}


def test_what_no_key_opens_is_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    CredentialResolver.from_settings(settings).replace("account_1", {"ref_x": "planted"})
    alone = settings.model_copy(update={"secret_key": _secret(NEW)})
    assert command.run(alone, "rotate") == 1
    told = capsys.readouterr()
    assert "account_1" in told.err
    assert "ref_x" in told.err
    assert "planted" not in told.err + told.out


def _secret(value: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(value)
