"""What people chose after a question: the shop's own synonyms, learned by use.

Whoever opens a product after asking for "roupeiro", or in a conversation names one of those shown
for it, says what kind of product that word means here. A choice ties the question's words to the
product's kind (the last level of its category), never to one product. It counts when several people
made it, fades with age, and is one tenant's.

Against those who would teach nonsense: a person counts once for a word and a kind, and may tie so
many words a day; fewer than three people teach nothing; a word that people use for many kinds, or
for a kind that others choose as often without it, teaches nothing either; and what was learned only
adds a little weight, among products that are the tenant's. Persons are kept as a hash for as long
as their choices.
"""

import hashlib
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

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
# A word says something where those who used it chose the kind so much oftener than the others did,
# who count from few on only a little: in a shop that sells mostly sofas "bonito" means no sofa.
_OFTENER = 1.25
_DOUBT = 8  # people, beside the others, who chose another kind
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
        try:
            return self._write(tokens, kind, self._who(person))
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
        people: dict[str, set[str]] = defaultdict(set)  # who used a token
        choosers: dict[str, set[str]] = defaultdict(set)  # who chose a kind
        made: dict[tuple[str, str], list[float]] = defaultdict(list)
        now = self._clock()
        for member, at in ties:
            token, kind, who = member.decode().split("\t")
            people[token].add(who)
            choosers[kind].add(who)
            made[token, kind].append(1 - max(0.0, now - at) / keys.CHOICES_TTL)
        everybody = set().union(*people.values())
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for (token, kind), ages in made.items():
            share = len(ages) / len(people[token])
            if len(ages) < LEAST_PEOPLE or share < _LEAST_SHARE:
                continue
            others = len(choosers[kind] - people[token])
            if share > _OFTENER * others / (len(everybody - people[token]) + _DOUBT):
                found[token][kind] = share * min(1.0, sum(ages) / _CERTAIN)
        return found

    def forget(self, persons: Iterable[str]) -> int:
        """Remove what these persons chose; how many ties there were. Raises redis errors."""
        gone = {self._who(person) for person in persons}
        if not gone:
            return 0
        self._client.delete(*(keys.chooser(self.context.prefix, who) for who in gone))
        members = self._client.zrange(self._key, 0, -1)
        mine = [one for one in members if one.decode().rpartition("\t")[2] in gone]
        return self._client.zrem(self._key, *mine) if mine else 0

    def _who(self, person: str) -> str:
        told = f"{self.context.account_id}/{person}"
        return hashlib.sha256(told.encode()).hexdigest()[:_PERSON]

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
