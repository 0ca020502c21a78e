"""A crew that talks to people: one agent, facts prefetched, every figure checked.

Customer service, sales and analytics are the same run with definitions of their own. Where a crew
has several agents, the first one answers.
"""

import json
from dataclasses import dataclass
from typing import Any

import structlog

from sidecar.crews import prompt
from sidecar.crews.definition import CrewDefinition
from sidecar.crews.llm import ExtractiveLLM, GatewayLLM
from sidecar.crews.quiet import Agent, BaseLLM, silence
from sidecar.crews.reply import Reply
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.evidence import unsupported_figures
from sidecar.errors import SidecarError
from sidecar.llm import extractive
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.llm.sentences import money, translations
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

_PRODUCTS_TOLD = 5
_HUMAN_MARKS = ("[HUMANO]", "[HUMAN]")
_REPAIR = {
    "pt": "Sua resposta traz números que não estão nos fatos: {figures}. Reescreva sem eles.",
    "en": "Your answer has figures that are not in the facts: {figures}. Rewrite it without them.",
}


@dataclass(frozen=True, slots=True)
class ConversationCrew:
    """Answers one turn of one tenant. `gateway` is None where no LLM is configured."""

    definition: CrewDefinition
    tenant: Tenant
    proxy: DataProxyAgent
    gateway: LlmGateway | None
    settings: Settings

    def answer(self, question: str, history: list[dict[str, str]]) -> Reply:
        """The reply to `question`; `history` is earlier `{role, content}` messages, oldest first.

        An LLM that fails or keeps inventing figures is replaced by the extractive writer.
        """
        if extractive.wants_person(question):
            return self._handoff()
        products = [found.facts for found in self.proxy.find_products(question, _PRODUCTS_TOLD)]
        if self.gateway is not None:
            try:
                reply = self._by_model(self.gateway, question, history, products)
            except SidecarError as error:
                log.warning("llm.failed", account=self.tenant.account_id, code=error.code)
                reply = None
            if reply is not None:
                return reply
        return self._extractive(question, products)

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
        products: list[dict[str, Any]],
    ) -> Reply | None:
        budget = Budget.for_run(self.settings)
        messages = [*history, {"role": "user", "content": question}]
        said = [m["content"] for m in messages if m["role"] == "user"]
        facts = self._facts(products)
        text = self._run(GatewayLLM.of(gateway, budget), messages, facts)
        invented = unsupported_figures(text, self.proxy.evidence, said)
        if invented:
            log.info("answer.repaired", account=self.tenant.account_id, figures=invented)
            repair = _REPAIR.get(self.proxy.context.language_code, _REPAIR["en"])
            messages += [
                {"role": "assistant", "content": text},
                {"role": "user", "content": repair.format(figures=", ".join(invented))},
            ]
            text = self._run(GatewayLLM.of(gateway, budget), messages, facts)
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
        )

    def _extractive(self, question: str, products: list[dict[str, Any]]) -> Reply:
        llm = ExtractiveLLM.of(
            lambda: extractive.answer(
                question, products, self.tenant.name, self.proxy.context.language
            )
        )
        text = self._run(llm, [{"role": "user", "content": question}], self._facts(products))
        return Reply(text, "extractive")

    def _run(self, llm: BaseLLM, messages: list[dict[str, str]], facts: str) -> str:
        silence()
        told = self.definition.first
        text = prompt.load("conversation", self.proxy.context.language_code).fill(
            shop=self.tenant.name, name=told.name, backstory=told.backstory, facts=facts
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

    def _facts(self, products: list[dict[str, Any]]) -> str:
        language = self.proxy.context.language
        told = [
            {
                "name": p["name"],
                "price": money(p["price"], p["currency"], language),
                "available": p["available"] if p["is_storable"] else "yes",
                "category": p["category"],
                "code": p["default_code"],
                "text": p["sale_text"][:400],
                "attributes": {a["name"]: a["values"] for a in p["attributes"]},
            }
            for p in products
        ]
        return json.dumps(told, ensure_ascii=False, indent=1)
