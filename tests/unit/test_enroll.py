"""Enrollment: a one-time token binds an account to one database and exchanges keys."""

import hashlib
import json
from typing import Any

import hypothesis
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from sidecar.app import create_app
from sidecar.commands import enroll
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.documents import tenant_document


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


@pytest.fixture
def secret(settings: Settings, capsys: pytest.CaptureFixture[str]) -> str:
    enroll.run(settings, "account_1")
    url, _, secret = capsys.readouterr().out.strip().partition("#")
    assert url == settings.url_of_web()
    return secret


def body(uuid: str = "11111111-aaaa", **config: Any) -> dict[str, Any]:
    return {
        "account_id": "account_1",
        "database_uuid": uuid,
        "odoo": {"url": "http://127.0.0.1:1", "db": "d", "login": "bot", "api_key": "k" * 20},
        "config": tenant_document(**config),
        "secrets": {"bot_token": "planted-secret"},
    }


def post(client: FlaskClient, secret: str, content: dict[str, Any]) -> Any:
    return client.post(
        "/api/v1/enroll",
        data=json.dumps(content),
        headers={"Authorization": f"Bearer {secret}"},
    )


def test_enrollment_gives_a_key_and_publishes_the_tenant(
    client: FlaskClient, secret: str, settings: Settings
) -> None:
    answer = post(client, secret, body())
    assert answer.status_code == 200
    here: WebState = client.application.extensions["sidecar"]
    data = answer.json["data"]
    key = here.credentials.signing.current("account_1")
    assert (key.id, key.value) == (data["key_id"], data["signing_key"])
    assert here.credentials.resolve("account_1", "odoo_api_key") == "k" * 20
    assert here.tenants.get("account_1").name == "Casa Teste"
    written = settings.config_dir / "domains" / "furniture" / "account_1" / "config.yaml"
    assert "Casa Teste" in written.read_text()


def test_no_secret_stands_in_clear_text_in_yaml_or_redis(
    client: FlaskClient, secret: str, settings: Settings
) -> None:
    answer = post(client, secret, body())
    planted = ["planted-secret", "k" * 20, answer.json["data"]["signing_key"]]
    here: WebState = client.application.extensions["sidecar"]
    kept = "".join(p.read_text() for p in settings.config_dir.rglob("*.yaml"))
    for key in here.store.scan_iter():
        kept += key + repr(here.store.dump(key))
        if here.store.type(key) == "hash":
            kept += repr(here.store.hgetall(key))
    assert kept
    assert not [value for value in planted if value in kept]


def test_a_token_works_once(client: FlaskClient, secret: str) -> None:
    assert post(client, secret, body()).status_code == 200
    assert post(client, secret, body()).status_code == 401
    assert post(client, "guess", body()).status_code == 401


def test_a_token_for_one_account_enrolls_no_other(client: FlaskClient, secret: str) -> None:
    content = body() | {"account_id": "account_2", "config": tenant_document("account_2")}
    assert post(client, secret, content).status_code == 403


def test_a_second_database_cannot_take_an_account(
    client: FlaskClient, secret: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert post(client, secret, body()).status_code == 200
    enroll.run(settings, "account_1")
    again = capsys.readouterr().out.strip().partition("#")[2]
    assert post(client, again, body(uuid="22222222-bbbb")).status_code == 409
    assert post(client, again, body()).status_code == 200  # the rightful one may come again


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"domain": "../../etc"}, "domain"),
        ({"language": "klingon!"}, "language"),
        ({"company_id": 0}, "company_id"),
    ],
)
def test_an_invalid_document_names_its_field_and_spends_nothing(
    client: FlaskClient, secret: str, change: dict[str, Any], field: str
) -> None:
    answer = post(client, secret, body(**change))
    assert answer.status_code == 422
    assert answer.json["error"]["details"]["field"] == field
    here: WebState = client.application.extensions["sidecar"]
    assert here.store.get(keys.binding("account_1")) is None
    assert post(client, secret, body()).status_code == 200


def test_enrolling_again_replaces_keys_secrets_and_version(
    client: FlaskClient, secret: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first = post(client, secret, body(version=9)).json["data"]
    here: WebState = client.application.extensions["sidecar"]
    enroll.run(settings, None)
    again = capsys.readouterr().out.strip().partition("#")[2]
    content = body(version=1) | {"secrets": {"other": "value"}}
    second = post(client, again, content).json["data"]
    assert first["key_id"] != second["key_id"]
    assert here.credentials.signing.accepted("account_1", first["key_id"]) is None
    assert here.credentials.resolve("account_1", "bot_token") is None
    assert here.credentials.resolve("account_1", "other") == "value"
    assert here.tenants.get("account_1").version == 1


def test_each_refusal_is_reported_to_whom_it_concerns(
    client: FlaskClient, secret: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    here: WebState = client.application.extensions["sidecar"]
    post(client, "guess", body())
    (row,) = here.audit.unknown()
    assert (row["operation"], row["code"]) == ("enroll", "unknown_token")
    assert post(client, secret, body()).status_code == 200
    enroll.run(settings, "account_1")
    again = capsys.readouterr().out.strip().partition("#")[2]
    assert post(client, again, body(uuid="22222222-bbbb")).status_code == 409
    rows = here.audit.take("account_1")
    assert [(r["result"], r["code"], r["subject"]) for r in rows] == [
        ("ok", "", "11111111-aaaa"),
        ("refused", "conflict", "22222222-bbbb"),
    ]
    assert not [value for value in (secret, again, "k" * 20) if value in json.dumps(rows)]


odd = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.text())
changed = st.dictionaries(st.sampled_from(sorted(body())), odd | st.dictionaries(st.text(), odd))


@given(changes=changed)
@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_body_is_too_odd_to_be_refused(client: FlaskClient, changes: dict[str, Any]) -> None:
    here: WebState = client.application.extensions["sidecar"]
    token = keys.enrollment(hashlib.sha256(b"guess").hexdigest())
    here.store.set(token, "*", ex=60)
    answer = post(client, "guess", body() | changes)
    assert answer.status_code in (200, 400, 403, 409, 422), answer.json
    if answer.status_code != 200:
        assert here.store.exists(token)  # a mistake costs no token


@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer ", "Basic x", "Bearer \xe9", "x" * 9000])
def test_a_malformed_token_is_the_same_refusal(client: FlaskClient, bearer: str) -> None:
    answer = client.post("/api/v1/enroll", data=b"{}", headers={"Authorization": bearer})
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")


def test_what_another_tenant_has_is_refused_and_spends_nothing(
    client: FlaskClient, secret: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert post(client, secret, body()).status_code == 200
    enroll.run(settings, "account_2")
    token = capsys.readouterr().out.strip().partition("#")[2]
    config = tenant_document("account_2")  # with the first one's webhook address
    content = body(uuid="22222222-bbbb") | {"account_id": "account_2", "config": config}
    answer = post(client, token, content)
    assert answer.status_code in (409, 422)
    here: WebState = client.application.extensions["sidecar"]
    assert here.store.get(keys.binding("account_2")) is None
    assert here.credentials.pushed("account_2") == {}
    assert here.credentials.signing.current("account_2") is None
    config["integrations"]["chatwoot"]["channels"] = []
    assert post(client, token, content).status_code == 200
