"""Embeddings kept in files: for evaluations and benches, whose second run must be quick."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

_SHARDS = 256


class DiskCache:
    """Bytes by key below a folder; a VectorCache. Entries of like hash share a file.

    A file is lines of a name, a tab and hexadecimal bytes, only ever added to. One process writes.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._known: dict[int, dict[str, bytes]] = {}

    def get_many(self, names: list[str]) -> list[bytes | None]:
        """The value of each name, None where there is none, in order."""
        return [self._shard(_number(name)).get(name) for name in names]

    def set_many(self, values: Mapping[str, bytes]) -> None:
        """Keeps the values. Raises OSError where the disk refuses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        by_shard: dict[int, list[str]] = {}
        for name, value in values.items():
            number = _number(name)
            self._shard(number)[name] = value
            by_shard.setdefault(number, []).append(f"{name}\t{value.hex()}\n")
        for number, lines in by_shard.items():
            with self._path(number).open("a", encoding="utf-8") as file:
                file.write("".join(lines))

    def _shard(self, number: int) -> dict[str, bytes]:
        if number not in self._known:
            path, found = self._path(number), {}
            if path.exists():
                with path.open(encoding="utf-8") as file:
                    for line in file:
                        name, _, value = line.rstrip("\n").partition("\t")
                        if line.endswith("\n"):  # else a write was cut short
                            found[name] = bytes.fromhex(value)
                if not _ends_well(path):
                    path.write_text("".join(f"{n}\t{v.hex()}\n" for n, v in found.items()))
            self._known[number] = found
        return self._known[number]

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:02x}.tsv"


def _number(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] % _SHARDS


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
