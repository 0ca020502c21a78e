"""Which rules and passages answer a question: kind, words and meaning in one ranking.

    score = 0.5·words + 0.4·topic + 0.3·meaning + a little for what is temporary or important

words: BM25F of the question in the rule, as a share of the most that a rule could score.
topic: 1 where the question speaks of the rule's kind, 0.6 of what its title is about (`topics.py`).
meaning: the cosine of both texts, where the tenant has an embedding model.

The rules that are ranked come from the caller, who read them just now. The index gives the scores
of those that it holds as they are; what it does not hold yet is weighed here by the same formula,
so that a rule is found before its synchronization has run. Documents come from the index alone.
"""

import json
import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from qdrant_client import models

from sidecar.context import TenantContext
from sidecar.embedding_agents.business_rules import (
    Ref,
    RuleFacts,
    RuleText,
    ref_of,
    rule_text,
    told_text,
)
from sidecar.errors import SidecarError
from sidecar.search.embeddings.base import Embedder
from sidecar.search.lexicon import Lexicon
from sidecar.search.rule_indexer import RuleStores, fact_hash
from sidecar.search.rule_store import RuleStore, Scored
from sidecar.search.sparse import K1, SparseEncoder, query_weights, weights
from sidecar.search.tokens import token_id, tokenizer_of
from sidecar.search.topics import kind_topics, topic_words_in, topics_asked, topics_of
from sidecar.search.whereabouts import Whereabouts

log = logging.getLogger(__name__)

