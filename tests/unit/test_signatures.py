"""The signature between Odoo and the sidecar, its one uniform refusal, and replay."""

import json
import time

import hypothesis
import pytest
import redis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from sidecar.app import create_app
from sidecar.credentials.signing import SigningKey
from sidecar.hub.routing import ROUTES
from sidecar.settings import Settings
from sidecar.web.state import WebState
from tests.documents import tenant_document
from tests.signing import KEY, KEY_ID, envelope, headers


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    app = create_app(settings)
    here: WebState = app.extensions["sidecar"]
    here.credentials.signing.reset("account_1", SigningKey(KEY_ID, KEY))
    here.tenants.apply(tenant_document())
    return app.test_client()


def product_request(
    action: str = "generate_description", job_id: str | None = "job-00000001"
) -> bytes:
    return envelope(action, {"product_id": 5}, job_id)


def test_a_right_signature_is_accepted_and_the_job_is_stored(client: FlaskClient) -> None:
    body = product_request()
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert answer.status_code == 202
    assert answer.json["data"] == {"job_id": "job-00000001", "state": "queued"}


UNIFORM = {
    "code": "unauthorized",
    "message": "The request is not authenticated.",
    "details": {},
}


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "another"},
        {"key_id": "k2"},
        {"account": "account_2"},
        {"account": "../../x"},
        {"timestamp": str(int(time.time()) - 1000)},
        {"timestamp": "soon"},
        {"timestamp": "²"},
        {"timestamp": str(int(time.time()) + 1000)},
        {"timestamp": ""},
        {"timestamp": "9" * 400},
        {"nonce": "short"},
        {"nonce": "x" * 5000},
        {"nonce": "x" * 20 + " "},
        {"account": "é" * 10},
        {"account": "a" * 5000},
        {"account": "account_1, account_1"},
        {"key_id": "k1, k1"},
        {"signature": "v1=\xe9"},
        {"signature": "v1=" + "0" * 5000},
        {"direction": "sidecar>odoo"},
        {"method": "GET"},
        {"signature": "v1=00"},
        {"signature": "v2"},
    ],
)
def test_whatever_is_wrong_the_refusal_is_the_same(
    client: FlaskClient, changes: dict[str, str]
) -> None:
    body = product_request()
    told = headers(body, **changes)
    answer = client.post("/api/v1/process", data=body, headers=told)
    assert answer.status_code == 401
    assert answer.json["error"] == UNIFORM
    here: WebState = client.application.extensions["sidecar"]
    kept = [*here.audit.take("account_1"), *here.audit.unknown()]
    assert [(row["operation"], row["result"]) for row in kept] == [("request", "refused")]


def test_a_nonce_is_accepted_once(client: FlaskClient) -> None:
    body = product_request()
    told = headers(body)
    assert client.post("/api/v1/process", data=body, headers=told).status_code == 202
    assert client.post("/api/v1/process", data=body, headers=told).status_code == 401


def test_a_changed_body_or_path_is_refused(client: FlaskClient) -> None:
    body = product_request()
    assert (
        client.post("/api/v1/process", data=body + b" ", headers=headers(body)).status_code == 401
    )
    other = headers(body, path="/api/v1/other")
    assert client.post("/api/v1/process", data=body, headers=other).status_code == 401


def test_the_same_job_id_spends_nothing_twice(client: FlaskClient) -> None:
    body = product_request()
    for _ in range(2):
        answer = client.post("/api/v1/process", data=body, headers=headers(body))
        assert answer.status_code == 202
    other = product_request(action="sync_products")
    answer = client.post("/api/v1/process", data=other, headers=headers(other))
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")


def test_the_signer_is_the_account_and_the_body_cannot_say_otherwise(client: FlaskClient) -> None:
    body = product_request().replace(b'"account_1"', b'"account_2"')
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[" * 100_000, 400),
        (b"{}", 400),
        (product_request(action="unknown"), 422),
        (product_request(job_id="../x"), 400),
        (product_request(job_id=None), 400),
    ],
)
def test_bad_input_gets_its_own_status(client: FlaskClient, body: bytes, status: int) -> None:
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert answer.status_code == status
    assert answer.json["success"] is False


def test_a_disabled_crew_is_refused_by_name(client: FlaskClient, settings: Settings) -> None:
    here: WebState = client.application.extensions["sidecar"]
    document = tenant_document(version=2, crews={"product_management": {"enabled": False}})
    here.tenants.apply(document)
    body = product_request()
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "crew_disabled")
    assert "product_management" in answer.json["error"]["message"]


def test_a_header_given_twice_is_refused(client: FlaskClient) -> None:
    body = product_request()
    told = headers(body)
    twice = [*told.items(), ("X-AI-Nonce", told["X-AI-Nonce"])]
    answer = client.post("/api/v1/process", data=body, headers=twice)
    assert (answer.status_code, answer.json["error"]) == (401, UNIFORM)


text = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=80)


@given(told=st.dictionaries(st.sampled_from(sorted(headers(b""))), text), body=st.binary())
@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_sent_without_a_key_is_the_one_refusal(
    client: FlaskClient, told: dict[str, str], body: bytes
) -> None:
    answer = client.post("/api/v1/process", data=body, headers=told)
    assert (answer.status_code, answer.json["error"]) == (401, UNIFORM)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
envelopes = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {
                "source": st.just("odoo") | st.text(max_size=9),
                "account_id": st.just("account_1") | st.text(max_size=9),
                "action": st.sampled_from(sorted(action for _, action in ROUTES)),
            },
            optional={"job_id": st.just("job-00000001") | json_values},
        ),
    },
    optional={
        "params": st.fixed_dictionaries(
            {},
            optional={"config": json_values, "secrets": json_values, "refs": json_values},
        )
        | json_values
    },
)


@given(content=envelopes | json_values)
@hypothesis.settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_signed_body_is_too_odd_to_be_answered(client: FlaskClient, content: object) -> None:
    body = json.dumps(content).encode()
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert answer.status_code in (200, 202, 400, 403, 404, 409, 422), answer.json
    assert "request_id" in answer.json


@pytest.mark.parametrize(
    "content",
    [
        {"metadata": {"source": "\ud800", "account_id": "account_1", "action": "get_config"}},
        {"metadata": {"source": "odoo", "account_id": "\ud800", "action": "get_config"}},
        {"metadata": {"source": "odoo", "account_id": "account_1", "action": "\ud800"}},
        {"metadata": {"source": "odoo", "account_id": "account_1", "action": "get_config\ud800"}},
        {
            "metadata": {"source": "odoo", "account_id": "account_1", "action": "revoke_secrets"},
            "params": {"refs": ["\ud800"]},
        },
        {
            "metadata": {"source": "odoo", "account_id": "account_1", "action": "sync_config"},
            "params": {"config": tenant_document(version=2, name="\ud800")},
        },
    ],
)
def test_half_a_character_is_a_clients_mistake(client: FlaskClient, content: object) -> None:
    body = json.dumps(content).encode()
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert 400 <= answer.status_code < 500


def test_a_secret_that_is_no_text_is_named_and_not_kept(client: FlaskClient) -> None:
    for secrets in ({"ref": "\ud800"}, {"bad ref": "x"}, {"ref": "x" * 20_000}, {"ref": 5}, []):
        params = {"config": tenant_document(version=2), "secrets": secrets}
        body = envelope("sync_config", params)
        answer = client.post("/api/v1/process", data=body, headers=headers(body))
        assert answer.status_code == 400, secrets
    here: WebState = client.application.extensions["sidecar"]
    assert here.tenants.get("account_1").version == 1


def test_the_path_is_signed_as_it_stands_on_the_request_line(client: FlaskClient) -> None:
    path = "/api/v1/jobs/job%2D00000001?x=%41"
    told = headers(b"", path, method="GET")
    assert client.get(path, headers=told).status_code == 404  # understood: there is no such job
    told = headers(b"", "/api/v1/jobs/job-00000001?x=A", method="GET")
    assert client.get(path, headers=told).status_code == 401


def test_without_a_place_for_nonces_nothing_is_accepted(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise redis.ConnectionError("planted-detail")

    here: WebState = client.application.extensions["sidecar"]
    body = product_request()
    monkeypatch.setattr(type(here.store), "set", away)
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
    assert "planted" not in answer.text


def test_another_accounts_key_or_job_id_opens_nothing(client: FlaskClient) -> None:
    here: WebState = client.application.extensions["sidecar"]
    here.credentials.signing.reset("account_2", SigningKey("k2", "key of account 2"))
    second = tenant_document("account_2")
    second["integrations"]["chatwoot"]["channels"] = []
    here.tenants.apply(second)
    body = product_request()
    for changes in (
        {"key_id": "k2", "key": "key of account 2"},
        {"key": "key of account 2"},
        {"account": "account_2"},
    ):
        answer = client.post("/api/v1/process", data=body, headers=headers(body, **changes))
        assert (answer.status_code, answer.json["error"]) == (401, UNIFORM)
    own = {"account": "account_2", "key_id": "k2", "key": "key of account 2"}
    answer = client.post("/api/v1/process", data=body, headers=headers(body, **own))
    assert answer.status_code == 403  # the body says account_1
    assert client.post("/api/v1/process", data=body, headers=headers(body)).status_code == 202
    theirs = envelope(
        "generate_description", {"product_id": 5}, "job-00000001", account_id="account_2"
    )
    answer = client.post("/api/v1/process", data=theirs, headers=headers(theirs, **own))
    assert answer.status_code == 409
    path = "/api/v1/jobs/job-00000001"
    answer = client.get(path, headers=headers(b"", path, method="GET", **own))
    assert answer.status_code == 404
