"""The written conversations, held with a model that says what each file scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.commands.eval import good_enough
from sidecar.commands.scripted_conversations import (
    Conversation,
    Score,
    ScriptedTurn,
    ToolCall,
    hold,
    read,
    table,
)
from sidecar.crews.reply import Reply
from sidecar.errors import Unprocessable
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings
from tests.crew_house import BIA, CrewHouse, casa_ipe
from tests.demo_catalog import demo_products
from tests.doubles.openai_api import OpenAIDouble
from tests.vectors_process import VectorsProcess

FOLDER = Path(__file__).parents[1] / "conversations"
TOPICS = {
    "sales", "stock", "orders", "promotions", "hours", "returns", "scheduling", "complaints",
    "nonsense",
}  # fmt: skip


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("talks") / "vectors").start()
    yield process
    process.stop()


def test_there_are_sixty_conversations_of_every_topic_and_language() -> None:
    told = read(FOLDER)
    assert len(told) >= 60
    assert {one.topic for one in told} == TOPICS
    assert {one.language for one in told} == {"pt", "en", "es"}


def test_a_file_of_another_shape_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("- name: x\n  language: pt\n  turns:\n  - says: [a]\n")
    with pytest.raises(Unprocessable, match=r"odd\.yaml: turns\.0\.customer"):
        read(tmp_path)
    with pytest.raises(Unprocessable, match="no conversations"):
        read(tmp_path / "nowhere")


def test_the_conversations_go_as_they_are_written(
    settings: Settings, vectors: VectorsProcess
) -> None:
    scores: dict[str, Score] = {}
    seen: list[str] = []
    with OpenAIDouble() as model, casa_ipe(products=demo_products()) as odoo:
        house = CrewHouse(settings, odoo, vectors, model)
        with_model = house.hub.services.gateway

        def ask(
            conversation: Conversation, turn: ScriptedTurn, history: list[dict[str, str]]
        ) -> tuple[Reply, Trace]:
            if not history:
                house.start(f"7-{len(scores)}-{conversation.name}"[:40])
            house.phone = BIA if conversation.proven else ""
            object.__setattr__(house.hub.services, "gateway", with_model if turn.model else None)
            model.reset()
            model.script(*map(_scripted, turn.script))
            reply = house.say(turn.customer, conversation.crew)
            seen.append(house.seen_by_the_model)
            return reply, house.trace

        for conversation in read(FOLDER):
            score = hold(conversation, ask)
            scores.setdefault(conversation.topic, Score()).add(score)
    print("\n" + table(scores.items()))
    failures = [failure for score in scores.values() for failure in score.failures]
    assert failures == [], "\n".join(failures)
    private = ("11900000001", "bia@example", "caio@example", "Moraes", "Palmeiras", "S00081,")
    assert [words for words in private if any(words in text for text in seen)] == []


def test_a_bad_score_is_one() -> None:
    told = Conversation(
        name="x", language="pt", turns=[ScriptedTurn(customer="oi", says=["sim"], never=["não"])]
    )
    good = hold(told, lambda *_: (Reply("Sim.", "extractive"), Trace()))
    assert good.passed
    assert good_enough(good, 1.0)
    bad = hold(told, lambda *_: (Reply("Não.", "extractive", "x", code="angry"), Trace()))
    assert len(bad.failures) == 3
    assert not good_enough(bad, 0.0)


def _scripted(entry: str | ToolCall) -> str | dict[str, Any]:
    if isinstance(entry, str):
        return entry
    return {"tool_calls": [{"name": entry.tool, "arguments": entry.arguments}]}
