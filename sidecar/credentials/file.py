"""`CONFIG_DIR/credentials.yaml`: secrets of trees that have no Odoo.

    account_1:
      erp_api_key: v1.1a2b3c4d.…      # written by `sidecar credentials set account_1 erp_api_key`

Values are ciphertexts bound to account and reference, as in the store. Plain text is accepted in
development only. The file must be its owner's alone, and is read again when it changes.
"""

import fcntl
import io
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from ruamel.yaml import YAML, YAMLError

from sidecar.credentials.vault import Vault, is_ciphertext
from sidecar.errors import NotConfigured

log = structlog.get_logger(__name__)

NAME = "credentials.yaml"


class CredentialsFile:
    """The file in `folder`; without it there are no secrets here. Safe to share by threads."""

    def __init__(self, folder: Path, vault: Vault, environment: str):
        self.path = folder / NAME
        self.vault = vault
        self.environment = environment
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._kept: dict[str, dict[str, str]] = {}

    def get(self, account_id: str, ref: str) -> str | None:
        """The secret, or None. NotConfigured says what is wrong with the file or the value."""
        stored = self.stored().get(account_id, {}).get(ref)
        if stored is None:
            return None
        if is_ciphertext(stored):
            return self.vault.decrypt(account_id, ref, stored)
        if self.environment == "development":
            return stored
        raise NotConfigured(
            f"{NAME} holds {account_id}/{ref} in plain text; run `sidecar credentials set"
            f" {account_id} {ref}` and type the value again."
        )

    def stored(self) -> dict[str, dict[str, str]]:
        """Account → reference → what stands in the file."""
        with self._lock:
            try:
                handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                self._seen, self._kept = (), {}
                return {}
            except OSError as error:
                raise NotConfigured(f"{NAME} cannot be read ({type(error).__name__}).") from None
            with os.fdopen(handle, encoding="utf-8") as file:
                facts = os.fstat(file.fileno())
                if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    raise NotConfigured(
                        f"{NAME} is open to other users; run `chmod 600 {NAME}` in CONFIG_DIR."
                    )
                seen = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
                if seen != self._seen:
                    self._kept = self._parsed(file.read())
                    self._seen = seen
            return self._kept

    def set(self, account_id: str, ref: str, value: str) -> None:
        """Write a secret as ciphertext; comments and the other entries stay."""
        sealed = self.vault.encrypt(account_id, ref, value)
        with self._changing() as content:
            if not isinstance(content.get(account_id), dict):
                content[account_id] = {}
            content[account_id][ref] = sealed

    def remove(self, account_id: str, ref: str) -> bool:
        """Take a secret out; False when there is none of that name."""
        with self._changing() as content:
            found = content.get(account_id)
            if not isinstance(found, dict) or ref not in found:
                return False
            del found[ref]
            if not found:
                del content[account_id]
        return True

    def replace(self, account_id: str, ref: str, old: str, new: str) -> bool:
        """Put the ciphertext `new` where `old` still stands; False when it changed meanwhile."""
        with self._changing() as content:
            found = content.get(account_id)
            if not isinstance(found, dict) or found.get(ref) != old:
                return False
            found[ref] = new
        return True

    def _parsed(self, text: str) -> dict[str, dict[str, str]]:
        try:
            content = YAML(typ="safe", pure=True).load(text)
        except (YAMLError, ValueError):
            # an editor may have saved half of it: what was read last serves on
            if not self._kept:
                raise NotConfigured(f"{NAME} is not valid YAML.") from None
            log.error("credentials.file_invalid", problem="not valid YAML")
            return self._kept
        if content is not None and not isinstance(content, dict):
            raise NotConfigured(f"{NAME} must map account ids to references and their values.")
        return {
            str(account): {str(ref): str(value) for ref, value in refs.items()}
            for account, refs in (content or {}).items()
            if isinstance(refs, dict)
        }

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """The file's content to change in place; written atomically at the end, 0600."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        round_trip = YAML()
        round_trip.preserve_quotes = True
        round_trip.width = 4096  # a folded ciphertext would be hard to read, and is legal to write
        lock = self.path.with_name(f".{NAME}.lock")
        with os.fdopen(os.open(lock, os.O_CREAT | os.O_RDWR, 0o600), "w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.stored()  # refuses a file that others can read, or that is no mapping
            try:
                content = round_trip.load(self.path.read_text("utf-8")) or {}
            except FileNotFoundError:
                content = {}
            except YAMLError:
                raise NotConfigured(f"{NAME} is not valid YAML; mend it first.") from None
            before = _text(round_trip, content)
            yield content
            after = _text(round_trip, content)
            if after != before:
                _write(self.path, after)


def _text(yaml: YAML, content: dict[str, Any]) -> str:
    text = io.StringIO()
    yaml.dump(content, text)
    return text.getvalue()


def _write(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
