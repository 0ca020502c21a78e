"""A crew that talks to people: one agent, facts prefetched, every figure checked.

Products and the company's rules are read beside each other. What a customer writes only ever
stands in messages of the user; what was read stands as JSON among the facts.

Customer service, sales and analytics are the same run with definitions of their own. Where a crew
has several agents, the first one answers.
"""

import contextvars
import json
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import structlog

from sidecar.crews import prompt
from sidecar.crews.definition import CrewDefinition
from sidecar.crews.llm import ExtractiveLLM, GatewayLLM
from sidecar.crews.quiet import Agent, BaseLLM, silence
from sidecar.crews.reply import Reply
from sidecar.crews.style import style_line
from sidecar.data_proxy.agent import DataProxyAgent, FoundProduct
from sidecar.data_proxy.evidence import unsupported_figures
from sidecar.data_proxy.rules import RuleBrief, RuleHit, RuleProxy
from sidecar.errors import SidecarError
from sidecar.llm import extractive
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.llm.sentences import money, translations
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

_PRODUCTS_TOLD = 5
_RULES_SECONDS = 8.0  # longer than Odoo and the index together are waited for
_HUMAN_MARKS = ("[HUMANO]", "[HUMAN]")
_REPAIR = {
    "pt": "Sua resposta traz números que não estão nos fatos: {figures}. Reescreva sem eles.",
    "en": "Your answer has figures that are not in the facts: {figures}. Rewrite it without them.",
}


