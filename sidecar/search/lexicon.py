"""The words a tenant's catalog is written with: what a mistyped word may have meant.

Only words that neither the catalog nor its concepts know are touched. They are corrected to a
known one that sounds the same ("colxão"), or of one letter's difference (two in long words), or
split where both parts are known ("smartphone" in a shop of "smart phones"); neighbors whose join is
known are joined as well.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise

import numpy as np

from sidecar.search.concepts import names_concept, question_weights
from sidecar.search.sparse import K1, idf
from sidecar.search.tokens import Tokenizer, fold, tokenizer_of

_LEAST_LETTERS = 4  # shorter words are too near to each other
_LONG_WORD = 8
_CANDIDATES = 40
# What a guess counts beside a word that was typed.
_SOUNDS, _ONE_LETTER, _TWO_LETTERS, _SPLIT, _JOINED = 0.8, 0.8, 0.5, 0.8, 0.4
# Spellings of one sound, by those who write as they hear; of folded words.
_SAME_SOUND: dict[str, list[tuple[re.Pattern[str], str]]] = {
    language: [(re.compile(spelled), sound) for spelled, sound in spellings]
    for language, spellings in {
        "pt": [
            ("ch|sh", "x"), ("ph", "f"), ("^h", ""), ("qu(?=[ei])|[cq](?![ei])", "k"),
            ("s?c(?=[ei])|ss|z", "s"), ("gu(?=[ei])", "G"), ("g(?=[ei])", "j"), ("y", "i"),
            ("w", "v"), (r"(.)\1", r"\1"),
        ],
        "es": [
            ("sh", "ch"), ("^h", ""), ("qu(?=[ei])|[cq](?![eih])", "k"), ("s?c(?=[ei])|ss|z", "s"),
            ("gu(?=[ei])", "G"), ("g(?=[ei])", "j"), ("ll", "y"), ("[vw]", "b"), (r"(.)\1", r"\1"),
        ],
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Lexicon:
    """documents: how many products there are. words: folded word → how many of them have it.

    marks: concept (`concepts.py`) → how many of them have it.
    """

    language: str
    documents: int = 0
    words: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, language: str, texts: Iterable[str], marks: Iterable[Iterable[str]] = ()
    ) -> "Lexicon":
        """The lexicon of products' whole texts, and of the concepts of each."""
        tokenizer, counts, documents = tokenizer_of(language), Counter[str](), 0
        for text in texts:
            counts.update(set(tokenizer.words(text)))
            documents += 1
        return cls(language, documents, counts, Counter(chain.from_iterable(marks)))

    def with_more(self, other: "Lexicon", documents: int) -> "Lexicon":
        """This one and another's words; `documents` is how many products there are now."""
        words = Counter(self.words) + Counter(other.words)
        return Lexicon(self.language, documents, words, Counter(self.marks) + Counter(other.marks))

    def concepts(self, tokens: Sequence[str]) -> dict[str, float]:
        """The concepts that a question's tokens ask for, and what each counts."""
        marks, documents = self.marks, self.documents
        return question_weights(self.language, tokens, self._tokens, marks, documents)

    def meant(self, text: str) -> dict[str, float]:
        """Tokens that `text` may have meant beside its own, and what each counts."""
        if not self.words:
            return {}
        typed, found = self._tokenizer.words(text), {}
        for word in typed:
            if not self._knows(word):
                for guess, weight in self._guesses(word):
                    found |= dict.fromkeys(self._tokenizer.tokens(guess), weight)
        for one, other in pairwise(typed):
            if one + other in self.words:
                found |= dict.fromkeys(self._tokenizer.tokens(one + other), _JOINED)
        return found

    def coverage(self, tokens: Iterable[str], best: float) -> float | None:
        """Share of the most a product could score for `tokens` that the best one's score is."""
        if not self.documents:
            return None
        most = sum(self._idf(token) for token in tokens) * (K1 + 1)
        return min(1.0, best / most) if most else None

    @property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer_of(self.language)

    @cached_property
    def _tokens(self) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for word, number in self.words.items():
            for token in self._tokenizer.tokens(word):
                counts[token] += number
        return counts

    @cached_property
    def _grams(self) -> tuple[list[str], dict[str, np.ndarray]]:
        words = sorted(word for word in self.words if len(word) >= _LEAST_LETTERS)
        found: dict[str, list[int]] = {}
        for number, word in enumerate(words):
            for gram in _grams(word):
                found.setdefault(gram, []).append(number)
        return words, {gram: np.array(numbers) for gram, numbers in found.items()}

    @cached_property
    def _sounds(self) -> dict[str, str]:
        """How a word sounds → the most frequent word that does; none where nothing is told."""
        if self._tokenizer.language not in _SAME_SOUND:
            return {}
        ordered = sorted(self.words, key=lambda word: (self.words[word], word))
        return {self._sound(word): word for word in ordered if len(word) >= _LEAST_LETTERS}

    def _sound(self, word: str) -> str:
        for spelled, sound in _SAME_SOUND.get(self._tokenizer.language, ()):
            word = spelled.sub(sound, word)
        return word

    def _knows(self, word: str) -> bool:
        if word in self.words:
            return True
        tokens = self._tokenizer.tokens(word)
        return any(t in self._tokens for t in tokens) or names_concept(
            self.language, tokens, self.marks
        )

    def _guesses(self, word: str) -> list[tuple[str, float]]:
        if len(word) < _LEAST_LETTERS:
            return []
        if same := self._sounds.get(self._sound(word)):
            return [(same, _SOUNDS)]
        near = self._near(word)
        if near and near[0][0] == 1:
            return [(near[0][1], _ONE_LETTER)]
        if parts := self._split(word):
            return [(part, _SPLIT) for part in parts]
        return [(near[0][1], _TWO_LETTERS)] if near else []

    def _near(self, word: str) -> list[tuple[int, str]]:
        """Known words near enough, the nearest first, then the most frequent."""
        words, postings = self._grams
        numbers = [postings[gram] for gram in _grams(word) if gram in postings]
        if not numbers:
            return []
        shared = np.bincount(np.concatenate(numbers), minlength=len(words))
        likeliest = np.argsort(-shared, kind="stable")[:_CANDIDATES]
        allowed = 2 if len(word) >= _LONG_WORD else 1
        found = []
        for number in likeliest:
            candidate = words[number]
            if shared[number] and abs(len(candidate) - len(word)) <= allowed:
                distance = edits(word, candidate)
                if distance <= allowed:
                    found.append((distance, -self.words[candidate], candidate))
        return [(distance, candidate) for distance, _, candidate in sorted(found)]

    def _split(self, word: str) -> tuple[str, str] | None:
        cuts = [(word[:i], word[i:]) for i in range(3, len(word) - 2)]
        known = [cut for cut in cuts if cut[0] in self.words and cut[1] in self.words]
        return max(known, key=lambda c: min(self.words[c[0]], self.words[c[1]]), default=None)

    def _idf(self, token: str) -> float:
        if not token.isalpha():  # codes and numbers are not counted: as rare as one in a hundred
            return idf(self.documents // 100, self.documents)
        return idf(self._tokens.get(token, 0), self.documents)


def _grams(word: str) -> set[str]:
    return {a + b for a, b in pairwise(f"^{fold(word)}$")}


def edits(one: str, other: str) -> int:
    """Edits between two words: letters inserted, deleted, replaced, or neighbors swapped.

    The optimal string alignment distance (Boytsov 2011, 2.1).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
