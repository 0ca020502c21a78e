"""A product's texts: their parts, how a model hands them in, and what code mends in them."""

import html
import json
import re
from collections.abc import Iterable
from typing import Any

from sidecar.claims.text import fold, seen
from sidecar.crews.clean_html import EMPTY, balanced, clean_html

PARTS = (
    "short_description",
    "description",
    "key_features",
    "use_cases",
    "tags",
    "seo_title",
    "meta_description",
    "image_alt",
)
LISTS = frozenset({"key_features", "use_cases", "tags"})
LONGEST = {"seo_title": 60, "meta_description": 155, "image_alt": 125, "short_description": 300}
_MOST = {"key_features": 12, "use_cases": 8, "tags": 12}  # items
_LONGEST_ITEM = 200
_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")
_CONTACT = re.compile(
    r"(?i)https?://|www\.|\b[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|net|org|shop|store)(?:\.\w\w)?\b"
    r"|\+\d{2}[\d\s().-]{8,}\d|\(\d{2}\)\s?9?\d{4}-?\d{4}"
)
_HIDDEN = re.compile(r"(?i)&(?:shy|zwnj|zerowidthspace|lrm|rlm|#173|#xad|#8203|#x200b);")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_BLOCK = re.compile(r"(<(?:p|li|h3|h4)>)(.*?)(</(?:p|li|h3|h4)>)", re.DOTALL)

Texts = dict[str, Any]
"""Part → text, HTML or list of texts."""

Terms = tuple[re.Pattern[str], dict[str, str]]
"""The words of a glossary, and what stands for each."""


def schema(parts: Iterable[str]) -> dict[str, Any]:
    """The `response_format` that asks a model for exactly these parts."""
    kinds = {
        part: {"type": "array", "items": {"type": "string"}}
        if part in LISTS
        else {"type": "string"}
        for part in parts
    }
    shape = {
        "type": "object",
        "properties": kinds,
        "required": list(kinds),
        "additionalProperties": False,
    }
    told = {"name": "product_texts", "strict": True, "schema": shape}
    return {"type": "json_schema", "json_schema": told}


def read(answer: str, parts: Iterable[str]) -> Texts | None:
    """The parts in a model's answer; None when it is not the JSON that was asked for."""
    try:
        told = json.loads(_FENCE.sub("", answer.strip()))
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    texts: Texts = {}
    for part in parts:
        value = told.get(part)
        if not _is_whole(part, value):
            return None
        texts[part] = value
    return texts


def _is_whole(part: str, value: Any) -> bool:
    if part in LISTS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str) and bool(value.strip())


def mended(texts: Texts, brief: dict[str, Any]) -> Texts:
    """The texts within all limits: clean HTML, no banned words, nothing too long, nothing twice.

    A sentence or item with a banned word, an address or a number to call is left out; where
    nothing else would be left, only the words are. Characters that nobody sees go, too.
    """
    refused = _refusal(brief["voice"].get("banned") or [])
    terms = _glossary(brief["glossary"])
    return {part: _mended(part, _seen(value), refused, terms) for part, value in texts.items()}


def _seen(value: Any) -> Any:
    if isinstance(value, str):
        return seen(_HIDDEN.sub("", value))
    return [seen(_HIDDEN.sub("", item)) for item in value]


def faults(texts: Texts, brief: dict[str, Any]) -> list[tuple[str, str]]:
    """What a model should mend itself: (code, part or word) of all that code could only cut."""
    found = []
    text = " ".join(v if isinstance(v, str) else " ".join(v) for v in texts.values())
    for word in brief["voice"].get("banned") or []:
        if _phrase(word).search(fold(text)):
            found.append(("banned", word))
    for word in asked_for(brief["voice"]):
        if not _phrase(word).search(fold(text)):
            found.append(("required", word))
    for part, value in texts.items():
        if part in LONGEST and len(_one_line(value)) > LONGEST[part]:
            found.append(("too_long", part))
        elif part == "description" and not balanced(value):
            found.append(("broken_html", part))
    return found


