"""A folder tree that several files of one change are written to, all or none.

A change is first written to a journal, then carried out file by file, each atomically, then the
journal goes. Whoever comes after a crash carries the journal out before anything else, and a lock
keeps readers out meanwhile: nobody ever reads a mixture of two changes. (Swapping whole folders
would do for one tenant's files, but a change also touches the mapping beside them.)

Paths are relative, with slashes. Nothing below the root may be a symbolic link, so that a path
made of checked names stays below it.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sidecar.errors import ConfigInvalid, Unavailable

_LOCK, _JOURNAL = ".lock", ".push.json"
_PATIENCE, _PAUSE = 5.0, 0.003  # seconds; a lock of the kernel dies with its holder


@dataclass(slots=True)
class Change:
    """What to do, in this order: move a folder (old, new), write texts, delete files."""

    move: tuple[str, str] | None = None
    write: dict[str, str] = field(default_factory=dict)
    delete: list[str] = field(default_factory=list)


class Folder:
    """The tree at `root`. Read inside `reading()` or `writing()`, commit inside `writing()`."""

    def __init__(self, root: Path):
        self.root = root

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep writers out, after carrying out what a killed writer left."""
        while True:
            with self._locked(fcntl.LOCK_SH):
                if not self._path(_JOURNAL).exists():
                    yield
                    return
            with self.writing():
                pass

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep everybody else out."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._path(_LOCK).touch(mode=0o644)
        except OSError:
            raise Unavailable(f"{self.root} cannot be written to; mend its rights.") from None
        with self._locked(fcntl.LOCK_EX):
            self._recover()
            yield

    def text(self, path: str) -> str | None:
        """The file's text, or None where there is none. ConfigInvalid for what is not UTF-8."""
        try:
            return self._path(path).read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (UnicodeDecodeError, IsADirectoryError):
            raise ConfigInvalid(f"{path}: this is not a text file.", file=path) from None
        except PermissionError:
            raise ConfigInvalid(f"{path}: may not be read; mend its rights.", file=path) from None

    def names(self, path: str = "") -> list[str]:
        """Names in a folder, sorted, hidden ones left out; none where there is no folder."""
        here = self._path(path)
        if not here.is_dir():
            return []
        return sorted(entry.name for entry in here.iterdir() if not entry.name.startswith("."))

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return self._path(path).exists()

    def commit(self, change: Change) -> None:
        """Carry `change` out, all of it or (when this is killed early) none."""
        move = list(change.move) if change.move else None
        journal = {"move": move, "write": change.write, "delete": change.delete}
        for path in [*(move or []), *change.write, *change.delete]:
            self._path(path)
        self._write(_JOURNAL, json.dumps(journal, ensure_ascii=False))
        self._carry_out(journal)

    def _recover(self) -> None:
        text = self.text(_JOURNAL)
        if text is not None:
            self._carry_out(json.loads(text))

    def _carry_out(self, journal: dict[str, Any]) -> None:
        """Each step may have been done before by a process that was killed."""
        if journal["move"]:
            old, new = (self._path(path) for path in journal["move"])
            if old.exists() and not new.exists():
                new.parent.mkdir(parents=True, exist_ok=True)
                old.rename(new)
                _sync(new.parent)
                _remove_if_empty(old.parent)
        for path, text in journal["write"].items():
            self._write(path, text)
        for path in journal["delete"]:
            gone = self._path(path)
            gone.unlink(missing_ok=True)
            _remove_if_empty(gone.parent)
        self._path(_JOURNAL).unlink(missing_ok=True)
        _sync(self.root)

    def _write(self, path: str, text: str) -> None:
        target = self._path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        fresh = target.with_name(f".{target.name.lstrip('.')}.new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        fresh.replace(target)
        _sync(target.parent)

    def _path(self, path: str) -> Path:
        here = self.root
        for part in filter(None, path.split("/")):
            here = here / part
            if part in (".", "..") or "\0" in part:
                raise ConfigInvalid("A path leads out of the configuration folder.", file=part)
            if here.is_symlink():
                raise ConfigInvalid(
                    f"{path}: {part} is a symbolic link; put the file itself there.", file=path
                )
        return here

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        try:
            handle = os.open(self._path(_LOCK), os.O_RDONLY)
        except OSError:  # nobody ever wrote here, so nobody writes now
            yield
            return
        try:
            self._wait(handle, kind)
            yield
        finally:
            os.close(handle)

    def _wait(self, handle: int, kind: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable("The configuration is being written; try again.") from None
                time.sleep(_PAUSE)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
