"""Requests as Odoo signs them, for tests of the doors."""

import itertools
import json
import time
from typing import Any

from sidecar.credentials.signing import TO_SIDECAR, canonical, sign

KEY_ID, KEY = "k1", "signing-key-of-the-test"
_COUNT = itertools.count()


def headers(body: bytes, path: str = "/api/v1/process", **changes: Any) -> dict[str, str]:
    """The five headers; `changes`: account, key_id, key, timestamp, nonce, method, direction,
    signature (as it is sent, whatever was signed)."""
    told = {
        "account": "account_1",
        "key_id": KEY_ID,
        "timestamp": str(int(time.time())),
        "nonce": f"nonce-{time.monotonic_ns()}-{next(_COUNT)}",
        "method": "POST",
        "direction": TO_SIDECAR,
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


def envelope(
    action: str, params: dict[str, Any] | None = None, job_id: str | None = None, **metadata: Any
) -> bytes:
    """The body of `POST /api/v1/process`."""
    told = {"source": "odoo", "account_id": "account_1", "action": action, "job_id": job_id}
    return json.dumps({"metadata": told | metadata, "params": params or {}}).encode()
