"""Signatures of webhooks: our own vector, and everything that must not verify."""

import hashlib
import hmac

import pytest

from sidecar.chatwoot.signature import is_signed, sign, verify

RAW = '{"content":"pão \\u003c b"}'.encode()
SECRET = "whsec-aurora"
NOW = 1_785_664_800


def test_the_signature_is_hmac_over_timestamp_dot_body():
    headers = sign(RAW, SECRET, NOW)
    wanted = hmac.new(SECRET.encode(), b"1785664800." + RAW, hashlib.sha256).hexdigest()
    assert headers == {
        "X-Chatwoot-Timestamp": "1785664800",
        "X-Chatwoot-Signature": f"sha256={wanted}",
    }
    assert verify(RAW, headers, SECRET, NOW)


def test_header_names_are_read_in_any_case():
    headers = {name.lower(): value for name, value in sign(RAW, SECRET, NOW).items()}
    assert verify(RAW, headers, SECRET, NOW)


@pytest.mark.parametrize(
    ("skew", "valid"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_the_clock_may_be_off_by_five_minutes(skew, valid):
    assert verify(RAW, sign(RAW, SECRET, NOW), SECRET, NOW + skew) is valid


def test_another_body_secret_or_time_does_not_verify():
    good = sign(RAW, SECRET, NOW)
    assert not verify(RAW + b"\n", good, SECRET, NOW)
    assert not verify(RAW, good, "other", NOW)
    assert not verify(RAW, good | {"X-Chatwoot-Timestamp": str(NOW + 1)}, SECRET, NOW)


def test_an_empty_secret_verifies_nothing():
    assert not verify(RAW, sign(RAW, "", NOW), "", NOW)


@pytest.mark.parametrize(
    "timestamp", ["", "abc", "-5", "1e9", "１７８５６６４８００", " 1785664800", "9" * 13, "²"]
)
def test_a_timestamp_that_is_none_does_not_verify(timestamp):
    headers = sign(RAW, SECRET, NOW) | {"X-Chatwoot-Timestamp": timestamp}
    assert not verify(RAW, headers, SECRET, NOW)


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha1=00", "é" * 71, "\udcff", "sha256=" + "0" * 64]
)
def test_a_signature_that_is_none_does_not_verify(signature):
    headers = sign(RAW, SECRET, NOW) | {"X-Chatwoot-Signature": signature}
    assert not verify(RAW, headers, SECRET, NOW)


def test_absent_headers_are_unsigned():
    assert not verify(RAW, {}, SECRET, NOW)
    assert not is_signed({})
    assert is_signed(sign(RAW, SECRET, NOW))
