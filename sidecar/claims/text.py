"""Texts as the claim check reads them: without tags, in sentences, without accents."""

import html
import re
import unicodedata
from functools import lru_cache

_BLOCK = re.compile(r"(?i)</?(?:p|ul|ol|li|br|h[1-6]|div|tr|table)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"[^\S\n]+")
# What nobody sees: soft hyphens, spaces of no width, marks of direction. Emoji keep their joiners.
_UNSEEN = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Letters of other alphabets that look like these.
_ALIKE = str.maketrans("аеорсхуікмтвнοαυιѕјԁ", "aeopcxyikmtbhoauisjd")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^a-z])|\n+")


def plain(markup: str) -> str:
    """The words of an HTML text; blocks stand on lines of their own."""
    text = _TAG.sub("", _BLOCK.sub("\n", markup))
    return _SPACES.sub(" ", html.unescape(text)).strip()


def seen(text: str) -> str:
    """The text without characters that nobody sees, each accent one with its letter."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def sentences(text: str) -> list[str]:
    """The sentences of a plain text, each as it is written."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def fold(text: str) -> str:
    """Lower case without accents, character by character: positions stay what they were.

    What only looks like a letter or a digit (full width, Cyrillic) becomes that one.
    """
    return "".join(map(_folded, text))


def squeeze(text: str) -> str:
    """Only the letters and digits of a folded text, for comparing codes: `IP-67` → `ip67`."""
    return "".join(filter(str.isalnum, fold(text)))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in "\u00a0\u2009\u202f":
        return " "
    base = unicodedata.normalize("NFD", character)[0].lower().translate(_ALIKE)
    if not base.isascii() and base not in "²³":
        plainer = unicodedata.normalize("NFKD", base).lower()  # full width, raised
        base = plainer if len(plainer) == 1 else base
    return base if len(base) == 1 else character
