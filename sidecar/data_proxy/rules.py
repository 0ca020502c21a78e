"""The door to a tenant's rules: what answers a question, as it holds at this moment.

Hours, free times and prices under a promotion are computed here and handed on as facts; whatever
is handed on is recorded as evidence.
"""

import re
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_date

from sidecar.context import TenantContext
from sidecar.data_proxy.evidence import Evidence
from sidecar.data_proxy.hours import Hours, OpenState
from sidecar.data_proxy.promotions import Offer, Promotion, offers_for, promotions_of
from sidecar.data_proxy.rule_memory import LIMIT, RuleMemory, RuleSnapshot, candidates
from sidecar.embedding_agents.business_rules import RuleFacts, told_text
from sidecar.erp.base import RuleSource
from sidecar.errors import SidecarError
from sidecar.llm.sentences import translations
from sidecar.search.rules import RuleHit, RuleSearch
from sidecar.search.tokens import fold
from sidecar.search.topics import (
    ADDRESS,
    CONTACT,
    HOURS,
    PROMOTION,
    SCHEDULING,
    topic_words_in,
    topics_asked,
)

log = structlog.get_logger(__name__)

TOLD = 6  # rules and passages that a model is told
ANSWERING = 3  # of them, at most, that answer without one
_SLOTS = 5
_DAYS_AHEAD = 14
_READ = 1000  # characters of a question that rules are found by
# A rule answers where the question speaks of its topic, where most of its words are the rule's, or
# where both mean nearly the same.
_WORDS_ENOUGH = 0.45
_MEANING_ENOUGH = 0.6
_PASSAGE_WORDS = 0.3
_NEAR_BEST = 0.6
_MODELS = {
    "rule": "ai.business.rule",
    "scheduling": "ai.scheduling.rule",
    "document": "ai.support.document",
    "profile": "ai.company.profile",
}
_PRODUCT_ASKED = re.compile(
    r"\b(preco|precos|valor|valores|quanto (custa|custam|fica|sai|e|esta)|custa|voces tem|vcs tem"
    r"|vende|vendem|procuro|price|prices|how much|cost|costs|do you (have|sell))\b"
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class RuleBrief:
    """What a tenant says to one question.

    topics: what the question is about. hits: what was found, best first; answering: those of them
    that really answer. hours, slots: sentences, computed. promotions: all that hold now.
    company: address and links, where they are asked for and may be told. announced: the words of
    promotions that everybody is told. profile: as `company_profile`, or {}.
    """

    question: str = ""
    language: str = "en"
    topics: frozenset[str] = frozenset()
    hits: list[RuleHit] = field(default_factory=list)
    answering: list[RuleHit] = field(default_factory=list)
    hours: list[str] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    company: list[str] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether anything here answers the question."""
        return bool(self.answering or self.sentences)

    @property
    def sentences(self) -> list[str]:
        """What was computed or read for this very question, to be said before any rule."""
        return [*self.hours, *self.slots, *self.company]

    @property
    def sources(self) -> list[RuleHit]:
        """The records that the answer comes from, best first."""
        computed = bool(self.hours or self.company)
        return [
            hit
            for hit in self.hits
            if hit in self.answering or (computed and hit.kind == "profile")
        ]

    @property
    def asks_promotions(self) -> bool:
        """Whether the customer asks for promotions."""
        return PROMOTION in self.topics

    def offers(self, product: dict[str, Any]) -> list[Offer]:
        """What a product costs under the promotions that hold."""
        return offers_for(product, self.promotions)

    def is_about(self, why: list[str]) -> bool:
        """Whether the question is about a product too, by the reasons it was found for.

        A question about a rule alone ("quanto custa a montagem?") is not, although a product may
        have the same word in its name.
        """
        if not self.found and not self.asks_promotions:
            return True
        language = self.language
        rule_words = topic_words_in(self.question, language)
        named = {
            word
            for reason in why
            if (parts := reason.partition(": "))[0] in ("name", "category", "code")
            for word in _WORD.findall(fold(parts[2]))
        } - rule_words
        if not named:
            return False
        return self.topics <= {PROMOTION} or bool(_PRODUCT_ASKED.search(fold(self.question)))


class RuleProxy:
    """Reads rules for one tenant and one piece of work."""

    def __init__(
        self,
        context: TenantContext,
        source: RuleSource,
        search: RuleSearch,
        memory: RuleMemory,
        evidence: Evidence,
    ):
        self.context = context
        self.evidence = evidence
        self._source = source
        self._search = search
        self._memory = memory

    def brief(self, question: str) -> RuleBrief:
        """What the tenant says to `question`. Raises nothing: what fails is left out."""
        question = question[:_READ]
        snapshot = self._memory.snapshot(self._source, self._search)
        now = self._memory.clock()
        rules = candidates(snapshot, now)
        if not rules and not snapshot.profile and snapshot.documents == frozenset():
            return RuleBrief(question, self.context.language_code)
        topics = topics_asked(question, self.context.language_code)
        hits = self._search.rank(question, rules, 2 * TOLD, snapshot.documents)
        answering = _answering(hits)
        in_force = [rule for rule in rules if rule["kind"] == "rule"]
        brief = RuleBrief(
            question=question,
            language=self.context.language_code,
            topics=topics,
            hits=hits[:TOLD],
            answering=answering,
            hours=self._hours(question, snapshot, now) if HOURS in topics else [],
            slots=self._slots(hits, rules, snapshot, now) if SCHEDULING in topics else [],
            company=self._company(topics, snapshot.profile),
            promotions=promotions_of(in_force),
            announced=self._announced(snapshot, in_force),
            profile=snapshot.profile,
        )
        self._record(brief)
        return brief

    def _hours(self, question: str, snapshot: RuleSnapshot, now: float) -> list[str]:
        if not snapshot.profile:
            return []
        profile = snapshot.profile
        hours = Hours(profile["hours"], self._zone_name(profile), self.context.language)
        moment = datetime.fromtimestamp(now, UTC)
        return hours.sentences(question, moment, self._open_state() if snapshot.live else None)

    def _open_state(self) -> OpenState | None:
        """Whether the company is open, as Odoo says; None where it does not say in time."""
        told = self._in_time(self._source.open_state)
        if told is None:
            return None
        return OpenState(
            told["open"],
            told["reason"],
            told["name"],
            _instant(told["until"]),
            _instant(told["next_opening"]),
        )

    def _slots(
        self, hits: list[RuleHit], rules: list[RuleFacts], snapshot: RuleSnapshot, now: float
    ) -> list[str]:
        """The next free times of the service that the question is about, by day."""
        services = [hit for hit in hits if hit.kind == "scheduling"]
        offered = snapshot.profile.get("services", {}).get("scheduling")
        if not services or not offered or not snapshot.live:
            return []
        service = services[0]
        zone = ZoneInfo(self._zone_name(snapshot.profile))
        today = datetime.fromtimestamp(now, zone).date()
        last = today + timedelta(days=_DAYS_AHEAD)
        found = self._in_time(
            lambda: self._source.free_slots(
                service.record_id, today.isoformat(), last.isoformat(), _SLOTS
            )
        )
        days: dict[str, list[str]] = {}
        for slot in found or []:
            start = datetime.fromisoformat(slot["start"]).astimezone(zone)
            name = format_date(start.date(), "EEEE", locale=self.context.language)
            short = "dd/MM" if self.context.language_code == "pt" else "MMMM d"
            day = f"{name}, {format_date(start.date(), short, locale=self.context.language)}"
            days.setdefault(day, []).append(f"{start:%H:%M}")
        return [f"{service.title} – {day}: {', '.join(times)}" for day, times in days.items()]

    def _company(self, topics: frozenset[str], profile: dict[str, Any]) -> list[str]:
        """Address and links, where they are asked for and the profile tells them."""
        _ = translations(self.context.language).gettext
        found = []
        if ADDRESS in topics and profile.get("address"):
            address = ", ".join(line.strip() for line in profile["address"].splitlines() if line)
            found.append(_("Our address: %(address)s") % {"address": address})
        if CONTACT in topics and profile.get("links"):
            links = ", ".join(link["url"] for link in profile["links"])
            found.append(_("You find us here: %(links)s") % {"links": links})
        return found

    def _announced(self, snapshot: RuleSnapshot, in_force: list[RuleFacts]) -> list[str]:
        if not snapshot.profile.get("promotions", {}).get("announce_at_start"):
            return []
        promoted = [rule for rule in in_force if "promotion" in rule["structure"]]
        return [f"{rule['title']}: {told_text(rule)}" for rule in promoted[:ANSWERING]]

    def _in_time(self, read: Any) -> Any:
        """What `read` gives, None when it fails or takes too long."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="rules")
        try:
            asked = pool.submit(read)
            if wait([asked], LIMIT).not_done:
                return None
            return asked.result()
        except SidecarError as error:
            log.warning("rules.not_told", account=self.context.account_id, code=error.code)
            return None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _zone_name(self, profile: dict[str, Any]) -> str:
        return str(profile.get("timezone") or self.context.timezone)

    def _record(self, brief: RuleBrief) -> None:
        for hit in brief.hits:
            told = {"title": hit.title, "text": hit.text}
            self.evidence.add(f"odoo:{_MODELS[hit.kind]}/{hit.record_id}", told)
        computed = [*brief.sentences, *brief.announced]
        texts = brief.profile.get("texts", {})
        if computed or texts:
            self.evidence.add("odoo:ai.company.profile", [*computed, *texts.values()])

    def record_offers(self, product: dict[str, Any], offers: list[Offer]) -> None:
        """Record computed prices, so that an answer may name exactly these."""
        if offers:
            prices = [offer.price for offer in offers]
            self.evidence.add(f"computed:offer/{product['id']}", prices)


def _answering(hits: list[RuleHit]) -> list[RuleHit]:
    """The hits that are good enough to answer by themselves, the best first."""
    good = [hit for hit in hits if _is_answer(hit)]
    # One service: its free times are told, and those of another would only confuse.
    service = next((hit for hit in good if hit.kind == "scheduling"), None)
    near = [hit for hit in good if hit.score >= _NEAR_BEST * good[0].score]
    return [hit for hit in near if hit.kind != "scheduling" or hit is service][:ANSWERING]


def _is_answer(hit: RuleHit) -> bool:
    if hit.meaning >= _MEANING_ENOUGH:
        return True
    if hit.kind == "document":
        return hit.words >= _PASSAGE_WORDS
    if hit.kind == "profile" and hit.topic:  # computed, and said better than in its own words
        return False
    return hit.topic > 0 or hit.words >= _WORDS_ENOUGH


def _instant(text: str | bool) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
