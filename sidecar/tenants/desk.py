"""What a tenant lets the desk do: how it converses, which tools may write, whose keys are known.

The meaning of every key is in docs/conversations.md and docs/tools.md.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from sidecar.tenants.kinds import CrewName, Id, Instant, Part, Sha256, ToolName
from sidecar.tenants.tool_names import writing_tool_name

WritingTool = Annotated[str, AfterValidator(writing_tool_name)]
Mode = Literal["answer", "draft"]
Label = Annotated[str, Field(pattern=r"^[\w-]{1,100}$")]
Word = Annotated[str, Field(min_length=1, max_length=100)]

_MOST_OPTIONS = 9  # a customer answers with one digit


class Tools(Part):
    """writes: the writing tools that are switched on. identity_codes: codes by e-mail."""

    writes: list[WritingTool] = []
    identity_codes: bool = True


class McpKey(Part):
    """A key of an MCP client, known by its hash. No tools = all that read.

    partner_id: the customer on whose behalf it asks, None when it proves nobody.
    """

    id: Id
    name: str = ""
    sha256: Sha256
    tools: list[ToolName] = []
    write: bool = False
    partner_id: Id | None = None
    expires: Instant

    @property
    def expires_at(self) -> float:
        """The unix time from which the key is refused."""
        return datetime.fromisoformat(self.expires).timestamp()


class MenuOption(Part):
    label: Word
    crew: CrewName
    keywords: list[Word] = []
    attendant: str = ""


class Menu(Part):
    """A choice offered at the start, by number or keyword. text: what stands above it."""

    enabled: bool = False
    text: str = ""
    options: list[MenuOption] = Field([], max_length=_MOST_OPTIONS)

    @model_validator(mode="after")
    def _has_options(self) -> "Menu":
        if self.enabled and not self.options:
            raise ValueError("needs at least one option, or enabled: false")
        return self


class Handoff(Part):
    """When and to whom a person is called. after_failures: turns in a row without an answer."""

    team_id: Id | None = None
    labels: list[Label] = []
    after_failures: int = Field(2, ge=1, le=10)
    when_closed: Literal["answer", "handoff", "tell"] = "answer"
    when_angry: bool = True


class Closing(Part):
    resolve: bool = True
    ask_rating: bool = True


class Conversation(Part):
    """How the desk behaves in this tenant's conversations."""

    mode: Mode = "answer"
    acts_on: Literal["pending", "unassigned"] = "pending"
    returns: Literal["pending", "resolved", "never"] = "pending"
    menu: Menu = Menu()
    handoff: Handoff = Handoff()
    closing: Closing = Closing()
    source_notes: bool = False
    several_messages: bool = True
