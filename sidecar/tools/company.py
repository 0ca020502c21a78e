"""Who the shop is, and whether it is open: by the clock, never guessed."""

from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from sidecar.data_proxy.hours import Hours, OpenState
from sidecar.tools.answers import Answer, shortened
from sidecar.tools.arguments import Arguments, Name
from sidecar.tools.context import ToolContext
from sidecar.tools.offered import offered
from sidecar.tools.problems import ToolProblem
from sidecar.tools.tool import TALKING, tool


class CompanyQuestion(Arguments):
    day: Name = Field(
        "", description="A day that is asked for, in the customer's words: sábado, 25/12, amanhã."
    )


class Company(Answer):
    name: str
    description: str = ""
    open_now: bool | None = Field(None, description="Left out where the hours are not known.")
    hours: list[str] = Field([], description="Sentences for the customer.")
    address: str = Field("", description="Left out unless the shop lets it be told.")
    links: list[str] = []
    services: list[str] = []


@tool("company_info", "company", TALKING)
def company_info(context: ToolContext, arguments: CompanyQuestion) -> Company:
    """Who the shop is, whether it is open now and when, its address and links where it lets them
    be told.

    Do not guess hours or addresses.
    """
    profile = offered(context.proxy.company_profile)
    if not profile:
        raise ToolProblem(
            "unsupported", "The shop has not said who it is. Say that you do not know."
        )
    now = datetime.fromtimestamp(context.clock(), UTC)
    zone = profile["timezone"] or context.tenant.timezone
    hours = Hours(profile["hours"], zone, context.tenant.language)
    state = _state(offered(context.proxy.open_state)) or hours.state(now)
    known = state.reason != "unknown"
    return Company(
        name=profile["name"],
        description=shortened(profile["description"]),
        open_now=state.open if known else None,
        hours=hours.sentences(arguments.day, now, state) if known else [],
        address=" ".join(profile["address"].split("\n")),
        links=[link["url"] for link in profile["links"]],
        services=[name for name, on in profile["services"].items() if on],
    )


def _state(told: dict[str, Any] | None) -> OpenState | None:
    if not told or told["reason"] == "unknown":
        return None
    return OpenState(
        told["open"],
        told["reason"],
        told["name"],
        datetime.fromisoformat(told["until"]) if told["until"] else None,
        datetime.fromisoformat(told["next_opening"]) if told["next_opening"] else None,
    )
