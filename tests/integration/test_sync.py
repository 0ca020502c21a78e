"""A push changes document and secrets together, or neither."""

import json
import threading
from typing import Any

import pytest
import requests

from sidecar.credentials.signing import SigningKey
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.signing import KEY, KEY_ID, envelope, headers


@pytest.fixture
def here(web: WebState) -> WebState:
    web.credentials.signing.reset("account_1", SigningKey(KEY_ID, KEY))
    web.tenants.apply(tenant_document())
    web.credentials.replace("account_1", {"kept": "one", "removed": "two"})
    return web


def push(web: WebState, secrets: Any, **document: Any) -> requests.Response:
    body = envelope("sync_config", {"config": tenant_document(**document), "secrets": secrets})
    url = f"{web.settings.url_of_web()}/api/v1/process"
    return requests.post(url, data=body, headers=headers(body), timeout=10)


def values(web: WebState) -> dict[str, str]:
    return {
        ref: web.credentials.require("account_1", ref)
        for ref in web.credentials.pushed("account_1")
    }


def test_the_secrets_of_a_push_are_the_whole_set(here: WebState) -> None:
    answer = push(here, {"kept": "changed", "new": "three", "empty": ""}, version=2)
    assert answer.json()["data"] == {"version": 2}
    assert values(here) == {"kept": "changed", "new": "three"}
    assert push(here, {}, version=3).status_code == 200
    assert values(here) == {}


def test_the_same_version_again_finishes_what_a_crash_left(here: WebState) -> None:
    here.credentials.replace("account_1", {"old": "left by the crash"})
    assert push(here, {"kept": "one"}).json()["data"] == {"version": 1}
    assert values(here) == {"kept": "one"}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"version": 0}, 422),
        ({"version": 2, "language": "klingon!"}, 422),
        ({"version": 2, "domain": "../../etc"}, 422),
        ({"version": 2, "account_id": "account_2"}, 400),
    ],
)
def test_a_push_that_is_refused_changes_nothing(
    here: WebState, settings: Settings, change: dict[str, Any], status: int
) -> None:
    tree = {p: p.read_bytes() for p in settings.config_dir.rglob("*") if p.is_file()}
    assert push(here, {"kept": "stolen"}, **change).status_code == status
    assert values(here) == {"kept": "one", "removed": "two"}
    assert here.tenants.get("account_1").version == 1
    assert {p: p.read_bytes() for p in settings.config_dir.rglob("*") if p.is_file()} == tree


def test_an_old_push_comes_too_late(here: WebState) -> None:
    assert push(here, {"kept": "newest"}, version=5).status_code == 200
    answer = push(here, {"kept": "stale"}, version=4)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert values(here) == {"kept": "newest"}
    assert here.tenants.get("account_1").version == 5


def test_a_crash_between_tree_and_store_leaves_a_pair_that_fits(
    here: WebState, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: Any) -> None:
        raise Killed

    with pytest.raises(Killed):
        here.tenants.apply(tenant_document(version=2), along=die)
    assert here.tenants.get("account_1").version == 1
    assert values(here) == {"kept": "one", "removed": "two"}
    assert push(here, {"kept": "new"}, version=2).status_code == 200  # Odoo repeats it
    assert here.tenants.get("account_1").version == 2
    assert values(here) == {"kept": "new"}


def test_nobody_ever_sees_one_without_the_other(here: WebState) -> None:
    stop, wrong, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            with here.store.pipeline() as pipe:
                pipe.get(keys.config("account_1"))
                pipe.hget(keys.secrets("account_1"), "kept")
                document, sealed = pipe.execute()
            version = json.loads(document)["version"]
            value = here.credentials.vault.decrypt("account_1", "kept", sealed)
            seen.add(version)
            if value != f"of version {version}":
                wrong.append((version, value))

    assert push(here, {"kept": "of version 2"}, version=2).status_code == 200
    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in range(3, 13):
        assert push(here, {"kept": f"of version {version}"}, version=version).status_code == 200
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(seen) > 1


def test_what_is_held_can_be_looked_at_without_secrets(here: WebState) -> None:
    body = envelope("get_config")
    url = f"{here.settings.url_of_web()}/api/v1/process"
    data = requests.post(url, data=body, headers=headers(body), timeout=10).json()["data"]
    assert data["version"] == 1
    assert {"config.yaml", "customer_service_crew.yaml"} <= data["files"].keys()
    assert "bot_token_ref: bot_token" in data["files"]["config.yaml"]


@pytest.mark.parametrize("refs", [None, "kept", [5], ["../x"], ["x"] * 501])
def test_what_cannot_be_revoked_is_named(here: WebState, refs: Any) -> None:
    body = envelope("revoke_secrets", {"refs": refs})
    url = f"{here.settings.url_of_web()}/api/v1/process"
    assert requests.post(url, data=body, headers=headers(body), timeout=10).status_code == 400
    assert values(here) == {"kept": "one", "removed": "two"}


def test_a_revoked_secret_is_gone(here: WebState) -> None:
    body = envelope("revoke_secrets", {"refs": ["removed", "leased_only", "removed"]})
    url = f"{here.settings.url_of_web()}/api/v1/process"
    answer = requests.post(url, data=body, headers=headers(body), timeout=10)
    assert answer.json()["data"] == {"revoked": 2}
    assert values(here) == {"kept": "one"}
