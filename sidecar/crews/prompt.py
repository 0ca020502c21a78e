"""Prompts: Markdown files by name and language, each with a version in its first line.

`prompts/<name>.<language>.md` starts with `version: N`; `{placeholders}` are filled with
`str.format_map`. A language without a file of its own gets English.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "prompts"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text and version."""

    text: str
    version: str

    def fill(self, **values: str) -> str:
        """The text with its placeholders filled; KeyError for one that is missing."""
        return self.text.format_map(values)


@lru_cache(maxsize=64)
def load(name: str, language: str) -> Prompt:
    """The prompt `name` in `language` (ISO 639-1), or in English."""
    path = _FOLDER / f"{name}.{language}.md"
    if not path.exists():
        path = _FOLDER / f"{name}.en.md"
    head, _, text = path.read_text("utf-8").partition("\n")
    label, _, version = head.partition(":")
    if label.strip() != "version" or not version.strip():
        raise ValueError(f"{path.name} must start with 'version: N'.")
    return Prompt(text.strip(), version.strip())
