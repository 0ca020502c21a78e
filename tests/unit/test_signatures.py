"""The signature between Odoo and the sidecar, its one uniform refusal, and replay."""

import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from sidecar.app import create_app
from sidecar.credentials.signing import SigningKey, canonical, sign
from sidecar.settings import Settings
from sidecar.web.state import WebState
from tests.documents import tenant_document

KEY = "signing-key-of-the-test"


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    app = create_app(settings)
    here: WebState = app.extensions["sidecar"]
    here.credentials.signing.reset("account_1", SigningKey("k1", KEY))
    here.tenants.apply(tenant_document())
    return app.test_client()


def headers(body: bytes, path: str = "/api/v1/process", **changes: Any) -> dict[str, str]:
    told = {
        "account": "account_1",
        "key_id": "k1",
        "timestamp": str(int(time.time())),
        "nonce": f"nonce-{time.monotonic_ns()}-0123",
        "method": "POST",
        "direction": "odoo>sidecar",
        "key": KEY,
        **changes,
    }
    message = canonical(
        told["direction"], told["account"], told["key_id"], told["timestamp"], told["nonce"],
        told["method"], path, body,
    )  # fmt: skip
    return {
        "X-AI-Account": told["account"],
        "X-AI-Key-Id": told["key_id"],
        "X-AI-Timestamp": told["timestamp"],
        "X-AI-Nonce": told["nonce"],
        "X-AI-Signature": told.get("signature") or sign(told["key"], message),
    }


def envelope(action: str = "generate_description", job_id: str | None = "job-00000001") -> bytes:
    metadata = {"source": "odoo", "account_id": "account_1", "action": action, "job_id": job_id}
    return json.dumps({"metadata": metadata, "params": {"product_id": 5}}).encode()


def test_a_right_signature_is_accepted_and_the_job_is_stored(client: FlaskClient) -> None:
    body = envelope()
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert answer.status_code == 202
    assert answer.json["data"] == {"job_id": "job-00000001", "state": "queued"}


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
        {"nonce": "short"},
        {"direction": "sidecar>odoo"},
        {"method": "GET"},
        {"signature": "v1=00"},
        {"signature": "v2"},
    ],
)
def test_whatever_is_wrong_the_refusal_is_the_same(
    client: FlaskClient, changes: dict[str, str]
) -> None:
    body = envelope()
    try:
        told = headers(body, **changes)
        answer = client.post("/api/v1/process", data=body, headers=told)
    except UnicodeEncodeError:
        pytest.fail("a header that cannot be sent proves nothing")
    assert answer.status_code == 401
    assert answer.json["error"] == {
        "code": "unauthorized",
        "message": "The request is not authenticated.",
        "details": {},
    }


def test_a_nonce_is_accepted_once(client: FlaskClient) -> None:
    body = envelope()
    told = headers(body)
    assert client.post("/api/v1/process", data=body, headers=told).status_code == 202
    assert client.post("/api/v1/process", data=body, headers=told).status_code == 401


def test_a_changed_body_or_path_is_refused(client: FlaskClient) -> None:
    body = envelope()
    assert (
        client.post("/api/v1/process", data=body + b" ", headers=headers(body)).status_code == 401
    )
    other = headers(body, path="/api/v1/other")
    assert client.post("/api/v1/process", data=body, headers=other).status_code == 401


def test_the_same_job_id_spends_nothing_twice(client: FlaskClient) -> None:
    body = envelope()
    for _ in range(2):
        answer = client.post("/api/v1/process", data=body, headers=headers(body))
        assert answer.status_code == 202
    other = envelope(action="sync_products")
    answer = client.post("/api/v1/process", data=other, headers=headers(other))
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "conflict")


def test_the_signer_is_the_account_and_the_body_cannot_say_otherwise(client: FlaskClient) -> None:
    body = envelope().replace(b'"account_1"', b'"account_2"')
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[" * 100_000, 400),
        (b"{}", 400),
        (envelope(action="unknown"), 422),
        (envelope(job_id="../x"), 400),
        (envelope(job_id=None), 400),
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
    body = envelope()
    answer = client.post("/api/v1/process", data=body, headers=headers(body))
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "crew_disabled")
    assert "product_management" in answer.json["error"]["message"]
