"""Collections kept on disk, one folder each, owned by exactly one process.

<folder>/.lock                  held while a process owns the folder
<folder>/<name>/collection.json schema and payload indexes as REST JSON
<folder>/<name>/shard/          the engine's files: a write-ahead log and segments
<folder>/.new-*, .gone-*        a creation or a deletion that was interrupted; removed at start
"""

import fcntl
import json
import logging
import os
import shutil
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import qdrant_edge as engine

from sidecar.errors import BadRequest, Conflict, NotFound, SidecarError, Unavailable
from sidecar.search.edge.schema import COLLECTION_NAME, Schema, index_of

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Collection:
    """One open collection. Reads run beside each other, writes one after the other."""

    name: str
    folder: Path
    schema: Schema
    indexes: dict[str, Any]
    shard: engine.EdgeShard
    lock: threading.Lock = field(default_factory=threading.Lock)
    version: int = 0
    dirty: bool = False
    closed: bool = False

    def read(self, question: Callable[[engine.EdgeShard], T]) -> T:
        """What `question` gets from the shard; NotFound when the collection is gone meanwhile."""
        return self._ask(lambda: question(self.shard))

    def write(self, operations: list[engine.UpdateOperation]) -> int:
        """Does the operations in order and returns the number of the last one.

        Each is in the write-ahead log when this returns: a killed process loses none of them.
        Raises NotFound for a point that does not exist, BadRequest for what the engine refuses.
        """
        with self.lock:
            for operation in operations:
                self._ask(lambda operation=operation: self.shard.update(operation))
                self.version += 1
                self.dirty = True
            return self.version

    def add_index(self, body: object) -> int:
        """Indexes a payload field and remembers it. Returns the operation's number."""
        name, schema, described = index_of(body)
        number = self.write([engine.UpdateOperation.create_field_index(name, schema)])
        self._remember(self.indexes | {name: described})
        return number

    def drop_index(self, name: str) -> int:
        """Forgets a payload field's index. Returns the operation's number."""
        number = self.write([engine.UpdateOperation.delete_field_index(name)])
        self._remember({key: value for key, value in self.indexes.items() if key != name})
        return number

    def flush(self) -> None:
        """Writes changed segments to disk, which lets the write-ahead log be cut."""
        with self.lock:
            if self.dirty and not self.closed:
                self.shard.flush()
                self.dirty = False

    def close(self) -> None:
        """Flushes and releases the files; what comes later finds the collection gone."""
        with self.lock:
            if not self.closed:
                self.closed = True
                self.shard.flush()
                self.shard.close()

    def _remember(self, indexes: dict[str, Any]) -> None:
        with self.lock:
            _describe(self.folder, self.schema, indexes)
            self.indexes = indexes

    def _ask(self, question: Callable[[], T]) -> T:
        if self.closed:
            raise _missing(self.name)
        try:
            return question()
        except SidecarError:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise BadRequest(f"Not a value the engine takes: {error}") from error
        except Exception as error:  # the engine raises bare Exception for all it refuses
            if self.closed:
                raise _missing(self.name) from error
            reason = str(error)
            if "No point with id" in reason:
                raise NotFound(reason) from error
            if reason.startswith("Service runtime error"):
                log.exception("the engine failed in collection %s", self.name)
                raise SidecarError("The engine failed; the log says why.") from error
            raise BadRequest(reason) from error


class Collections:
    """All collections of a folder. Raises Unavailable when another process owns the folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._owner = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._owner)
            raise Unavailable(f"Another process owns the vectors in {folder}.") from error
        for leftover in (*folder.glob(".new-*"), *folder.glob(".gone-*")):
            shutil.rmtree(leftover)
        self._open = {
            path.parent.name: _load(path.parent) for path in folder.glob("*/collection.json")
        }

    def names(self) -> list[str]:
        """Names of all collections, sorted."""
        return sorted(self._open)

    def get(self, name: str) -> Collection:
        """The collection; NotFound when there is none, BadRequest for an impossible name."""
        collection = self._open.get(check_name(name))
        if collection is None:
            raise _missing(name)
        return collection

    def create(self, name: str, body: object) -> None:
        """Creates a collection as a whole or not at all; Conflict when the name is taken."""
        schema = Schema.of(body)
        with self._lock:
            if check_name(name) in self._open:
                raise Conflict(f"Collection `{name}` already exists!")
            unborn = self.folder / f".new-{uuid.uuid4().hex}"
            unborn.mkdir()
            engine.EdgeShard.create(str(unborn / "shard"), schema.engine_config()).close()
            _describe(unborn, schema, {})
            unborn.rename(self.folder / name)
            self._open[name] = _load(self.folder / name)

    def drop(self, name: str) -> bool:
        """Deletes a collection; False when there is none."""
        with self._lock:
            collection = self._open.pop(check_name(name), None)
            if collection is None:
                return False
            collection.close()
            gone = self.folder / f".gone-{uuid.uuid4().hex}"
            collection.folder.rename(gone)
        shutil.rmtree(gone)
        return True

    def flush(self) -> None:
        """Flushes every collection that changed."""
        for collection in list(self._open.values()):
            collection.flush()

    def close(self) -> None:
        """Closes every collection and gives the folder back."""
        with self._lock:
            for collection in self._open.values():
                collection.close()
            self._open.clear()
            os.close(self._owner)


def check_name(name: str) -> str:
    """`name` when it is a collection's name, harmless as a folder's; BadRequest otherwise."""
    if not COLLECTION_NAME.fullmatch(name):
        raise BadRequest("A collection's name is 1 to 128 letters, digits, _ and -.")
    return name


def _missing(name: str) -> NotFound:
    return NotFound(f"Collection `{name}` doesn't exist!")


def _describe(folder: Path, schema: Schema, indexes: dict[str, Any]) -> None:
    written = folder / "collection.json.new"
    with written.open("w", encoding="utf-8") as file:
        json.dump({"schema": asdict(schema), "indexes": indexes}, file)
        file.flush()
        os.fsync(file.fileno())
    written.rename(folder / "collection.json")


def _load(folder: Path) -> Collection:
    described = json.loads((folder / "collection.json").read_text(encoding="utf-8"))
    return Collection(
        name=folder.name,
        folder=folder,
        schema=Schema(**described["schema"]),
        indexes=described["indexes"],
        shard=engine.EdgeShard.load(str(folder / "shard")),
    )
