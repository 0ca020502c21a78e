"""A tenant's rules as Odoo told them a moment ago, shared by the turns of one process.

A burst of questions reads them once. Where Odoo does not answer in time, the index's copy serves:
it holds the dates too, so what has ended is not said from it either.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import structlog

from sidecar.embedding_agents.business_rules import RuleFacts, profile_fact
from sidecar.erp.base import RuleSource
from sidecar.errors import SidecarError, Unavailable
from sidecar.search.rule_times import in_force
from sidecar.search.rules import RuleSearch

log = structlog.get_logger(__name__)

FRESH = 4.0  # seconds; an edit in Odoo is in the next answer after at most five
LIMIT = 3.0  # seconds all reads of Odoo together may take
_CAPABLE = 60.0  # seconds Odoo's word on whether it has business rules is believed
_READS = 3

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class RuleSnapshot:
    """What holds for a tenant.

    in_force: rules that held at `read_at`, as Odoo says. told: all rules and scheduling rules, the
    coming ones too. documents: ids of those that may be told, None = those in the index. live:
    whether it is Odoo's word, or the index's copy.
    """

    read_at: float
    live: bool
    profile: dict[str, Any] = field(default_factory=dict)
    in_force: tuple[RuleFacts, ...] = ()
    told: tuple[RuleFacts, ...] = ()
    documents: frozenset[int] | None = frozenset()


class RuleMemory:
    """Snapshots of any tenant. One per process; safe to share between threads."""

    def __init__(self, clock: Clock = time.time, limit: float = LIMIT):
        self.clock = clock
        self._limit = limit
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._kept: dict[str, RuleSnapshot] = {}
        self._capable: dict[str, tuple[float, bool]] = {}

    def snapshot(self, source: RuleSource, search: RuleSearch) -> RuleSnapshot:
        """The tenant's rules, at most `FRESH` seconds old. Raises nothing."""
        account_id = search.context.account_id
        with self._lock:
            lock = self._locks.setdefault(account_id, threading.Lock())
        with lock:
            kept = self._kept.get(account_id)
            now = self.clock()
            if kept is None or not 0 <= now - kept.read_at < FRESH:
                kept = self._read(source, search, now, kept)
                self._kept[account_id] = kept
            return kept

    def _read(
        self, source: RuleSource, search: RuleSearch, now: float, kept: RuleSnapshot | None
    ) -> RuleSnapshot:
        account_id = search.context.account_id
        try:
            return self._live(source, search, now)
        except SidecarError as error:
            log.warning("rules.from_index", account=account_id, code=error.code)
        try:
            facts = search.kept()
        except SidecarError as error:
            log.warning("rules.no_index", account=account_id, code=error.code)
            facts = []
        if facts:
            return _of_index(facts, now)
        if kept is not None:
            return RuleSnapshot(now, False, kept.profile, (), kept.told, kept.documents)
        return RuleSnapshot(now, False)

    def _live(self, source: RuleSource, search: RuleSearch, now: float) -> RuleSnapshot:
        language = search.context.language
        deadline = time.monotonic() + self._limit
        # A pool of its own: an Odoo that hangs keeps no other tenant's reads waiting.
        pool = ThreadPoolExecutor(_READS, thread_name_prefix="rules")
        try:
            known = pool.submit(self._has_rules, source, search.context.account_id, now)
            if wait([known], self._limit).not_done:
                raise Unavailable("Odoo did not tell its rules in time.")
            if not known.result():
                return RuleSnapshot(now, True)
            reads = [
                pool.submit(source.company_profile, language),
                pool.submit(source.rules_in_force, language),
                pool.submit(_all_told, source, language),
            ]
            if wait(reads, max(0.0, deadline - time.monotonic())).not_done:
                raise Unavailable("Odoo did not tell its rules in time.")
            profile, in_force, (told, documents) = (read.result() for read in reads)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return RuleSnapshot(now, True, profile, tuple(in_force), tuple(told), frozenset(documents))

    def _has_rules(self, source: RuleSource, account_id: str, now: float) -> bool:
        asked_at, capable = self._capable.get(account_id, (0.0, False))
        if not 0 <= now - asked_at < _CAPABLE:
            capable = "rules_in_force" in source.ping().get("capabilities", ())
            self._capable[account_id] = (now, capable)
        return capable


def _all_told(source: RuleSource, language: str) -> tuple[list[RuleFacts], list[int]]:
    ids = source.rule_ids()
    refs = [(kind, record) for kind in ("rule", "scheduling") for record in ids.get(kind, ())]
    return (source.rule_facts(refs, language) if refs else []), ids.get("document", [])


def _of_index(facts: list[RuleFacts], now: float) -> RuleSnapshot:
    profiles = [fact["structure"]["profile"] for fact in facts if fact["kind"] == "profile"]
    told = tuple(fact for fact in facts if fact["kind"] != "profile")
    return RuleSnapshot(now, False, profiles[0] if profiles else {}, (), told, None)


def candidates(snapshot: RuleSnapshot, now: float) -> list[RuleFacts]:
    """What may be said at `now`: rules that hold at this very moment, scheduling rules, profile.

    Odoo's own list decides what a temporary rule stands in for; the clock decides what has ended
    or begun since it was read.
    """
    rules = [fact for fact in snapshot.told if fact["kind"] == "rule"]
    holding = in_force(rules, now)
    if snapshot.live:
        told = {fact["id"] for fact in rules}
        listed = {fact["id"] for fact in snapshot.in_force}
        # what Odoo left out although our own reading of the same facts would not have
        hidden = {fact["id"] for fact in in_force(rules, snapshot.read_at)} - listed
        holding = [fact for fact in holding if fact["id"] not in hidden]
        # written between the two reads
        holding += in_force([f for f in snapshot.in_force if f["id"] not in told], now)
    scheduling = [fact for fact in snapshot.told if fact["kind"] == "scheduling"]
    profile = [profile_fact(snapshot.profile)] if snapshot.profile else []
    return [*holding, *scheduling, *profile]
