"""What a crew is: the sidecar's own definition, with the tenant's words over it.

The sidecar's own are `definitions/<crew>.<language>.yaml` (`pt`, `en`; another language gets
English). A tenant's agent takes what it leaves out from the own agent of the same name, else from
the first one.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from sidecar.errors import Unprocessable
from sidecar.tenants.schema import AgentText, CrewConfig, Tenant

_FOLDER = Path(__file__).parent / "definitions"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AgentDefinition(_Part):
    """One agent, complete."""

    name: str
    role: str
    goal: str
    backstory: str
    verbose: bool = False
    tools: tuple[str, ...] = ()


class CrewDefinition(_Part):
    """One crew of one tenant, complete. The first agent answers."""

    account_id: str
    crew: str
    language: str
    name: str
    description: str
    agents: tuple[AgentDefinition, ...]

    @property
    def first(self) -> AgentDefinition:
        """The agent that does the work."""
        return self.agents[0]


def build(tenant: Tenant, crew: str) -> CrewDefinition:
    """The tenant's definition of `crew`; the same input gives the same bytes.

    Unprocessable for a crew the sidecar has no definition of.
    """
    own = _own(crew, tenant.context.language_code)
    told = tenant.crews.get(crew) or CrewConfig()
    agents = tuple(_over(own, agent) for agent in told.agents) or own.agents
    return CrewDefinition(
        account_id=tenant.account_id,
        crew=crew,
        language=own.language,
        name=told.name or own.name,
        description=told.description or own.description,
        agents=agents,
    )


def source_digest(tenant: Tenant, crew: str) -> str:
    """Changes with everything `build` reads."""
    told = tenant.crews.get(crew)
    own = _own(crew, tenant.context.language_code)
    what = [tenant.account_id, told.model_dump() if told else None, own.model_dump()]
    return hashlib.sha256(canonical(what).encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON with one spelling."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _over(own: CrewDefinition, told: AgentText) -> AgentDefinition:
    base = next((agent for agent in own.agents if agent.name == told.name), own.first)
    return AgentDefinition(
        name=told.name or base.name,
        role=told.role or base.role,
        goal=told.goal or base.goal,
        backstory=told.backstory or base.backstory,
        verbose=told.verbose,
        tools=base.tools if told.tools is None else tuple(told.tools),
    )


@lru_cache(maxsize=64)
def _own(crew: str, language: str) -> CrewDefinition:
    path = _FOLDER / f"{crew}.{language}.yaml"
    if not path.exists():
        language, path = "en", _FOLDER / f"{crew}.en.yaml"
    if not path.exists():
        raise Unprocessable(f"Crew {crew} cannot work yet; choose another one.", crew=crew)
    content = yaml.safe_load(path.read_text("utf-8"))
    return CrewDefinition(account_id="", crew=crew, language=language, **content)
