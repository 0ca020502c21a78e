"""CrewAI, imported quietly: no telemetry, no traces, no version check, no panels on the console.

Import CrewAI's names from here, so that the switches are set before it loads.
"""

import os

os.environ.update(
    CREWAI_DISABLE_TELEMETRY="true",
    CREWAI_TRACING_ENABLED="false",
    CREWAI_DISABLE_VERSION_CHECK="true",
)

from crewai import Agent, BaseLLM
from crewai.events.utils.console_formatter import set_suppress_console_output

__all__ = ["Agent", "BaseLLM", "silence"]


def silence() -> None:
    """Keep CrewAI's panels off the console in the current context (it is per thread)."""
    set_suppress_console_output(True)
