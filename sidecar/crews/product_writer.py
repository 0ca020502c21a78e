"""Writes a product's texts by a model, has them checked, and asks once for what must be mended.

The rules stand in the system's message, the facts in the user's: whatever a fact says, it is data.
The model never decides what is true: `claims` does, in code. A model that sees is shown the
product's picture.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from babel import Locale, UnknownLocaleError

from sidecar.claims.check import Claim, check, unsupported
from sidecar.crews import prompt
from sidecar.crews.definition import AgentDefinition
from sidecar.crews.product_llm import JsonLLM
from sidecar.crews.product_style import length_line, style_lines
from sidecar.crews.product_texts import LONGEST, Texts, faults, mended, read, schema
from sidecar.crews.quiet import Agent, BaseLLM, silence
from sidecar.data_proxy.briefs import Picture
from sidecar.errors import SidecarError, UpstreamError
from sidecar.llm.gateway import Budget, LlmGateway

log = structlog.get_logger(__name__)

Step = Callable[[], None]
"""Told when the texts are written and the checking begins."""

_LONGEST_FACT = 4000  # characters of a fact that a model is told
_LONGEST_FACTS = 24_000
_HEADINGS = {"pt": "FATOS", "es": "DATOS", "en": "FACTS"}
_SIBLINGS = {
    "pt": "Textos de produtos parecidos, só para não repetir as mesmas frases",
    "es": "Textos de productos parecidos, solo para no repetir las mismas frases",
    "en": "Texts of similar products, only so that you do not repeat their sentences",
}
_NO_JSON = {
    "pt": "A resposta não é o objeto JSON pedido.",
    "es": "La respuesta no es el objeto JSON pedido.",
    "en": "The answer is not the JSON object that was asked for.",
}
_FAULTS = {
    "pt": {
        "claim": "Os fatos não dizem: {items}.",
        "banned": "Palavras proibidas: {items}.",
        "required": "Faltam as palavras: {items}.",
        "too_long": "Longo demais: {items}.",
        "broken_html": "HTML malformado: {items}.",
    },
    "es": {
        "claim": "Los datos no dicen: {items}.",
        "banned": "Palabras prohibidas: {items}.",
        "required": "Faltan las palabras: {items}.",
        "too_long": "Demasiado largo: {items}.",
        "broken_html": "HTML mal formado: {items}.",
    },
    "en": {
        "claim": "The facts do not say: {items}.",
        "banned": "Banned words: {items}.",
        "required": "Missing words: {items}.",
        "too_long": "Too long: {items}.",
        "broken_html": "Malformed HTML: {items}.",
    },
}


@dataclass(frozen=True, slots=True)
class Written:
    """Texts within all limits, and what they claim. version: of the prompts they were asked by."""

    texts: Texts
    claims: list[Claim]
    version: str


@dataclass(frozen=True, slots=True)
class ProductWriter:
    """Writes for one shop in one language. `language` as Odoo names it (`pt_BR`).

    picture: the product's, for a model that sees.
    """

    agent: AgentDefinition
    shop: str
    language: str
    parts: tuple[str, ...]
    max_tokens: int
    picture: Picture | None = None

    @property
    def spoken(self) -> str:
        """The language the prompt is written in."""
        code = self.language.split("_")[0].lower()
        return code if code in _HEADINGS else "en"

    @property
    def version(self) -> str:
        """Of the prompts."""
        told = prompt.load("product_description", self.spoken).version
        if self.picture is None:
            return told
        return f"{told} + picture {prompt.load('product_picture', self.spoken).version}"

    def judged(self, texts: Texts, brief: dict[str, Any]) -> Written:
        """The texts as code mends them, with their claims."""
        within = mended(texts, brief)
        names = [self.shop, *(term.get("target", "") for term in brief["glossary"])]
        seen = self.picture is not None
        claims = check(within, brief, self.language, names, seen)
        return Written(within, claims, self.version)

    def by_model(
        self, gateway: LlmGateway, budget: Budget, brief: dict[str, Any], step: Step
    ) -> Written | None:
        """Texts of the model; None where it fails, or hands in twice what is no text.

        At most one further call mends what is wrong; what the facts do not say even then stays,
        and its claims are marked. An API that refuses the picture is asked without it.
        """
        messages = [{"role": "user", "content": self._told(brief)}]
        try:
            answer = self.run(self._llm(gateway, budget), self._instructions(brief), messages)
        except SidecarError as error:
            log.warning("llm.failed", code=error.code, picture=self.picture is not None)
            if self.picture is None or type(error) is not UpstreamError:
                return None
            return replace(self, picture=None).by_model(gateway, budget, brief, step)
        step()
        first = read(answer, self.parts)
        wrong = self._wrong(first, brief)
        if not wrong:
            return self.judged(first, brief) if first else None
        messages += [
            {"role": "assistant", "content": answer},
            {"role": "user", "content": self._repair(wrong)},
        ]
        second = None
        try:
            answer = self.run(self._llm(gateway, budget), self._instructions(brief), messages)
            second = read(answer, self.parts)
        except SidecarError as error:
            log.warning("llm.failed", code=error.code, mending=True)
        return self._better(first, second, brief)

    def run(self, llm: BaseLLM, instructions: str, messages: list[dict[str, str]]) -> str:
        """What the crew's writer says."""
        silence()
        agent = Agent(
            role=self.agent.role,
            goal=self.agent.goal,
            backstory=instructions,
            llm=llm,
            verbose=False,
            max_retry_limit=0,
            max_iter=2,
        )
        return str(agent.kickoff(messages).raw)

    def _better(
        self, first: Texts | None, second: Texts | None, brief: dict[str, Any]
    ) -> Written | None:
        """The one that invents less, the mended one if equal."""
        judged = [self.judged(texts, brief) for texts in (second, first) if texts]
        return min(judged, key=lambda one: len(unsupported(one.claims)), default=None)

    def _wrong(self, texts: Texts | None, brief: dict[str, Any]) -> list[str]:
        if texts is None:
            return [_NO_JSON[self.spoken]]
        claims = unsupported(self.judged(texts, brief).claims)
        found: dict[str, list[str]] = {}
        for claim in claims:
            found.setdefault("claim", []).append(f"“{claim.text}” ({claim.part})")
        for code, what in faults(texts, brief):
            told = f"{what} (≤ {LONGEST[what]})" if code == "too_long" else what
            found.setdefault(code, []).append(told)
        sentences = _FAULTS[self.spoken]
        return [
            sentences[code].format(items="; ".join(dict.fromkeys(items)))
            for code, items in found.items()
        ]

    def _repair(self, wrong: list[str]) -> str:
        return prompt.load("product_repair", self.spoken).fill(faults=" ".join(wrong))

    def _llm(self, gateway: LlmGateway, budget: Budget) -> JsonLLM:
        return JsonLLM.shaped(gateway, budget, schema(self.parts), self.max_tokens, self.picture)

    def _instructions(self, brief: dict[str, Any]) -> str:
        seen = "" if self.picture is None else prompt.load("product_picture", self.spoken).text
        return prompt.load("product_description", self.spoken).fill(
            shop=self.shop,
            backstory=self.agent.backstory,
            language=_named(self.language, self.spoken),
            length=length_line(brief, self.spoken),
            parts=", ".join(self.parts),
            picture=seen and f"\n{seen}",
            style="\n".join(style_lines(brief, self.spoken)),
        )

    def _told(self, brief: dict[str, Any]) -> str:
        """The user's message: the facts as JSON, and what must not be repeated."""
        left, facts = _LONGEST_FACTS, []
        for fact in brief["facts"]:
            value = fact["value"][: min(_LONGEST_FACT, left)]
            left -= len(value)
            if value:
                facts.append({"label": fact["label"], "value": value})
        # a line of its own, whatever CrewAI writes before the message
        told = f"\n{_HEADINGS[self.spoken]}\n{json.dumps({'facts': facts}, ensure_ascii=False)}"
        siblings = [text[:200] for text in brief["siblings"][:3]]
        if siblings:
            told = f"{_SIBLINGS[self.spoken]}: {json.dumps(siblings, ensure_ascii=False)}\n{told}"
        return told


def _named(language: str, spoken: str) -> str:
    """`português (Brasil)`: the language in the prompt's own."""
    try:
        return f"{Locale.parse(language).get_display_name(spoken)} ({language})"
    except (UnknownLocaleError, ValueError):
        return language
