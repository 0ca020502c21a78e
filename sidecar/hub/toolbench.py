"""What the tools of a crew work for, in one turn of a conversation."""

from dataclasses import replace

from sidecar.crews.definition import CrewDefinition
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.hub.routing import same_number
from sidecar.hub.services import Services
from sidecar.hub.turn import Customer
from sidecar.llm.gateway import LlmGateway
from sidecar.tenants.schema import Tenant
from sidecar.tools.context import ToolContext
from sidecar.tools.sessions import ToolHouse, Turn


def bench(
    services: Services,
    tenant: Tenant,
    definition: CrewDefinition,
    proxy: DataProxyAgent,
    gateway: LlmGateway | None,
    customer: Customer | None,
    words: str,
) -> ToolContext:
    """The context of a turn. customer: None is nobody.

    The tools are those the crew's first agent lists; what of them may be called is decided there.
    """
    house = ToolHouse(services.store, services.settings, services.audit)
    who = customer or Customer()
    channel = tenant.channel(who.channel_id) if who.channel_id else None
    # as the routing knows an owner: WhatsApp spells some numbers without their ninth digit
    owner = channel is not None and same_number(who.phone, channel.owner_phones)
    turn = Turn(
        conversation=who.conversation,
        id=who.turn,
        words=words,
        said_at=who.said_at,
        channel=who.channel_name,
        phone=who.phone,
        email=who.email,
        owner_phones=(who.phone,) if owner else (),
    )
    made = house.conversation(
        tenant, proxy, turn, definition.crew, definition.first.tools, gateway=gateway
    )
    if who.conversation:
        return made
    # nobody could say yes, or read a code, later
    return replace(made, writes=frozenset(), pending=None, codes=None, memory=None)