@dataclass(frozen=True, slots=True)
class ConversationCrew:
    """Answers one turn of one tenant.

    gateway: None where no LLM is configured. rules: None where no rules are read.
    """

    definition: CrewDefinition
    tenant: Tenant
    proxy: DataProxyAgent
    gateway: LlmGateway | None
    settings: Settings
    rules: RuleProxy | None = None

    def answer(self, question: str, history: list[dict[str, str]]) -> Reply:
        """The reply to `question`; `history` is earlier `{role, content}` messages, oldest first.

        An LLM that fails or keeps inventing figures is replaced by the extractive writer.
        """
        if extractive.wants_person(question):
            return self._handoff()
        products, brief = self._read(question)
        if self.gateway is not None:
            try:
                reply = self._by_model(self.gateway, question, history, products, brief)
            except SidecarError as error:
                log.warning("llm.failed", account=self.tenant.account_id, code=error.code)
                reply = None
            if reply is not None:
                return reply
        return self._extractive(question, products, brief)

    def _read(self, question: str) -> tuple[list[FoundProduct], RuleBrief]:
        """Products and rules for `question`, read beside each other.

        An ERP that fails costs the answer only where the rules do not give one.
        """
        if self.rules is None:
            return self.proxy.find_products(question, _PRODUCTS_TOLD), RuleBrief(question)
        pool = ThreadPoolExecutor(2, thread_name_prefix="prefetch")
        try:
            reads: list[Future[Any]] = [
                pool.submit(contextvars.copy_context().run, read, *arguments)
                for read, *arguments in (
                    (self.rules.brief, question),
                    (self.proxy.find_products, question, _PRODUCTS_TOLD),
                )
            ]
            asked, found = reads
            brief = RuleBrief(question, self.proxy.context.language_code)
            if wait([asked], _RULES_SECONDS).done:
                brief = asked.result()
            try:
                products = found.result()
            except SidecarError as error:
                if not brief.found:
                    raise
                log.warning("products.not_told", account=self.tenant.account_id, code=error.code)
                products = []
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        for product in products:
            self.rules.record_offers(product.facts, brief.offers(product.facts))
        return products, brief

    def _handoff(self) -> Reply:
        _ = translations(self.tenant.language).gettext
        return Reply(
            _("One moment, please: I am calling a person of our team."),
            "extractive",
            handoff=_("the customer asked for a person"),
        )

    def _by_model(
        self,
        gateway: LlmGateway,
        question: str,
        history: list[dict[str, str]],
        products: list[FoundProduct],
        brief: RuleBrief,
    ) -> Reply | None:
        budget = Budget.for_run(self.settings)
        messages = [*history, {"role": "user", "content": question}]
        said = [m["content"] for m in messages if m["role"] == "user"]
        facts, style = self._facts(products, brief), self._style(brief)
        text = self._run(GatewayLLM.of(gateway, budget), messages, facts, style)
        invented = unsupported_figures(text, self.proxy.evidence, said)
        if invented:
            log.info("answer.repaired", account=self.tenant.account_id, figures=invented)
            repair = _REPAIR.get(self.proxy.context.language_code, _REPAIR["en"])
            messages += [
                {"role": "assistant", "content": text},
                {"role": "user", "content": repair.format(figures=", ".join(invented))},
            ]
            text = self._run(GatewayLLM.of(gateway, budget), messages, facts, style)
            if unsupported_figures(text, self.proxy.evidence, said):
                return None
        for mark in _HUMAN_MARKS:
            if text.startswith(mark):
                text = text.removeprefix(mark).strip()
                handoff = self._handoff()
                return Reply(text or handoff.text, "llm", handoff.handoff, gateway.model)
        if not text:
            return None
        return Reply(
            text,
            "llm",
            model=gateway.model,
            input_tokens=budget.input_tokens,
            output_tokens=budget.output_tokens,
            rules=_sources(brief),
        )

    def _extractive(self, question: str, products: list[FoundProduct], brief: RuleBrief) -> Reply:
        told = [found.facts for found in products if brief.is_about(found.why)]
        words = self._words(told, brief)
        llm = ExtractiveLLM.of(
            lambda: extractive.answer(
                question, told, self.tenant.name, self.proxy.context.language, words
            )
        )
        facts = self._facts(products, brief)
        messages = [{"role": "user", "content": question}]
        text = self._run(llm, messages, facts, self._style(brief))
        return Reply(text, "extractive", rules=_sources(brief))

    def _words(self, products: list[dict[str, Any]], brief: RuleBrief) -> extractive.RuleWords:
        texts, offers = brief.profile.get("texts", {}), {}
        suggested = brief.profile.get("promotions", {}).get("suggest_when_selling")
        if suggested or brief.asks_promotions:
            offers = {
                product["id"]: [(offer.price, offer.coupon) for offer in brief.offers(product)]
                for product in products
            }
        return extractive.RuleWords(
            sentences=[*_joined(brief), *map(_titled, brief.answering)],
            offers=offers,
            no_promotion=bool(brief.profile) and brief.asks_promotions and not brief.answering,
            greeting=texts.get("greeting", ""),
            farewell=texts.get("farewell", ""),
            announced=brief.announced,
        )

    def _style(self, brief: RuleBrief) -> str:
        return style_line(brief.profile, self.proxy.context.language_code)

    def _run(self, llm: BaseLLM, messages: list[dict[str, str]], facts: str, style: str) -> str:
        silence()
        told = self.definition.first
        text = prompt.load("conversation", self.proxy.context.language_code).fill(
            shop=self.tenant.name,
            name=told.name,
            backstory=told.backstory,
            style=style,
            facts=facts,
        )
        agent = Agent(
            role=told.role,
            goal=told.goal,
            backstory=text,
            llm=llm,
            verbose=False,
            max_retry_limit=0,
            max_iter=self.settings.turn_max_llm_calls,
        )
        return str(agent.kickoff(messages).raw).strip()

    def _facts(self, products: list[FoundProduct], brief: RuleBrief) -> str:
        language = self.proxy.context.language
        told: dict[str, Any] = {
            "products": [
                {
                    "name": p["name"],
                    "price": money(p["price"], p["currency"], language),
                    "offers": [
                        {
                            "price": money(offer.price, p["currency"], language),
                            "promotion": offer.title,
                            "coupon": offer.coupon,
                        }
                        for offer in brief.offers(p)
                    ],
                    "available": p["available"] if p["is_storable"] else "yes",
                    "category": p["category"],
                    "code": p["default_code"],
                    "text": p["sale_text"][:400],
                    "attributes": {a["name"]: a["values"] for a in p["attributes"]},
                }
                for p in (found.facts for found in products)
            ],
            "rules": [{"title": hit.title, "text": hit.text} for hit in brief.hits],
            "hours": brief.hours,
            "free_times": brief.slots,
            "company": _company(brief),
        }
        filled = {key: value for key, value in told.items() if value or key == "products"}
        return json.dumps(filled, ensure_ascii=False, indent=1)


def _company(brief: RuleBrief) -> dict[str, Any]:
    """Of the profile, what a model may need in any turn."""
    texts = brief.profile.get("texts", {})
    told = {
        "greeting": texts.get("greeting"),
        "farewell": texts.get("farewell"),
        "rating_request": texts.get("rating_request"),
        "promotions_to_announce": brief.announced,
        "asked_for": brief.company,
    }
    return {key: value for key, value in told.items() if value}


def _joined(brief: RuleBrief) -> list[str]:
    """Computed sentences as paragraphs: hours, free times, address."""
    groups = (" ".join(brief.hours[:1]), "\n".join(brief.hours[1:]), "\n".join(brief.slots))
    return [text for text in (*groups, "\n".join(brief.company)) if text]


def _titled(hit: RuleHit) -> str:
    """A rule's words under its title; passages of documents and services name themselves."""
    if hit.kind in ("document", "scheduling"):
        return hit.text
    return f"**{hit.title}**\n{hit.text}"


def _sources(brief: RuleBrief) -> list[dict[str, Any]]:
    return [
        {
            "kind": hit.kind,
            "id": hit.record_id,
            "score": round(hit.score, 4),
            "text": hit.text,
        }
        for hit in brief.sources
    ]
