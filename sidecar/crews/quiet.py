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
from crewai.events.utils.console_formatter import set_suppress_console_output

# says with each call that it counts tokens by characters; we bill what the API billed
logging.getLogger("crewai.llms.base_llm").setLevel(logging.ERROR)

__all__ = ["Agent", "BaseLLM", "silence"]


def silence() -> None:
    """Keep CrewAI's panels off the console in the current context (it is per thread)."""
    set_suppress_console_output(True)
