"""The end of the access log, remembered outside the database.

Plain Python without Odoo, so that it can be tested by itself. A chain alone cannot show that its
last rows were cut off, or that the database was restored from an older copy; this file can.
"""

import fcntl
import json
import os
import re
from pathlib import Path

from .audit_chain import Position

_LINK = re.compile(r"[0-9a-f]{64}")


class AnchorUnusable(Exception):
    """The file cannot be read or written, or holds something else."""


class Anchor:
    """One file, `{"sequence": 145, "link": "<64 hex>"}`, that only moves forward."""

    def __init__(self, path: Path):
        self._path = path

    def position(self) -> Position | None:
        """Return the position, None when there is no file. Raises AnchorUnusable."""
        try:
            data = json.loads(self._path.read_bytes())
            sequence, link = data["sequence"], data["link"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AnchorUnusable from error
        if type(sequence) is not int or not _LINK.fullmatch(str(link)):
            raise AnchorUnusable
        return Position(sequence, link)

    def advance(self, position: Position) -> None:
        """Move to `position` unless the file is there already or beyond. Raises AnchorUnusable."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self._path.with_suffix(".lock"), "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                current = self.position()
                if current is None or current.sequence < position.sequence:
                    self._replace(position)
        except OSError as error:
            raise AnchorUnusable from error

    def _replace(self, position: Position) -> None:
        written = self._path.with_suffix(".new")
        with open(written, "w") as file:
            json.dump({"sequence": position.sequence, "link": position.link}, file)
            file.flush()
            # Without it a power cut could leave an empty file, which would read as tampering.
            os.fsync(file.fileno())
        os.replace(written, self._path)
