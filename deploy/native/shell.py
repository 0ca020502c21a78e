"""Running programs: output to a log, the last lines of it when one fails; stamps of done work."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .trouble import Trouble


def tail(file: Path, lines: int = 15) -> list[str]:
    """The last `lines` lines of a text file; none when it does not exist."""
    if not file.exists():
        return []
    with file.open("rb") as handle:
        handle.seek(0, os.SEEK_END)
        handle.seek(max(0, handle.tell() - 64_000))
        return handle.read().decode("utf-8", "replace").splitlines()[-lines:]


def run(
    command: Sequence[str | Path],
    log: Path,
    *,
    what: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    shown: int = 15,
) -> None:
    """Run `command` with its output appended to `log`; `shown` lines of it go with a failure.

    Raises:
        Trouble: it cannot be started or ends with another code than 0; `what` names it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        start = out.tell()
        try:
            code = subprocess.run(
                [str(part) for part in command],
                stdout=out,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                input=None if stdin is None else stdin.encode(),
                stdin=subprocess.DEVNULL if stdin is None else None,
                check=False,
            ).returncode
        except OSError as error:
            raise Trouble(f"{what}: cannot run {command[0]}: {error.strerror}") from error
        end = out.tell()
    if code:
        raise Trouble(
            f"{what} failed (exit {code}); log: {log}", tail(log, shown) if end > start else []
        )


def output_of(command: Sequence[str | Path], *, what: str, env=None) -> str:
    """What a short command prints.

    Raises:
        Trouble: it cannot be started or fails.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=None if env is None else dict(env),
            check=False,
        )
    except OSError as error:
        raise Trouble(f"{what}: cannot run {command[0]}: {error.strerror}") from error
    if done.returncode:
        raise Trouble(
            f"{what} failed (exit {done.returncode})",
            (done.stdout + done.stderr).splitlines()[-15:],
        )
    return done.stdout.strip()


def digest_of(files: Iterable[Path], *words: str) -> str:
    """Hash of the files' names and contents (folders are walked) and of `words`."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
    for entry in files:
        for file in sorted(_walk(entry)):
            digest.update(os.fsencode(file.relative_to(entry.parent)) + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _walk(entry: Path) -> Iterator[Path]:
    if entry.is_file():
        yield entry
    elif entry.is_dir():
        for file in entry.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".pyc":
                yield file


class Stamp:
    """A file that remembers for which inputs a piece of work was done."""

    def __init__(self, file: Path, digest: str) -> None:
        self._file, self._digest = file, digest

    def fresh(self) -> bool:
        return self._file.exists() and self._file.read_text().strip() == self._digest

    def set(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._digest + "\n")


@contextmanager
def lock(file: Path, *, busy: str) -> Iterator[None]:
    """Hold an exclusive lock on `file`.

    Raises:
        Trouble: with the text `busy`, when another process holds it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(busy) from None
        yield
