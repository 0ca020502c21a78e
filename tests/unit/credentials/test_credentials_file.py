"""credentials.yaml: ciphertext, its owner's alone, read again when it changes."""

import base64
import io
import threading
from pathlib import Path

import pytest

from sidecar.commands import credentials as command
from sidecar.credentials.file import CredentialsFile
from sidecar.credentials.resolver import CredentialResolver
from sidecar.credentials.vault import Vault
from sidecar.errors import BadRequest, NotConfigured, NotFound
from sidecar.settings import Settings

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def file(tmp_path: Path) -> CredentialsFile:
    return CredentialsFile(tmp_path, Vault(KEY), "production")


def write(file: CredentialsFile, text: str, mode: int = 0o600) -> None:
    file.path.write_text(text, encoding="utf-8")
    file.path.chmod(mode)


def test_without_a_file_there_are_no_secrets(file: CredentialsFile) -> None:
    assert file.get("account_1", "ref") is None


def test_a_secret_is_kept_as_ciphertext_and_comments_stay(file: CredentialsFile) -> None:
    write(file, "# the shop's\naccount_1:\n  old: v1.00000000.AAAA  # kept by hand\n")
    file.set("account_1", "erp_api_key", "planted-secret")
    file.set("account_2", "erp_api_key", "x" * 4000)
    text = file.path.read_text()
    assert "planted" not in text
    assert "# the shop's" in text
    assert "# kept by hand" in text
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.get("account_1", "erp_api_key") == "planted-secret"
    assert file.get("account_2", "erp_api_key") == "x" * 4000
    assert file.remove("account_2", "erp_api_key")
    assert not file.remove("account_2", "erp_api_key")
    assert file.get("account_2", "erp_api_key") is None


def test_a_value_moved_to_another_account_does_not_open(file: CredentialsFile) -> None:
    file.set("account_1", "ref", "planted-secret")
    write(file, file.path.read_text().replace("account_1", "account_2"))
    with pytest.raises(Exception, match="does not belong there"):
        file.get("account_2", "ref")


def test_plain_text_needs_a_development_house(file: CredentialsFile) -> None:
    write(file, "account_1:\n  ref: planted-secret\n")
    with pytest.raises(NotConfigured) as refused:
        file.get("account_1", "ref")
    assert "sidecar credentials set account_1 ref" in refused.value.message
    assert "planted" not in refused.value.message
    developing = CredentialsFile(file.path.parent, Vault(KEY), "development")
    assert developing.get("account_1", "ref") == "planted-secret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(file: CredentialsFile, mode: int) -> None:
    file.set("account_1", "ref", "value")
    assert file.get("account_1", "ref") == "value"
    file.path.chmod(mode)
    with pytest.raises(NotConfigured, match="chmod 600"):
        file.get("account_1", "ref")
    with pytest.raises(NotConfigured, match="chmod 600"):
        file.set("account_1", "ref", "other")


def test_a_link_to_another_file_is_refused(file: CredentialsFile, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.write_text("account_1:\n  ref: x\n")
    other.chmod(0o600)
    file.path.symlink_to(other)
    with pytest.raises(NotConfigured):
        file.get("account_1", "ref")


def test_a_change_counts_at_once_and_half_a_file_leaves_the_last_one(
    file: CredentialsFile,
) -> None:
    file.set("account_1", "ref", "one")
    assert file.get("account_1", "ref") == "one"
    other = CredentialsFile(file.path.parent, Vault(KEY), "production")
    other.set("account_1", "ref", "two")
    assert file.get("account_1", "ref") == "two"
    write(file, "account_1: {ref: [")
    assert file.get("account_1", "ref") == "two"
    fresh = CredentialsFile(file.path.parent, Vault(KEY), "production")
    with pytest.raises(NotConfigured, match="not valid YAML"):
        fresh.get("account_1", "ref")


def test_two_writers_lose_nothing(file: CredentialsFile) -> None:
    def write_some(start: int) -> None:
        own = CredentialsFile(file.path.parent, Vault(KEY), "production")
        for number in range(start, start + 10):
            own.set("account_1", f"ref_{number}", str(number))

    threads = [threading.Thread(target=write_some, args=(n,)) for n in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [file.get("account_1", f"ref_{n}") for n in range(30)] == [str(n) for n in range(30)]


def test_the_command_keeps_lists_and_removes_without_showing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("planted-secret\n"))
    assert command.run(settings, "set", "account_1", "erp_api_key") == 0
    resolver = CredentialResolver.from_settings(settings)
    assert resolver.resolve("account_1", "erp_api_key") == "planted-secret"
    resolver.replace("account_2", {"odoo_api_key": "planted-other"})
    resolver.store.sadd("accounts", "account_2")
    assert command.run(settings, "list") == 0
    assert command.run(settings, "list", "account_1") == 0
    shown = capsys.readouterr().out
    assert shown.count("erp_api_key") == 3
    assert resolver.vault.fingerprint("planted-other") in shown
    assert "planted" not in shown
    assert command.run(settings, "remove", "account_1", "erp_api_key") == 0
    with pytest.raises(NotFound):
        command.run(settings, "remove", "account_1", "erp_api_key")


@pytest.mark.parametrize(("ref", "value"), [("bad ref", "x"), ("ref", ""), ("ref", "x" * 20_000)])
def test_the_command_refuses_what_cannot_be_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, ref: str, value: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(value))
    with pytest.raises(BadRequest):
        command.run(settings, "set", "account_1", ref)


def test_pushed_values_come_before_the_file(settings: Settings) -> None:
    resolver = CredentialResolver.from_settings(settings)
    resolver.file.set("account_1", "ref", "of the file")
    assert resolver.resolve("account_1", "ref") == "of the file"
    resolver.replace("account_1", {"ref": "pushed"})
    assert resolver.resolve("account_1", "ref") == "pushed"
    assert resolver.resolve("account_2", "ref") is None
    for nothing in (None, "", "missing"):
        assert resolver.resolve("account_1", nothing) is None
    with pytest.raises(NotConfigured, match="'missing'"):
        resolver.require("account_1", "missing")


def test_odd_files_are_named(file: CredentialsFile) -> None:
    write(file, "- a list\n")
    with pytest.raises(NotConfigured, match="must map"):
        file.get("account_1", "ref")
    write(file, "account_1: nothing\naccount_2: {ref: 5}\n")
    assert file.get("account_1", "ref") is None
