"""Texts to index tokens, in the tenant's language; codes as people type them."""

import hashlib
import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

from sidecar.search.stopwords import STOPWORDS

# Changes whenever the same text gives other tokens, so that stored points are encoded anew.
TOKENS_VERSION = 3

_STEMMERS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
}
# Words, and runs of words and digits that a single - . / _ + joins: GSB-13, 1.5, a/b.
_COMPOUND = re.compile(r"[^\W_]+(?:[-./_+][^\W_]+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ELISION = re.compile(r"\b[dDlL]['’](?=\w)|['’]s\b")  # d'água, women's
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,])")  # 15,6 is 15.6
_PARTS = re.compile(r"[^\W\d_]+|\d+")
# Endings whose stem depends on an accent or a plural that Snowball does not know. Bringing each
# to one spelling before stemming makes "sofás" meet "sofá" and "colchoes" meet "colchão".
_ENDINGS: dict[str, list[tuple[re.Pattern[str], str]]] = {
    language: [(re.compile(ending + "$"), canonical) for ending, canonical in endings]
    for language, endings in {
        "pt": [
            ("[õo]es|[ãa]os", "ão"),
            ("([áéíóúâêôã])s", r"\1"),
            ("ais", "al"),
            ("[eé]is", "el"),
            ("[oó]is", "ol"),
            ("ns", "m"),
            ("cao", "ção"),
            ("ao", "ão"),
            ("avel", "ável"),
            ("ivel", "ível"),
            ("encia(s?)", r"ência\1"),
            ("ancia(s?)", r"ância\1"),
        ],
        "es": [("ciones|cion", "ción"), ("siones|sion", "sión"), ("([áéíóú])s", r"\1")],
    }.items()
}
_JOINED_LETTERS = re.compile(r"[^\W\d_]+(?:[-./_][^\W\d_]+)+")
_CAPITALS = re.compile(r"[^\W\d_]{5,}")
_SPACED_CODE = re.compile(r"(?<![\w-])([A-Z]{2,}[-/]?\d+|\d+[-/]?[A-Z]{2,})\s+([A-Z]{1,4}|\d+)\b")


class Tokenizer:
    """Splits text of one language into index tokens.

    Lower case, stop-words out, stemmed, and only then without accents: "cadeiras" and "cadeira",
    "sofá" and "sofa" become one token. Codes are kept whole ("gsb13re") and split ("gsb", "13",
    "re").
    """

    def __init__(self, language: str):
        self.language = language.split("_")[0].lower()
        self._stop = frozenset(STOPWORDS.get(self.language, ()))
        self._stop_folded = frozenset(fold(word) for word in self._stop)
        name = _STEMMERS.get(self.language)
        self._stemmer = snowballstemmer.stemmer(name) if name else None
        self._lock = threading.Lock()  # the stemmer keeps the word it works on in itself
        self._stems = lru_cache(maxsize=50_000)(self._stems_of)

    def tokens(self, text: str) -> list[str]:
        """Tokens of a text in order, repeated as they occur."""
        text = _ELISION.sub("", unicodedata.normalize("NFKC", text))
        text = _DECIMAL_COMMA.sub(r"\1.\2", text)
        found: list[str] = []
        for compound in _COMPOUND.findall(text):
            word = compound.lower()
            if word.isalpha():
                found += self._stems(word)
                continue
            parts = _PARTS.findall(word)
            for part in parts:
                found += self._stems(part) if part.isalpha() else (fold(part),)
            whole = fold("".join(parts))
            if len(parts) > 1 and any(character.isdigit() for character in whole):
                found.append(whole)
        for first, second in _SPACED_CODE.findall(text):
            found.append(fold("".join(_PARTS.findall((first + second).lower()))))
        return found

    def words(self, text: str) -> list[str]:
        """Words of letters, folded, as typed and in order; stop-words are left out."""
        text = _ELISION.sub("", unicodedata.normalize("NFKC", text))
        found = (fold(word) for word in _WORD.findall(text))
        return [word for word in found if word not in self._stop_folded]

    def _stems_of(self, word: str) -> tuple[str, ...]:
        if word in self._stop or fold(word) in self._stop_folded:
            return ()
        if len(word) == 1 and word.isascii():
            return (word,)
        if self._stemmer is None:
            return (fold(word),)
        for ending, canonical in _ENDINGS.get(self.language, ()):
            word = ending.sub(canonical, word)
        with self._lock:
            return (fold(self._stemmer.stemWord(word)),)


@lru_cache(maxsize=32)
def tokenizer_of(language: str) -> Tokenizer:
    """The process's tokenizer of a language (Odoo or ISO code); its stems are cached."""
    return Tokenizer(language)


@lru_cache(maxsize=200_000)
def token_id(token: str) -> int:
    """A token's index in sparse vectors: 32 bits of its BLAKE2 hash, the same everywhere."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=4).digest(), "little")


def fold(text: str) -> str:
    """Lower case without accents and cedillas."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def plain_code(code: str) -> str:
    """A code as people may type it: letters and digits joined, lower case, no accents.

    Empty where it could be any number or word: a code needs a digit, five without a letter; or
    parts of letters that a mark joins ("POL-JEQ-PF"), five letters in all.
    """
    parts = _PARTS.findall(code.lower())
    joined = fold("".join(parts))
    digits = sum(character.isdigit() for character in joined)
    telling = digits >= 5 or (digits and digits < len(joined) and len(joined) >= 3)
    if not digits and _JOINED_LETTERS.fullmatch(code.strip()):
        telling = len(joined) >= 5
    return joined if telling and len(joined) <= 40 else ""


def codes_of(text: str) -> set[str]:
    """Plain codes that a text may hold: of each word and of two or three neighbors joined.

    "cadeira GSB-13 RE" gives gsb13 and gsb13re, and a few that are none: they are only compared
    with products' own codes. A word of capitals may be a code without its marks.
    """
    words = [word.strip("?!.,;:()\"'") for word in text.split()]
    spans = ((i, j) for i in range(len(words)) for j in range(i + 1, min(i + 3, len(words)) + 1))
    joined = ((words[i:j], "".join(words[i:j])) for i, j in spans)
    found = {
        code
        for parts, whole in joined
        if (code := plain_code(whole)) and (len(parts) == 1 or not code.isalpha())
    }
    return found | {fold(word) for word in words if word.isupper() and _CAPITALS.fullmatch(word)}
