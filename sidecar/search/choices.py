"""What people chose after a question: the shop's own synonyms, learned by use.

Whoever opens a product after asking for "roupeiro" says what kind of product that word means here.
A choice ties the question's words to the product's kind (the last level of its category), never to
one product. It counts when several people made it, fades with age, and is one tenant's.

Against those who would teach nonsense: a person counts once for a word and a kind, and may tie so
many words a day; fewer than three people teach nothing; a word that people use for many kinds
teaches nothing either; and what was learned only adds a little weight, among products that are the
tenant's. Persons are kept as a hash for as long as their choices.
"""

import hashlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import redis

from sidecar.context import TenantContext
from sidecar.search.concepts import kind_mark
from sidecar.search.tokens import tokenizer_of
from sidecar.store import keys
from sidecar.store.connection import RedisError

log = logging.getLogger(__name__)

LEAST_PEOPLE = 3
MOST_WORDS = 8  # of a question; longer ones tell a story
MOST_A_DAY = 60  # ties of a word to a kind that one person may make
MOST_KEPT = 20_000  # ties of a tenant; the oldest go first
_CERTAIN = 8  # people from whom on more make it no surer
_LEAST_SHARE = 0.5  # of those who used the word
WEIGHT = 0.6
_FRESH_SECONDS = 60.0
_PERSON = 12  # hexadecimal digits of a person's hash

Learned = Mapping[str, Mapping[str, float]]
"""Token → kind's mark → how sure it is, 0 to 1."""


class Choices:
    """One tenant's choices in the cache Redis. Without Redis nothing is learned or known."""

    def __init__(
        self, client: redis.Redis, context: TenantContext, clock: Callable[[], float] = time.time
    ):
        self._client = client
        self.context = context
        self._clock = clock

    def note(self, question: str, category: str, person: str) -> bool:
        """Remembers that `person` chose a product of `category` after `question`.

        category: as facts have it ("Quarto / Roupeiros"). person: any name of theirs, the same each
        time. False where there is nothing to learn: no words, too many, no category, a person who
        chose too often today, no Redis.
        """
        kind = kind_mark(self.context.language_code, category)
        tokenizer = tokenizer_of(self.context.language_code)
        tokens = sorted({token for token in tokenizer.tokens(question) if token.isalpha()})
        if not kind or not 0 < len(tokens) <= MOST_WORDS:
            return False
        told = f"{self.context.account_id}/{person}"
        who = hashlib.sha256(told.encode()).hexdigest()[:_PERSON]
        try:
            return self._write(tokens, kind, who)
        except RedisError as error:
            log.warning("a choice was not learned (%s)", type(error).__name__)
            return False

    def learned(self) -> Learned:
        """What enough people agree on; nothing without Redis."""
        oldest = self._clock() - keys.CHOICES_TTL
        try:
            ties = self._client.zrangebyscore(self._key, oldest, "+inf", withscores=True)
        except RedisError as error:
            log.warning("nothing learned is known (%s)", type(error).__name__)
            return {}
        people: dict[str, set[str]] = defaultdict(set)
        made: dict[tuple[str, str], list[float]] = defaultdict(list)
        for member, at in ties:
            token, kind, who = member.decode().split("\t")
            people[token].add(who)
            made[token, kind].append(1 - max(0.0, self._clock() - at) / keys.CHOICES_TTL)
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for (token, kind), ages in made.items():
            share = len(ages) / len(people[token])
            if len(ages) >= LEAST_PEOPLE and share >= _LEAST_SHARE:
                found[token][kind] = share * min(1.0, sum(ages) / _CERTAIN)
        return found

    def _write(self, tokens: Sequence[str], kind: str, who: str) -> bool:
        now = self._clock()
        counter = keys.chooser(self.context.prefix, who)
        with self._client.pipeline() as pipe:
            pipe.incrby(counter, len(tokens))
            pipe.expire(counter, keys.CHOOSER_TTL, nx=True)
            made, _ = pipe.execute()
        if made > MOST_A_DAY:
            return False
        with self._client.pipeline() as pipe:
            pipe.zadd(self._key, {f"{token}\t{kind}\t{who}": now for token in tokens})
            pipe.zremrangebyscore(self._key, "-inf", now - keys.CHOICES_TTL)
            pipe.zremrangebyrank(self._key, 0, -MOST_KEPT - 1)
            pipe.expire(self._key, keys.CHOICES_TTL)
            pipe.execute()
        return True

    @property
    def _key(self) -> str:
        return keys.choices(self.context.prefix)


class LearnedWords:
    """What any tenant's people taught, in this process's memory for a minute. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[float, Learned]] = {}

    def weights(self, choices: Choices, tokens: Sequence[str]) -> dict[str, float]:
        """The kinds that these tokens of a question mean here, and what each counts."""
        learned = self._of(choices)
        found: dict[str, float] = {}
        for token in tokens:
            for kind, sure in learned.get(token, {}).items():
                found[kind] = max(found.get(kind, 0.0), WEIGHT * sure)
        return found

    def _of(self, choices: Choices) -> Learned:
        key, now = (choices.context.account_id, choices.context.language_code), self._clock()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and now - kept[0] < _FRESH_SECONDS:
            return kept[1]
        learned = choices.learned()
        with self._lock:
            self._kept[key] = (now, learned)
        return learned