WORDS, TOPIC, MEANING = 0.5, 0.4, 0.3
_OF_KIND, _OF_TITLE = 1.0, 0.6
_PRIORITY = {"normal": 0.0, "important": 0.02, "critical": 0.04}
_TEMPORARY = 0.03
_DEPTH = 60
_PASSAGES = 20


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule or passage that may answer. words, topic, meaning: the parts of its score."""

    kind: str
    record_id: int
    title: str
    text: str
    score: float
    words: float
    topic: float
    meaning: float
    page: int = 0
    part: int = 0


class RuleSearch:
    """Search of one tenant's rules and documents. `embedder` None: by kind and words only.

    whereabouts: finds those that wait elsewhere for a complete sync.
    """

    def __init__(
        self,
        stores: RuleStores,
        embedder: Embedder | None,
        context: TenantContext,
        whereabouts: Whereabouts | None = None,
    ):
        self._stores = stores
        self._whereabouts = whereabouts or Whereabouts()
        self._embedder = embedder
        self.context = context

    def rank(
        self,
        question: str,
        rules: Sequence[RuleFacts],
        limit: int = 10,
        documents: Collection[int] | None = None,
    ) -> list[RuleHit]:
        """Up to `limit` of `rules` and of the passages of `documents` (None: of all), best first.

        Rules that have nothing of the question are left out. An index or an embedder that fails
        costs its share of the scores, not the answer.
        """
        language = self.context.language_code
        corpus = _corpus(language, tuple((ref_of(r), rule_text(r)) for r in rules))
        asked = topics_asked(question, language)
        tokens = corpus.tokens(question)
        query, most = weights(tokens), corpus.most(tokens)
        dense = self._dense(question)
        indexed, found = self._indexed(query, dense, documents)
        hits = []
        for rule in rules:
            ref = ref_of(rule)
            score = indexed.get(ref)
            current = score is not None and score.payload["hash"] == self._hash(rule)
            sparse = score.sparse if current and score.sparse is not None else None
            words = sparse if sparse is not None else corpus.score(ref, query)
            meaning = (score.dense or 0.0) if current and score is not None else 0.0
            topic = _OF_TITLE if asked & topics_of(rule, language) else 0.0
            topic = _OF_KIND if asked & kind_topics(rule) else topic
            hit = _hit(rule, _share(words, most), topic, meaning)
            if hit.words > 0 or topic or meaning > 0:
                hits.append(hit)
        hits += self._passages(corpus, tokens, asked, found)
        return sorted(hits, key=lambda h: (-h.score, h.kind, h.record_id, h.part))[:limit]

    def kept(self) -> list[RuleFacts]:
        """The facts of all rules, scheduling rules and profiles as they were last synchronized."""
        return [json.loads(p["facts"]) for p in self._here("rule").payloads(["facts"])]

    def _passages(
        self,
        corpus: "_Corpus",
        tokens: dict[str, float],
        asked: frozenset[str],
        found: list[Scored],
    ) -> list[RuleHit]:
        """Passages that the index found, weighed again among the rules: one scale for both."""
        texts = [(one, RuleText(one.payload["title"], "", one.payload["text"])) for one in found]
        joined = corpus.joined([text for _, text in texts])
        query, most = weights(tokens), joined.most(tokens)
        hits = []
        for number, (one, text) in enumerate(texts):
            words = _share(joined.score(("passage", number), query), most)
            topic = _OF_TITLE if asked & set(one.payload["topics"]) else 0.0
            meaning = max(0.0, one.dense or 0.0)
            hits.append(
                RuleHit(
                    kind=one.ref[0],
                    record_id=one.ref[1],
                    title=text.title,
                    text=text.body,
                    score=WORDS * words + TOPIC * topic + MEANING * meaning,
                    words=words,
                    topic=topic,
                    meaning=meaning,
                    page=one.payload["page"],
                    part=one.part,
                )
            )
        return hits

    def _indexed(
        self,
        query: tuple[list[int], list[float]],
        dense: np.ndarray | None,
        documents: Collection[int] | None,
    ) -> tuple[dict[Ref, Scored], list[Scored]]:
        """What the index says: scores by rule, and passages. Empty where it cannot be asked."""
        try:
            rules, passages = self._here("rule"), self._here("document")
            # elsewhere are another model's vectors
            by_meaning = dense if rules is self._stores.rules else None
            scored = rules.search(query, by_meaning, _DEPTH, ["hash"])
            if documents is not None and not documents:
                return {one.ref: one for one in scored}, []
            told: list[models.Condition] = []
            if documents is not None:
                match = models.MatchAny(any=sorted(documents))
                told = [models.FieldCondition(key="record_id", match=match)]
            keys = ["title", "text", "page", "topics"]
            by_meaning = dense if passages is self._stores.documents else None
            return {one.ref: one for one in scored}, passages.search(
                query, by_meaning, _PASSAGES, keys, told
            )
        except SidecarError as error:
            log.warning("rules are found without the index (%s)", error.code)
            return {}, []

    def _here(self, kind: str) -> RuleStore:
        return self._whereabouts.of(self._stores.of(kind))

    def _dense(self, question: str) -> np.ndarray | None:
        if self._embedder is None or not question.strip():
            return None
        try:
            return self._embedder.embed([question])[0]
        except SidecarError as error:
            log.warning("rules are found by words only: no embedding (%s)", error.code)
            return None

    def _hash(self, rule: RuleFacts) -> str:
        return fact_hash(rule, self.context, self._embedder)


def _hit(rule: RuleFacts, words: float, topic: float, meaning: float) -> RuleHit:
    score = WORDS * words + TOPIC * topic + MEANING * max(0.0, meaning)
    score += _PRIORITY.get(rule["priority"], 0.0)
    score += _TEMPORARY if rule["group"] == "temporary" else 0.0
    text = told_text(rule)
    return RuleHit(rule["kind"], rule["id"], rule["title"], text, score, words, topic, meaning)


def _share(score: float, most: float) -> float:
    return min(1.0, score / most) if most else 0.0


class _Corpus:
    """The texts of a tenant's rules, weighed as the index weighs them."""

    def __init__(self, language: str, texts: Sequence[tuple[Ref, RuleText]]):
        self._language = language
        self._texts = texts
        self._tokenizer = tokenizer_of(language)
        self._vectors = _vectors(language, texts)
        self._counts = Counter(token for vector in self._vectors.values() for token in vector)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon.of(self._language, (text.dense for _, text in self._texts))

    def joined(self, passages: Sequence[RuleText]) -> "_Corpus":
        """These texts and passages of documents, referred to as ("passage", 0) and on."""
        more = [(("passage", number), text) for number, text in enumerate(passages)]
        return _Corpus(self._language, [*self._texts, *more])

    def tokens(self, question: str) -> dict[str, float]:
        """The weights of the question's tokens, and of what mistyped ones may have meant.

        Words of the topic lexicon are known words: "frete" is not a mistyped "frente".
        """
        known = topic_words_in(question, self._language)
        words = (w for w in self._tokenizer.words(question) if w not in known)
        meant = self._lexicon.meant(" ".join(words))
        return meant | query_weights(self._tokenizer.tokens(question))

    def score(self, ref: Ref, query: tuple[list[int], list[float]]) -> float:
        """BM25F of the question in a rule."""
        vector = self._vectors[ref]
        return sum(
            weight * vector[token] * self._idf(token)
            for token, weight in zip(*query, strict=True)
            if token in vector
        )

    def most(self, tokens: dict[str, float]) -> float:
        """What a rule could score that has all the question's words (pairs not counted)."""
        return sum(
            weight * self._idf(token_id(token)) * (K1 + 1)
            for token, weight in tokens.items()
            if " " not in token
        )

    def _idf(self, token: int) -> float:
        number, total = self._counts.get(token, 0), len(self._vectors)
        return float(np.log(1 + (total - number + 0.5) / (number + 0.5)))


def _vectors(language: str, texts: Sequence[tuple[Ref, RuleText]]) -> dict[Ref, dict[int, float]]:
    return {ref: _vector(language, text) for ref, text in texts}


@lru_cache(maxsize=5000)
def _vector(language: str, text: RuleText) -> dict[int, float]:
    return dict(zip(*SparseEncoder(language).document(text.fields), strict=True))


@lru_cache(maxsize=64)
def _corpus(language: str, texts: tuple[tuple[Ref, RuleText], ...]) -> _Corpus:
    return _Corpus(language, texts)
