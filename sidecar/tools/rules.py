"""What the shop says now: its rules and promotions in force."""

from typing import Any

from pydantic import Field

from sidecar.tools.answers import Answer, Told, shortened
from sidecar.tools.arguments import Arguments, Name
from sidecar.tools.context import ToolContext
from sidecar.tools.folding import folded
from sidecar.tools.times import last_minute
from sidecar.tools.tool import TALKING, tool


class RuleQuestion(Arguments):
    about: Name = Field("", description="A kind, or a word of title or text; empty = all.")


class RuleRow(Told):
    kind: str
    title: str
    text: str
    until: str = ""


class RulesInForce(Answer):
    rules: list[RuleRow]


@tool("rules_in_force", "rules", TALKING)
def rules_in_force(context: ToolContext, arguments: RuleQuestion) -> RulesInForce:
    """The shop's rules that hold at this moment, by kind: delivery, payment, return, warranty,
    promotion …

    Say nothing about these subjects that is not in the answer.
    """
    rows = context.proxy.rules_in_force()
    wanted = folded(arguments.about)
    found = [row for row in rows if wanted in _said(row)] if wanted else rows
    order = {"critical": 0, "important": 1}
    found = sorted(found, key=lambda row: order.get(row["priority"], 2))
    return RulesInForce(
        rules=[
            RuleRow(
                kind=row["subkind"],
                title=row["title"],
                text=shortened(f"{row['sentence']} {row['text']}"),
                until=last_minute(context.tenant, row["valid_to"]),
            )
            for row in found
        ]
    )


def _said(row: dict[str, Any]) -> str:
    return folded(f"{row['subkind']} {row['title']} {row['sentence']} {row['text']}")
