"""Ciphertexts belong to one account and one reference, and keys can be changed."""

import base64

import pytest

from sidecar.credentials.vault import Vault, is_ciphertext
from sidecar.errors import NotConfigured, Unprocessable


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


OLD, NEW = key("o"), key("n")


def test_a_ciphertext_opens_only_where_it_belongs() -> None:
    vault = Vault(OLD)
    sealed = vault.encrypt("account_1", "erp_api_key", "planted-secret")
    assert is_ciphertext(sealed)
    assert "planted" not in sealed
    assert vault.decrypt("account_1", "erp_api_key", sealed) == "planted-secret"
    for account, ref in (("account_2", "erp_api_key"), ("account_1", "other")):
        with pytest.raises(Unprocessable) as refused:
            vault.decrypt(account, ref, sealed)
        assert account in refused.value.message
        assert ref in refused.value.message
    changed = sealed[:-6] + ("AAAAA=" if sealed[-6:] != "AAAAA=" else "BBBBB=")
    with pytest.raises(Unprocessable):
        vault.decrypt("account_1", "erp_api_key", changed)


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    sealed = Vault(OLD).encrypt("account_1", "ref", "value")
    both = Vault(f"{NEW},{OLD}")
    assert both.decrypt("account_1", "ref", sealed) == "value"
    assert not both.is_current(sealed)
    anew = both.encrypt("account_1", "ref", "value")
    assert both.is_current(anew)
    assert Vault(NEW).decrypt("account_1", "ref", anew) == "value"
    with pytest.raises(Unprocessable, match="a key that is not set here"):
        Vault(NEW).decrypt("account_1", "ref", sealed)


@pytest.mark.parametrize("keys", ["short", "é" * 44, base64.b64encode(b"x" * 31).decode(), "a b"])
def test_a_wrong_key_is_named_without_being_shown(keys: str) -> None:
    with pytest.raises(NotConfigured) as refused:
        Vault(keys)
    assert keys not in str(refused.value)


def test_without_a_key_nothing_is_kept() -> None:
    with pytest.raises(NotConfigured, match="CHATWOOTAI_SECRET_KEY"):
        Vault("").encrypt("account_1", "ref", "value")


def test_fingerprints_tell_values_apart_and_need_the_key() -> None:
    vault = Vault(OLD)
    assert vault.fingerprint("a") == vault.fingerprint("a") != vault.fingerprint("b")
    assert Vault(NEW).fingerprint("a") != vault.fingerprint("a")
    assert OLD not in repr(vault)
