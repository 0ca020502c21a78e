"""One run of an agent that talks to people: its instructions, its tools, its model."""

import secrets
from dataclasses import dataclass, field

from sidecar.crews import prompt
from sidecar.crews.checking.leaks import Instructions
from sidecar.crews.definition import AgentDefinition
from sidecar.crews.quiet import Agent, BaseLLM, BaseTool, silence

_LANGUAGES = {
    "pt": {"pt": "português do Brasil", "en": "inglês", "es": "espanhol"},
    "en": {"pt": "Brazilian Portuguese", "en": "English", "es": "Spanish"},
    "es": {"pt": "portugués de Brasil", "en": "inglés", "es": "español"},
}
_GOAL = "Your personal goal is:"  # how CrewAI begins what it adds of the agent's goal


@dataclass(frozen=True, slots=True)
class Briefing:
    """What the agent of a turn is told. canary: stands in the instructions and nowhere else.

    language: of the instructions, ISO 639-1. answer_language: of the answer.
    """

    agent: AgentDefinition
    shop: str
    style: str
    facts: str
    language: str
    answer_language: str
    crews: str = ""
    canary: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def text(self) -> str:
        """The instructions with the facts."""
        return self._filled(self.facts)

    @property
    def instructions(self) -> Instructions:
        """The instructions alone, to recognize them in an answer."""
        told = (self._filled("", backstory=""), _GOAL, self.agent.goal)
        return Instructions("\n".join(told), self.canary)

    def _filled(self, facts: str, backstory: str | None = None) -> str:
        names = _LANGUAGES.get(self.language, _LANGUAGES["en"])
        return prompt.load("conversation", self.language).fill(
            shop=self.shop,
            name=self.agent.name,
            backstory=self.agent.backstory if backstory is None else backstory,
            style=self.style,
            answer_language=names.get(self.answer_language, names["en"]),
            crews=self.crews,
            canary=self.canary,
            facts=facts,
        )


def run(
    briefing: Briefing,
    llm: BaseLLM,
    messages: list[dict[str, str]],
    most_calls: int,
    tools: list[BaseTool] | None = None,
) -> str:
    """What the agent answers to the last of `messages`. Raises what the model raises."""
    silence()
    agent = Agent(
        role=briefing.agent.role,
        goal=briefing.agent.goal,
        backstory=briefing.text,
        llm=llm,
        tools=tools or [],
        verbose=False,
        max_retry_limit=0,
        max_iter=most_calls,
    )
    return str(agent.kickoff(messages).raw).strip()
