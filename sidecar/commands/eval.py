"""`sidecar eval conversations`: hold written conversations with a tenant's crews, and score them.

With whatever model the tenant is set up with; without one, the extractive writer answers. Nothing
is posted, nothing is written, no code is sent.
"""

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from sidecar.commands.scripted_conversations import (
    Ask,
    Conversation,
    Score,
    ScriptedTurn,
    hold,
    read,
)
from sidecar.commands.scripted_conversations import table as score_table
from sidecar.crews.reply import Reply
from sidecar.hub.hub import Hub
from sidecar.hub.services import Services
from sidecar.hub.turn import Customer
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant


@dataclass(frozen=True, slots=True)
class Asked:
    """phone: of the customer whose number counts as proven, "" = nobody's. least: share of facts,
    hand-offs and languages that must be right.
    """

    account: str
    folder: Path
    phone: str = ""
    least: float = 0.9


def run(settings: Settings, asked: Asked) -> int:
    """Print the table and what went wrong; 1 where too much did, or something forbidden was said.

    UnknownAccount, and Unprocessable for files that cannot be used.
    """
    services = Services.build(settings, "cli")
    tenant = services.tenants.get(asked.account)
    tools = tenant.tools.model_copy(update={"writes": [], "identity_codes": False})
    tenant = tenant.model_copy(update={"tools": tools})
    conversations = read(asked.folder)
    chosen = [one for one in conversations if one.demo]
    ask = _asker(Hub(services), tenant, asked.phone)
    scores: dict[str, Score] = {}
    for conversation in chosen:
        scores.setdefault(conversation.topic, Score()).add(hold(conversation, ask))
    total = Score()
    for score in scores.values():
        total.add(score)
    print(score_table(scores.items()))
    print(f"\n{len(conversations) - len(chosen)} conversations need facts of the tests' own shop.")
    for failure in total.failures:
        print(f"- {failure}")
    return 0 if good_enough(total, asked.least) else 1


def good_enough(score: Score, least: float) -> bool:
    """Whether nothing forbidden was said and enough of everything else was right."""
    shares = (
        (score.facts_told, score.facts),
        (score.handoffs_right, score.handoffs),
        (score.languages_right, score.languages),
    )
    return score.forbidden_said == 0 and all(right >= least * of for right, of in shares)


def _asker(hub: Hub, tenant: Tenant, phone: str) -> Ask:
    begin = secrets.token_hex(4)

    def ask(
        conversation: Conversation, turn: ScriptedTurn, history: list[dict[str, str]]
    ) -> tuple[Reply, Trace]:
        trace = Trace()
        customer = Customer(
            phone=phone if conversation.proven else "",
            conversation=f"eval-{begin}",
            turn=f"{begin}-{len(history)}",
            said_at=time.time(),
        )
        reply = hub.answer(
            tenant, conversation.crew, turn.customer, history, trace=trace, customer=customer
        )
        return reply, trace

    return ask
