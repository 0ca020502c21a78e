"""Sixty questions in Portuguese find the right rules without any embedding model."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.context import TenantContext
from sidecar.embedding_agents.business_rules import ref_of
from sidecar.search.rule_indexer import RuleIndexer, RuleStores
from sidecar.search.rule_store import RuleStore
from sidecar.search.rule_times import in_force
from sidecar.search.rules import RuleSearch
from tests.business_rules import TODAY, ZONE, shop_facts, template_facts
from tests.vectors_process import VectorsProcess

QUESTIONS = Path(__file__).parent.parent.parent / "fixtures/rules_pt.tsv"
RANK, ENOUGH = 3, 57
NOON = time.mktime(TODAY.timetuple()) + 12 * 3600
ENGLISH = [
    ("do you have any discounts?", "glow"),
    ("any coupon code for serums", "glow"),
    ("how much is shipping?", "shipping"),
    ("do you ship to Alaska", "shipping"),
    ("can I get it today in Brooklyn?", "same_day"),
    ("can I pay in installments?", "payment"),
    ("do you take gift cards", "payment"),
    ("how do I send back a serum", "return"),
    ("can I return a brush?", "return_tools"),
    ("my skin is burning, what should I do", "reaction"),
    ("is retinal safe when pregnant?", "pregnancy"),
    ("do you refil empty bottles", "refills"),
    ("how do points work?", "loyalty"),
    ("do I get free samples?", "samples"),
    ("I would like to book a makeup lesson", "lesson"),
    ("I'm running late for my appointment", "late"),
    ("can I use vitamin c with niacinamide", "luma_routine.txt"),
    ("what time do you open on sunday?", "profile"),
]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("retrieval") / "vectors").start()
    yield process
    process.stop()


def searched(vectors: VectorsProcess, number: int, language: str, facts: dict[str, Any]) -> Any:
    """A tenant whose rules are indexed: its search, and the rules in force at noon."""
    context = TenantContext(f"account_{number}", number, language, "America/Sao_Paulo", "BRL")
    client = vectors.client()
    stores = RuleStores(
        RuleStore(client, context, None, "rules"), RuleStore(client, context, None, "documents")
    )
    RuleIndexer(stores, None, context).sync(facts.values(), None)
    told = [fact for fact in facts.values() if fact["kind"] != "document"]
    return RuleSearch(stores, None, context), in_force(told, NOON)


def keys_found(search: Any, rules: Any, facts: dict[str, Any], question: str) -> list[str]:
    """The keys of what is found, best first; a document counts once, by its best passage."""
    by_ref = {ref_of(fact): key for key, fact in facts.items()}
    hits = search.rank(question, rules, 20)
    return list(dict.fromkeys(by_ref[hit.kind, hit.record_id] for hit in hits))


def rank_of(key: str, found: list[str]) -> int:
    return found.index(key) + 1 if key in found else 99


def test_sixty_portuguese_questions(
    vectors: VectorsProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    companies = {"casa_ipe": shop_facts("casa_ipe", "pt")}
    for area in ("restaurant", "clinic", "cosmetics"):
        companies[area] = template_facts(area, "pt_BR")
    asked = {
        name: searched(vectors, number, "pt_BR", facts)
        for number, (name, facts) in enumerate(companies.items(), 1)
    }
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 60
    lines, right = [], 0
    for row in rows:
        search, rules = asked[row["company"]]
        found = keys_found(search, rules, companies[row["company"]], row["question"])
        ranks = [rank_of(key, found) for key in row["expected"].split()]
        good = max(ranks) <= RANK
        right += good
        lines.append(
            f"{'ok' if good else '--':3} {row['question'][:56]:57} "
            f"{row['expected']:30} {'/'.join(map(str, ranks)):6} {' '.join(found[:3])}"
        )
    with capsys.disabled():
        print("\n   question".ljust(62), "expected".ljust(30), "rank", "  first three")
        print("\n".join(lines))
        print(f"{right} of {len(rows)} at rank {RANK} or better")
    assert right >= ENOUGH


def test_english_questions(vectors: VectorsProcess) -> None:
    facts = shop_facts("luma", "en")
    search, rules = searched(vectors, 9, "en_US", facts)
    missed = {
        question: found[:3]
        for question, key in ENGLISH
        if rank_of(key, found := keys_found(search, rules, facts, question)) > RANK
    }
    assert len(missed) <= 1, missed


def test_what_is_not_in_the_index_yet_is_found_all_the_same(vectors: VectorsProcess) -> None:
    facts = shop_facts("casa_ipe", "pt")
    context = TenantContext("account_77", 7, "pt_BR", "America/Sao_Paulo", "BRL")
    client = vectors.client()
    stores = RuleStores(
        RuleStore(client, context, None, "rules"), RuleStore(client, context, None, "documents")
    )
    search = RuleSearch(stores, None, context)
    rules = in_force([f for f in facts.values() if f["kind"] != "document"], NOON)
    assert "sofa_week" in keys_found(search, rules, facts, "tem alguma promoção?")[:3]
    assert keys_found(search, rules, facts, "vocês montam?")[0] == "assembly"


def test_days_are_those_of_the_demo() -> None:
    assert TODAY.weekday() == 2
    assert str(ZONE) == "America/Sao_Paulo"
