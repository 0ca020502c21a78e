"""What each run of an agent costs inside of CrewAI, and that runs do not share anything."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from crewai.agents.agent_executor import AgentExecutor
from crewai.flow.runtime import FlowState

from sidecar.crews.quiet import Agent, BaseLLM, silence


class Echo(BaseLLM):
    """Answers with the last message."""

    def call(self, messages: Any, *_args: Any, **_more: Any) -> str:
        return messages[-1]["content"]

    def get_context_window_size(self) -> int:
        return 128_000


def run(text: str) -> str:
    silence()
    agent = Agent(role="r", goal="g", backstory="b", llm=Echo(model="echo"), verbose=False)
    return str(agent.kickoff(text).raw)


def test_a_run_makes_no_class() -> None:
    run("first")
    kept = AgentExecutor._initial_state_t
    assert issubclass(kept, FlowState)
    before = FlowState.__subclasses__()
    run("second")
    assert FlowState.__subclasses__() == before


def test_runs_side_by_side_keep_to_themselves() -> None:
    with ThreadPoolExecutor(4) as pool:
        told = [*pool.map(lambda n: run(f"message-{n}-end"), range(12))]
    for number, text in enumerate(told):
        assert f"message-{number}-end" in text
        assert text.count("message-") == 1
