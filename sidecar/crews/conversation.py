"""A crew that talks to people: one agent, facts prefetched, every statement checked.

What nearly every answer needs is read first, side by side; tools are there for the rest. What a
customer writes only ever stands in messages of the user; what was read stands as JSON among the
facts. What the model answers is held against what was read: it may mend it once, then the
extractive writer answers.

Customer service, sales and analytics are the same run with definitions of their own. Where a crew
has several agents, the first one answers.
"""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sidecar.crews.definition import CrewDefinition
from sidecar.crews.handing_over import person_reason, person_text
from sidecar.crews.language import spoken
from sidecar.crews.mood import is_angry
from sidecar.crews.prefetch import prefetch
from sidecar.crews.reply import Reply
from sidecar.crews.turn_answer import TurnAnswer
from sidecar.crews.yes import answered
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.rules import RuleProxy
from sidecar.llm import extractive
from sidecar.llm.gateway import LlmGateway
from sidecar.llm.sentences import translations
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant
from sidecar.tools.context import ToolContext

_CATALOGS = {"pt": "pt_BR", "en": "en_US", "es": "es"}  # of the sidecar's own sentences


@dataclass(frozen=True, slots=True)
class ConversationCrew:
    """Answers one turn of one tenant.

    gateway: None where no LLM is configured. rules: None where no rules are read. context: what
    the tools work for; None where there are none. trace: takes the steps.
    """

    definition: CrewDefinition
    tenant: Tenant
    proxy: DataProxyAgent
    gateway: LlmGateway | None
    settings: Settings
    rules: RuleProxy | None = None
    context: ToolContext | None = None
    trace: Trace = field(default_factory=Trace)

    def answer(self, question: str, history: list[dict[str, str]]) -> Reply:
        """The reply to `question`; `history` is earlier `{role, content}` messages, oldest first.

        A model that fails or keeps inventing is replaced by the extractive writer. Raises the
        error of the data's source where nothing could be read.
        """
        earlier = [m["content"] for m in history if m["role"] == "user"]
        language = spoken([*earlier, question], self.proxy.context.language_code)
        if extractive.wants_person(question):
            return self._to_person("asked_for_person", language)
        if is_angry(question) and self.tenant.conversation.handoff.when_angry:
            return self._to_person("angry", language)
        done = answered(self.context, self.trace) if self.context else None
        read = prefetch(
            question, history, self.proxy, self.rules, self.context, self.trace,
            self.settings.prefetch_timeout,
        )  # fmt: skip
        return TurnAnswer(self, question, history, language, read, done).reply()

    @property
    def now(self) -> datetime:
        """By the tenant's clock."""
        zone = ZoneInfo(self.proxy.context.timezone)
        if self.context is not None:
            return datetime.fromtimestamp(self.context.clock(), zone)
        return datetime.now(zone)

    def catalog(self, language: str) -> str:
        """Whose sentences are used for a customer of `language` (ISO 639-1)."""
        tenant = self.proxy.context
        return tenant.language if language == tenant.language_code else _CATALOGS[language]

    def _to_person(self, code: str, language: str) -> Reply:
        _ = translations(self.tenant.language).gettext
        self.trace.step("handoff", code, told=_("in the customer's own words"))
        return Reply(
            person_text(code, self.catalog(language)),
            "extractive",
            handoff=person_reason(code, self.tenant.language),
            code=code,
            language=language,
        )
