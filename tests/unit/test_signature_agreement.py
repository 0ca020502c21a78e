"""Odoo's and the sidecar's signatures are written twice, on purpose; here they meet."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask, request

from sidecar.credentials.signing import (
    TO_ODOO,
    SigningKey,
    SigningKeys,
    signed_headers,
)
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.web.signatures import verify_odoo

KEY = SigningKey("k1", "chave-de-assinatura-çã")
PATH, BODY = "/ai_system/lease?x=%C3%A7", '{"ref": "ção"}'.encode()


@pytest.fixture(scope="module")
def odoo() -> ModuleType:
    """The addon's engine: plain Python, so it loads without Odoo."""
    path = Path(__file__).parents[2] / "addons/ai_system/signing.py"
    spec = importlib.util.spec_from_file_location("signing_of_odoo", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_odoo_takes_what_the_sidecar_signs(odoo: ModuleType) -> None:
    told = signed_headers(TO_ODOO, "account_1", KEY, "POST", PATH, BODY)
    account, nonce = odoo.verify(told, {KEY.id: KEY.value}, "POST", PATH, BODY)
    assert (account, nonce) == ("account_1", told["X-AI-Nonce"])
    with pytest.raises(odoo.SignatureInvalid):
        odoo.verify(told, {KEY.id: KEY.value}, "POST", PATH, BODY + b" ")
    with pytest.raises(odoo.SignatureInvalid):  # one direction is not the other
        odoo.verify(told, {KEY.id: KEY.value}, "POST", PATH, BODY, direction=odoo.TO_SIDECAR)


def test_the_sidecar_takes_what_odoo_signs(odoo: ModuleType, settings: Settings) -> None:
    signing = SigningKeys.from_settings(settings)
    signing.reset("account_1", KEY)
    told = odoo.sign(KEY.value, KEY.id, "account_1", "POST", PATH, BODY)
    with Flask("test").test_request_context(PATH, method="POST", headers=told, data=BODY):
        assert verify_odoo(request, signing, state_store(settings), settings) == "account_1"
