"""Search texts of many products, written by a language model in batches, and remembered.

The model adds what customers say and the shop does not: synonyms and uses, no figures. What it
answers is checked here; a product whose text is missing or has a figure that its facts do not have
gets none, and is searched by its own facts alone.
"""

import hashlib
import json
import logging
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from sidecar.embedding_agents.product_description import search_text
from sidecar.errors import SidecarError
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.store import keys

log = logging.getLogger(__name__)

_BATCH = 10  # products of one call
_LONGEST = 600  # characters of a product's text
_TOLD = 1500  # characters of a product's description that the model is shown
_FOLDER = Path(__file__).parent / "prompts"
_FIGURE = re.compile(r"\d+")
_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")


class TextCache(Protocol):
    """Bytes by key. It may forget anything at any time, and must not fail."""

    def get_many(self, names: list[str]) -> list[bytes | None]:
        """The value of each name, None where there is none, in order."""
        ...

    def set_many(self, values: Mapping[str, bytes]) -> None:
        """Keeps the values."""
        ...


class SearchTextWriter:
    """Writes for one tenant. `language` is an Odoo code; `prefix` begins the cache's keys.

    seconds: how long one batch may take.
    """

    def __init__(
        self, gateway: LlmGateway, cache: TextCache, language: str, prefix: str, seconds: float
    ):
        self._gateway = gateway
        self._cache = cache
        self._language = language
        self._prefix = prefix
        self._seconds = seconds
        self._version, self._prompt = _prompt(language.split("_")[0].lower())

    @property
    def version(self) -> str:
        """Changes when the same facts would be written about otherwise: model, prompt, language."""
        return f"{self._gateway.model}/{self._version}/{self._language}"

    def write(self, facts: list[dict[str, Any]]) -> dict[int, str]:
        """Texts by product id; products the model failed on are left out. Raises nothing of it.

        After a failed call the rest is not asked for: the next sync tries again.
        """
        told = {one["id"]: _told(one) for one in facts}
        names = {record: self._name(content) for record, content in told.items()}
        kept = self._cache.get_many(list(names.values())) if names else []
        found = {r: value.decode() for r, value in zip(names, kept, strict=True) if value}
        missing = [record for record in told if record not in found]
        for start in range(0, len(missing), _BATCH):
            batch = {record: told[record] for record in missing[start : start + _BATCH]}
            try:
                written = self._ask(batch)
            except SidecarError as error:
                log.warning("search texts stay plain: no language model (%s)", error.code)
                break
            self._cache.set_many({names[r]: text.encode() for r, text in written.items()})
            found |= written
        return found

    def _ask(self, batch: dict[int, dict[str, Any]]) -> dict[int, str]:
        products = {str(record): content for record, content in batch.items()}
        content = self._prompt.format(
            language=self._language, products=json.dumps(products, ensure_ascii=False, indent=1)
        )
        answer = self._gateway.complete(
            [{"role": "user", "content": content}],
            Budget(time.monotonic() + self._seconds, calls=1),
            response_format={"type": "json_object"},
        )
        read = _read(answer.content or "")
        return {
            record: text
            for record, one in batch.items()
            if (text := _checked(read.get(str(record)), one))
        }

    def _name(self, content: dict[str, Any]) -> str:
        text = json.dumps([self.version, content], ensure_ascii=False, sort_keys=True)
        return keys.search_text(self._prefix, hashlib.sha256(text.encode()).hexdigest())


def _told(facts: dict[str, Any]) -> dict[str, Any]:
    """What the model is shown: the same texts that are searched, without codes."""
    text = search_text(facts)
    told = {
        "name": facts["name"],
        "category": text.category,
        "tags": text.tags,
        "attributes": text.attributes,
        "description": text.description[:_TOLD],
    }
    return {key: value for key, value in told.items() if value}


def _read(answer: str) -> dict[str, Any]:
    try:
        read = json.loads(_FENCE.sub("", answer.strip()))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _checked(text: object, content: dict[str, Any]) -> str:
    """The text, or "" where it is none or has a figure that the facts do not have."""
    if not isinstance(text, str):
        return ""
    text = " ".join(text.split())[:_LONGEST]
    known = set(_FIGURE.findall(json.dumps(content, ensure_ascii=False)))
    return "" if set(_FIGURE.findall(text)) - known else text


@lru_cache(maxsize=16)
def _prompt(language: str) -> tuple[str, str]:
    """Version and text of the prompt in `language`, or in English."""
    path = _FOLDER / f"product_search.{language}.md"
    if not path.exists():
        path = _FOLDER / "product_search.en.md"
    head, _, text = path.read_text("utf-8").partition("\n")
    return head.removeprefix("version:").strip(), text.strip()
