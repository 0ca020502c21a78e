"""How a turn is answered once everything was read: model, check, one repair, extractive writer."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from sidecar.claims.text import fold
from sidecar.crews.agent_run import Briefing, run
from sidecar.crews.asked import reports_damage
from sidecar.crews.checking.check import Problem, problems_of
from sidecar.crews.checking.known import Known
from sidecar.crews.confirming import done_text, preview_text
from sidecar.crews.extractive_answer import extractive_text
from sidecar.crews.handing_over import person_reason, person_text
from sidecar.crews.llm import ExtractiveLLM, GatewayLLM
from sidecar.crews.marks import Mark, split_mark, wishes
from sidecar.crews.masks import Masks
from sidecar.crews.prefetch import Prefetched
from sidecar.crews.reply import Reply
from sidecar.crews.style import style_line
from sidecar.crews.told import facts_told
from sidecar.crews.tools import Toolbox
from sidecar.crews.yes import Done
from sidecar.data_proxy.rules import RuleBrief
from sidecar.errors import SidecarError
from sidecar.llm.gateway import Budget, LlmGateway

if TYPE_CHECKING:
    from sidecar.crews.conversation import ConversationCrew

log = structlog.get_logger(__name__)

_TALKING = ("sales", "customer_service")
_REPAIR = {
    "pt": "Sua resposta diz o que os fatos não dizem: {what}. Reescreva sem isso.",
    "en": "Your answer says what the facts do not: {what}. Rewrite it without that.",
    "es": "Tu respuesta dice lo que los datos no dicen: {what}. Escríbela de nuevo sin eso.",
}
_LEAK = {
    "pt": "trechos das suas instruções",
    "en": "parts of your instructions",
    "es": "partes de tus instrucciones",
}


@dataclass
class TurnAnswer:
    """One turn of a crew. language: the customer's, ISO 639-1. done: what their yes did."""

    crew: "ConversationCrew"
    question: str
    history: list[dict[str, str]]
    language: str
    read: Prefetched
    done: Done | None = None
    masks: Masks = field(default_factory=Masks)

    def reply(self) -> Reply:
        """The reply. Raises nothing that a model did."""
        if self.crew.gateway is not None:
            try:
                reply = self._by_model(self.crew.gateway)
            except SidecarError as error:
                log.warning("llm.failed", account=self._account, code=error.code)
                self.crew.trace.step("check", "model", ok=False, told=error.code)
                reply = None
            if reply is not None:
                return reply
        return self._without_model()

    # -- by a model -----------------------------------------------------------------------------

    def _by_model(self, gateway: LlmGateway) -> Reply | None:
        """The checked answer of a model; None where it keeps saying what was not read."""
        crew = self.crew
        budget = Budget.for_run(crew.settings)
        box = self._toolbox(budget)
        briefing = self._briefing()
        llm = GatewayLLM.traced(
            gateway, budget, crew.trace, crew.settings, box.schemas() if box else None
        )
        messages = self._messages()
        for attempt in (1, 2):
            try:
                told = run(
                    briefing, llm, messages, crew.settings.turn_max_llm_calls,
                    box.tools() if box else None,
                )  # fmt: skip
            except SidecarError:
                if not (box and box.previews):
                    raise
            if box and box.previews:  # it waits for a yes, so it has to be seen
                return self._preview(box, briefing, gateway, budget)
            mark, text = split_mark(self.masks.show(told))
            problems = self._problems(text, briefing)
            if not problems:
                return self._reply(mark, text, gateway, budget)
            log.info("answer.refused", account=self._account, kinds=[p.kind for p in problems])
            if attempt == 1:
                messages = [*messages, *self._repair(text, problems)]
                briefing = self._briefing(box.answers if box else None)
        return None

    def _toolbox(self, budget: Budget) -> Toolbox | None:
        context = self.crew.context
        if context is None:
            return None
        calls = self.crew.settings.turn_max_tool_calls
        return Toolbox(context, budget, self.crew.trace, self.masks, self._known, calls)

    def _messages(self) -> list[dict[str, str]]:
        """History and question as a model sees them."""
        told = [*self.history, {"role": "user", "content": self.question}]
        return [{**message, "content": self.masks.hide(message["content"])} for message in told]

    def _repair(self, text: str, problems: list[Problem]) -> list[dict[str, str]]:
        language = self.language if self.language in _REPAIR else "en"
        words = [problem.words or _LEAK[language] for problem in problems]
        wanted = _REPAIR[language].format(what="; ".join(words)[:500])
        leaked = any(problem.kind == "leak" for problem in problems)
        return [
            {"role": "assistant", "content": "…" if leaked else self.masks.hide(text)},
            {"role": "user", "content": self.masks.hide(wanted)},
        ]

    def _problems(self, text: str, briefing: Briefing) -> list[Problem]:
        with self.crew.trace.timed("check", "evidence") as step:
            found = problems_of(text, self._known(), briefing.instructions)
            step.ok = not found
            step.told = "; ".join(f"{one.kind}: {one.words}" for one in found)
        return found

    def _reply(self, mark: Mark, text: str, gateway: LlmGateway, budget: Budget) -> Reply | None:
        crew = self.crew
        told: dict[str, Any] = {
            "model": gateway.model,
            "input_tokens": budget.input_tokens,
            "output_tokens": budget.output_tokens,
            "rules": sources(self.read.brief),
            "products": self._products(text),
            "language": self.language,
        }
        if mark in _TALKING and mark != crew.definition.crew:
            return Reply(text, "llm", crew=mark, **told)
        match mark:
            case "person" | "angry":
                code = "angry" if mark == "angry" else "asked_for_person"
                said = text or person_text(code, crew.catalog(self.language))
                reason = person_reason(code, crew.tenant.language)
                return Reply(said, "llm", reason, code=code, **told)
            case "unsure" if text:
                return Reply(text, "llm", unsure=True, **told)
            case "off_topic" if text:
                return Reply(text, "llm", unsure=True, code="out_of_scope", **told)
        return Reply(text, "llm", **told) if text else None

    def _preview(
        self, box: Toolbox, briefing: Briefing, gateway: LlmGateway, budget: Budget
    ) -> Reply | None:
        """What the newest preview would do, in code's words: exactly that is agreed to."""
        tool, preview = box.previews[-1]
        text = preview_text(tool, preview, self.crew.catalog(self.language))
        if briefing.instructions.leaks(text):
            return None
        return Reply(
            text, "llm", model=gateway.model, input_tokens=budget.input_tokens,
            output_tokens=budget.output_tokens, language=self.language, preview=True,
        )  # fmt: skip

    # -- without one ----------------------------------------------------------------------------

    def _without_model(self) -> Reply:
        crew = self.crew
        catalog = crew.catalog(self.language)
        if self.done is not None and self.done.worked:
            text = done_text(self.done.tool, self.done.answer, catalog)
            return Reply(text, "extractive", language=self.language)
        if reports_damage(self.question):
            return Reply(
                person_text("damaged", catalog), "extractive", code="asked_for_person",
                handoff=person_reason("damaged", crew.tenant.language), language=self.language,
            )  # fmt: skip
        text, answers = extractive_text(
            self.question, self.read, crew.tenant.name, catalog, crew.tenant.language,
            began=bool(self.history),
        )  # fmt: skip
        llm = ExtractiveLLM.of(lambda: text)
        messages = [{"role": "user", "content": self.question}]
        said = run(self._briefing(), llm, messages, crew.settings.turn_max_llm_calls)
        return Reply(
            said,
            "extractive",
            rules=sources(self.read.brief),
            products=self._products(said),
            unsure=not answers,
            language=self.language,
        )

    # -- what both need -------------------------------------------------------------------------

    @property
    def _account(self) -> str:
        return self.crew.tenant.account_id

    def _briefing(self, tools: list[dict[str, Any]] | None = None) -> Briefing:
        crew = self.crew
        language = crew.proxy.context.language_code
        pending = crew.context.pending if crew.context and self.done is None else None
        done = self.done.told() if self.done else None
        facts = facts_told(
            self.read, crew.proxy.context, crew.now, pending, done, self._hours_text(), tools
        )
        others = [
            name
            for name in _TALKING
            if name != crew.definition.crew
            and (config := crew.tenant.crews.get(name)) is not None
            and config.enabled
        ]
        return Briefing(
            agent=crew.definition.first,
            shop=crew.tenant.name,
            style=style_line(self.read.brief.profile, language),
            facts=self.masks.hide(facts),
            language=language,
            answer_language=self.language,
            crews=wishes(language, others) if crew.definition.crew in _TALKING else "",
        )

    def _hours_text(self) -> str:
        """The week's hours for a customer of another language: its words are not understood."""
        proxy = self.crew.proxy
        if self.language == proxy.context.language_code:
            return ""
        text = str(self.read.brief.profile.get("hours", {}).get("text", ""))
        if text:
            proxy.evidence.add("odoo:ai.company.profile", text)
        return text

    def _known(self) -> Known:
        crew = self.crew
        said = [m["content"] for m in self.history if m["role"] == "user"]
        earlier = [m["content"] for m in self.history if m["role"] == "assistant"]
        done = {self.done.tool} if self.done and self.done.worked else set()
        return Known(
            crew.proxy.evidence,
            [*said, self.question],
            self.language,
            names=(crew.tenant.name, crew.definition.first.name, self.read.first_name),
            earlier=earlier,
            done=frozenset(done),
            today=crew.now.date(),
            zone=ZoneInfo(crew.proxy.context.timezone),
        )

    def _products(self, text: str) -> list[dict[str, Any]]:
        folded = fold(text)
        return [
            {
                "kind": "product",
                "id": found.facts["id"],
                "title": found.facts["name"],
                "category": found.facts["category"],
            }
            for found in self.read.products
            if fold(found.facts["name"]) in folded
        ]


def sources(brief: RuleBrief) -> list[dict[str, Any]]:
    """The rules that an answer comes from: kind, id, score and text."""
    return [
        {
            "kind": hit.kind,
            "id": hit.record_id,
            "score": round(hit.score, 4),
            "text": hit.text,
        }
        for hit in brief.sources
    ]