def asked_for(voice: dict[str, Any]) -> list[str]:
    """The words a voice wants to be used, less those that it bans: what is banned stays out."""
    refused = _refusal(voice.get("banned") or [])
    return [word for word in voice.get("required") or [] if not refused.search(fold(word))]


def cut(text: str, longest: int) -> str:
    """At most `longest` characters, cut between words, without a dangling mark."""
    if len(text) <= longest:
        return text
    kept = text[: longest + 1].rpartition(" ")[0] or text[:longest]
    return kept.rstrip(" ,;:-–—|(/&")


def _mended(part: str, value: Any, refused: re.Pattern[str], terms: Terms) -> Any:
    if part in LISTS:
        items: dict[str, str] = {}
        for item in (_one_line(_termed(told, terms)) for told in value):
            if item and not _is_refused(item, refused):
                items.setdefault(fold(item), cut(item, _LONGEST_ITEM))
        return list(items.values())[: _MOST[part]]
    if part == "description":
        return _description(clean_html(_termed(value, terms)), refused)
    text = _allowed(_one_line(_termed(value, terms)), refused)
    return cut(text, LONGEST[part]) if part in LONGEST else text


def _description(markup: str, refused: re.Pattern[str]) -> str:
    if not _is_refused(html.unescape(markup), refused):
        return markup

    def block(match: re.Match[str]) -> str:
        plain = html.unescape(re.sub(r"<[^>]*>", "", match.group(2)))
        if not _is_refused(plain, refused):
            return match.group()
        # the sentences that stay lose their accents of form: a rare price for a sure rule
        kept = " ".join(s for s in _SENTENCE.split(plain) if not _is_refused(s, refused))
        return f"{match.group(1)}{html.escape(kept, quote=False)}{match.group(3)}" if kept else ""

    left = _BLOCK.sub(block, markup)
    while (shorter := EMPTY.sub("", left)) != left:
        left = shorter
    if left:
        return left
    plain = _allowed(html.unescape(re.sub(r"<[^>]*>", " ", markup)), refused)
    return f"<p>{html.escape(_one_line(plain), quote=False)}</p>"


def _allowed(text: str, refused: re.Pattern[str]) -> str:
    if not _is_refused(text, refused):
        return text
    kept = " ".join(s for s in _SENTENCE.split(text) if not _is_refused(s, refused))
    return kept or _one_line(_struck(text, refused))


def _struck(text: str, refused: re.Pattern[str]) -> str:
    """The text without the very words."""
    folded = fold(text)
    spans = [m.span() for m in refused.finditer(folded)] + [
        m.span() for m in _CONTACT.finditer(text)
    ]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def _is_refused(text: str, refused: re.Pattern[str]) -> bool:
    return bool(refused.search(fold(text)) or _CONTACT.search(text))


def _refusal(banned: list[str]) -> re.Pattern[str]:
    words = [word for word in banned if word.strip()]
    return re.compile("|".join(_phrase(word).pattern for word in words) or r"(?!)")


def _phrase(word: str) -> re.Pattern[str]:
    inner = r"\s+".join(map(re.escape, fold(word).split()))
    return re.compile(rf"(?<!\w){inner}(?!\w)")


def _glossary(terms: list[dict[str, str]]) -> Terms:
    targets: dict[str, str] = {}
    for term in terms:
        if term.get("source") and term.get("target"):
            targets.setdefault(term["source"].casefold(), term["target"])
    words = "|".join(map(re.escape, sorted(targets, key=len, reverse=True)))
    return re.compile(rf"(?i)<[^<>]*>|(?<!\w)(?:{words or '(?!)'})(?!\w)"), targets


def _termed(text: str, terms: Terms) -> str:
    """With the house's words: all at once, so that none is put in place of another's target."""
    pattern, targets = terms
    return pattern.sub(lambda m: targets.get(m.group().casefold(), m.group()), text)


def _one_line(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
