"""Customers who write at a steady rate, and what became of every message."""

import http.client
import itertools
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from tests.load.house import LoadHouse
from tests.load.model import MARK

_THREADS = 24
_LETTERS = "abcdefghijklmnop"


@dataclass(slots=True)
class Sent:
    """A message. where: (tenant, conversation); at: when it was accepted; ack: seconds."""

    mark: str
    where: tuple[int, int]
    at: float
    ack: float
    status: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """late: seconds from the end of the debounce to the post, of each message that was answered.

    lost, doubled, disordered: how many messages.
    """

    late: list[float]
    lost: int
    doubled: int
    disordered: int

    @property
    def clean(self) -> bool:
        """Every message was answered once and in its order."""
        return not (self.lost or self.doubled or self.disordered)

    def p95(self) -> float:
        """Seconds; 0 without any answer."""
        return percentile(self.late, 95)


@dataclass(slots=True)
class Customers:
    """All of a house. Each conversation is used again only when others had their turn."""

    house: LoadHouse
    conversations: int = 30  # of each tenant
    first: int = 1  # number of the first message
    _numbers: itertools.count = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(self.first)

    def write(self, rate: float, seconds: float) -> list[Sent]:
        """Send `rate` messages a second for `seconds`, on time whatever the answers take."""
        total, lock = int(rate * seconds), threading.Lock()
        started, numbers, mine = time.monotonic() + 0.1, iter(range(total)), []

        def work() -> None:
            port = self.house.settings.port_base
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            while True:
                with lock:
                    place = next(numbers, None)
                    number = next(self._numbers) if place is not None else 0
                if place is None:
                    break
                due = started + place / rate
                time.sleep(max(0.0, due - time.monotonic()))
                one = self._send(connection, number, due)
                with lock:
                    mine.append(one)
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return mine

    def settle(self, seconds: float) -> bool:
        """Wait until nobody waits for an answer; False when that was too long."""
        deadline = time.monotonic() + seconds
        while self.house.waiting():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def verdict(self, sent: list[Sent]) -> Verdict:
        """What became of these messages, as the shops' Chatwoots have it."""
        answers: dict[str, list[float]] = defaultdict(list)
        order: dict[tuple[int, int], list[str]] = defaultdict(list)
        for post in sorted(self.house.chatwoot.posted, key=lambda one: one.at):
            if not post.private:
                for mark in MARK.findall(post.content):
                    answers[mark].append(post.at)
                    order[post.where].append(mark)
        asked: dict[tuple[int, int], list[str]] = defaultdict(list)
        for one in sorted(sent, key=lambda s: s.mark):
            asked[one.where].append(one.mark)
        disordered = 0
        for where, marks in asked.items():
            known = set(marks)
            told = [mark for mark in dict.fromkeys(order[where]) if mark in known]
            disordered += sum(a > b for a, b in itertools.pairwise(told))
        debounce = self.house.settings.debounce
        late = [answers[s.mark][0] - s.at - debounce for s in sent if answers[s.mark]]
        accepted = [s for s in sent if s.status == 200]
        lost = sum(not answers[s.mark] for s in accepted) + len(sent) - len(accepted)
        doubled = sum(len(answers[s.mark]) > 1 for s in sent)
        return Verdict(late, lost, doubled, disordered)

    def _send(self, connection: http.client.HTTPConnection, number: int, due: float) -> Sent:
        tenants = len(self.house.tenants)
        tenant = 1 + number % tenants
        conversation = tenant * 1000 + (number // tenants) % self.conversations
        mark = mark_of(number)
        content = f"vocês têm sofá de 3 lugares? ref {mark}"
        body, headers = self.house.request(tenant, conversation, number, content)
        connection.request("POST", self.house.path(tenant), body, headers)
        answer = connection.getresponse()
        answer.read()
        ack = time.monotonic() - due
        return Sent(mark, (tenant, conversation), time.time(), ack, answer.status)


def mark_of(number: int) -> str:
    """Nine letters that sort as the numbers do: no figure that an answer would have to prove."""
    digits = f"{number:09x}"
    return "".join(_LETTERS[int(digit, 16)] for digit in digits)


def percentile(values: list[float], percent: int) -> float:
    """The value below which that share lies; 0.0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0
