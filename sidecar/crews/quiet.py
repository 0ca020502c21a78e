"""CrewAI, imported quietly: no telemetry, no traces, no version check, no panels on the console.

Import CrewAI's names from here, so that the switches are set before it loads.
"""

import logging
import os

os.environ.update(
    CREWAI_DISABLE_TELEMETRY="true",
    CREWAI_TRACING_ENABLED="false",
    CREWAI_DISABLE_VERSION_CHECK="true",
)

from crewai import Agent, BaseLLM
from crewai.agents.agent_executor import AgentExecutor
from crewai.events.utils.console_formatter import set_suppress_console_output
from crewai.flow.runtime import FlowState
from crewai.tools import BaseTool
from pydantic import BaseModel

# says with each call that it counts tokens by characters; we bill what the API billed
logging.getLogger("crewai.llms.base_llm").setLevel(logging.ERROR)

# CrewAI makes a class of its own for the state of each run, which is a third of a run's time; a
# state that is a flow's already is taken as it is. Private names: a test tells when they go.
_STATE = getattr(AgentExecutor, "_initial_state_t", None)
if isinstance(_STATE, type) and issubclass(_STATE, BaseModel) and not issubclass(_STATE, FlowState):
    AgentExecutor._initial_state_t = type("RunState", (FlowState, _STATE), {})

__all__ = ["Agent", "BaseLLM", "BaseTool", "silence"]


def silence() -> None:
    """Keep CrewAI's panels off the console in the current context (it is per thread)."""
    set_suppress_console_output(True)
