"""What people chose after a question: learned from several, fading, nobody's to poison."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sidecar.context import TenantContext
from sidecar.search import choices as module
from sidecar.search.choices import LEAST_PEOPLE, Choices, LearnedWords
from sidecar.store import keys
from sidecar.store.connection import cache_store

DAY = 24 * 3600
SOFAS = "Sala / Sofás"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(settings) -> redis.Redis:
    return cache_store(settings)


def tenant(account: str) -> TenantContext:
    return TenantContext(account, 1, "pt_BR", "UTC", "BRL")


@pytest.fixture
def shop(store, clock) -> Choices:
    return Choices(store, tenant("account_1"), clock)


def taught(shop: Choices, question: str, category: str, people: int, start: int = 0) -> None:
    for number in range(start, start + people):
        assert shop.note(question, category, f"person {number}")


def kinds(shop: Choices, token: str) -> set[str]:
    return set(shop.learned().get(token, {}))


def test_several_people_teach_a_word(shop):
    taught(shop, "um chesterfield", SOFAS, LEAST_PEOPLE - 1)
    assert shop.learned() == {}
    taught(shop, "um chesterfield", SOFAS, 1, start=LEAST_PEOPLE)
    assert kinds(shop, "chesterfield") == {"=:sof"}


def test_one_person_counts_once(shop):
    for _ in range(20):
        shop.note("chesterfield", SOFAS, "the same")
    assert shop.learned() == {}


def test_more_people_make_it_surer_up_to_a_limit(shop):
    taught(shop, "chesterfield", SOFAS, 3)
    few = shop.learned()["chesterfield"]["=:sof"]
    taught(shop, "chesterfield", SOFAS, 30)
    many = shop.learned()["chesterfield"]["=:sof"]
    assert 0 < few < many <= 1


def test_a_word_used_for_everything_teaches_nothing(shop):
    for number, category in enumerate(("Sala / Sofás", "Sala / Mesas", "Quarto / Camas")):
        taught(shop, "bonito", category, 4, start=10 * number)
    assert shop.learned() == {}


def test_a_few_cannot_unteach_what_many_said(shop):
    taught(shop, "chesterfield", SOFAS, 10)
    taught(shop, "chesterfield", "Outros / Brindes", 4, start=100)
    assert kinds(shop, "chesterfield") == {"=:sof"}


def test_a_choice_fades_and_is_forgotten(shop, clock):
    taught(shop, "chesterfield", SOFAS, 6)
    fresh = shop.learned()["chesterfield"]["=:sof"]
    clock.now += 45 * DAY
    assert shop.learned()["chesterfield"]["=:sof"] < fresh
    clock.now += 46 * DAY
    assert shop.learned() == {}


def test_a_person_teaches_so_much_a_day(shop, store):
    taken = sum(shop.note(f"palavra{chr(97 + n)}", SOFAS, "eager") for n in range(20))
    assert taken == 20
    assert not all(
        shop.note(" ".join(f"w{chr(97 + n)}{chr(97 + m)}" for m in range(8)), SOFAS, "eager")
        for n in range(20)
    )
    assert store.zcard(keys.choices("account_1")) <= module.MOST_A_DAY
    assert 0 < store.ttl(next(iter(store.scan_iter("account_1:chooser:*")))) <= DAY


def test_what_is_kept_is_bounded(shop, store, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 10)
    for number in range(30):
        shop.note("chesterfield", SOFAS, f"person {number}")
    assert store.zcard(keys.choices("account_1")) == 10


@pytest.mark.parametrize(
    ("question", "category"),
    [
        ("", SOFAS),
        ("de para com", SOFAS),
        ("chesterfield", ""),
        ("123 456", SOFAS),
        ("uma conversa comprida sobre tantas coisas que ninguém procura junto numa loja", SOFAS),
    ],
)
def test_what_teaches_nothing(shop, question, category):
    assert shop.note(question, category, "a person") is False


def test_no_persons_name_is_kept(shop, store):
    shop.note("chesterfield", SOFAS, "+5511999990000")
    kept = b"".join(store.zrange(keys.choices("account_1"), 0, -1))
    assert b"999990000" not in kept


def test_tenants_learn_apart(shop, store, clock):
    other = Choices(store, tenant("account_2"), clock)
    taught(shop, "chesterfield", SOFAS, 5)
    assert other.learned() == {}
    taught(other, "chesterfield", "Outros / Brindes", 5)
    assert kinds(shop, "chesterfield") == {"=:sof"}
    assert kinds(other, "chesterfield") == {"=:brind"}


def test_without_redis_nothing_is_known_and_nothing_breaks(clock):
    dead = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    shop = Choices(dead, tenant("account_1"), clock)
    assert shop.note("chesterfield", SOFAS, "a person") is False
    assert shop.learned() == {}


def test_a_process_reads_it_once_a_minute(shop):
    minute = Clock()
    words = LearnedWords(minute)
    assert words.weights(shop, ["chesterfield"]) == {}
    taught(shop, "chesterfield", SOFAS, 8)
    assert words.weights(shop, ["chesterfield"]) == {}
    minute.now += 61
    (weight,) = words.weights(shop, ["chesterfield", "azul"]).values()
    assert 0 < weight <= module.WEIGHT


def test_a_word_of_those_who_choose_what_everybody_does_teaches_nothing(shop):
    for number, category in enumerate([SOFAS] * 24 + ["Sala / Mesas"] * 16):
        shop.note(f"palavra{chr(97 + number % 26)}", category, f"other {number}")
    taught(shop, "bonito", SOFAS, 6)
    taught(shop, "bonito", "Sala / Mesas", 4, start=10)
    taught(shop, "chesterfield", SOFAS, 6, start=20)
    assert "bonito" not in shop.learned()
    assert kinds(shop, "chesterfield") == {"=:sof"}


def test_what_a_person_taught_is_forgotten_with_them(shop, store):
    taught(shop, "chesterfield azul", SOFAS, LEAST_PEOPLE)
    assert kinds(shop, "chesterfield") == {"=:sof"}
    assert shop.forget(["person 0", "somebody else"]) == 2
    assert shop.learned() == {}
    assert store.zcard(keys.choices("account_1")) == 2 * (LEAST_PEOPLE - 1)
    assert len(list(store.scan_iter("account_1:chooser:*"))) == LEAST_PEOPLE - 1
    assert shop.forget([]) == 0
