"""Texts as the claim check reads them: without tags, in sentences, without accents."""

import html
import re
import unicodedata
from functools import lru_cache

_BLOCK = re.compile(r"(?i)</?(?:p|ul|ol|li|br|h[1-6]|div|tr|table)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^a-z])|\n+")


def plain(markup: str) -> str:
    """The words of an HTML text; blocks stand on lines of their own."""
    text = _TAG.sub("", _BLOCK.sub("\n", markup))
    return _SPACES.sub(" ", html.unescape(text)).strip()


def sentences(text: str) -> list[str]:
    """The sentences of a plain text, each as it is written."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def fold(text: str) -> str:
    """Lower case without accents, character by character: positions stay what they were."""
    return "".join(map(_folded, text))


def squeeze(text: str) -> str:
    """Only the letters and digits of a folded text, for comparing codes: `IP-67` → `ip67`."""
    return "".join(filter(str.isalnum, fold(text)))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in "\u00a0\u2009\u202f":
        return " "
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character
