"""Our reading of Chatwoot beside its published contract: bodies, signatures, answers."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sidecar.chatwoot.payloads import parse_event
from sidecar.chatwoot.signature import verify
from sidecar.chatwoot.verdict import Act, Ignore, verdict
from tests.doubles.playground import HookReceiver, RunningPlayground, wait_until

CONTRACT = Path(os.environ["CHATWOOTAI_SHARED"]) / "contracts" / "chatwoot"
FIXTURES = CONTRACT / "fixtures"
VERDICTS = {
    "conversation_created": Ignore("not_a_message"),
    "conversation_status_changed": Ignore("not_a_message"),
    "conversation_updated.bot_assigned": Ignore("not_a_message"),
    "message_created.incoming": Act(),
    "message_created.incoming_image": Act(),
    "message_created.outgoing_bot_echo": Ignore("bot_echo"),
    "message_created.outgoing_human": Ignore("human_reply"),
    "message_created.private_note": Ignore("private_note"),
    "message_updated.input_select_answer": Act(),
    "webwidget_triggered": Ignore("not_a_message"),
}


def keys_and_types(value: Any, path: str = "") -> set[str]:
    """Every path of a JSON value with the kind of what stands there."""
    if isinstance(value, dict):
        return {p for k, v in value.items() for p in keys_and_types(v, f"{path}.{k}")}
    if isinstance(value, list):
        return {p for v in value[:1] for p in keys_and_types(v, f"{path}[]")}
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else None
    return {f"{path}: {kind or type(value).__name__}"}


def schema_of(path: str, method: str, status: str = "200") -> Draft202012Validator:
    document = json.loads((CONTRACT / "openapi.json").read_text("utf-8"))
    operation = document["paths"]["/api/v1/accounts/{account_id}" + path][method]
    schema = copy.deepcopy(operation["responses"][status]["content"]["application/json"]["schema"])
    return Draft202012Validator({**schema, "components": document["components"]})


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_every_published_body_is_read_and_judged(name):
    raw = (FIXTURES / f"{name}.json").read_bytes()
    assert verdict(parse_event(raw)) == VERDICTS[name]


def test_there_is_a_verdict_for_every_published_body():
    names = {path.stem for path in FIXTURES.glob("*.json")} - {"signatures"}
    assert names == set(VERDICTS)


def test_the_published_signatures_verify():
    vectors = json.loads((FIXTURES / "signatures.json").read_text("utf-8"))
    assert vectors["vectors"]
    for name, headers in vectors["vectors"].items():
        raw = (FIXTURES / f"{name}.json").read_bytes()
        now = int(headers["X-Chatwoot-Timestamp"])
        assert verify(raw, headers, vectors["secret"], now)
        assert not verify(raw + b" ", headers, vectors["secret"], now)


@pytest.fixture
def house(tmp_path):
    with HookReceiver() as hook, RunningPlayground(tmp_path / "p") as playground:
        bot = playground.enroll_bot(hook.url)
        start = {"inbox_id": 1, "name": "Ana", "phone": "+5511987654321", "content": "Oi"}
        playground.act("POST", "conversations", start)
        wait_until(lambda: hook.received)
        yield playground, bot, hook


def test_the_playgrounds_bodies_have_the_published_fields_and_types(house):
    _, _, hook = house
    ours = keys_and_types(json.loads(hook.received[0][1]))
    theirs = keys_and_types(
        json.loads((FIXTURES / "message_created.incoming.json").read_text("utf-8"))
    )
    # The published example carries a custom attribute of its own invention.
    theirs = {path for path in theirs if "odoo_partner_id" not in path}
    assert ours == theirs


def test_the_playgrounds_answers_match_the_published_schemas(house):
    playground, bot, _ = house
    token, agent = bot["access_token"], playground.agent_token()
    talk = "/conversations/{conversation_id}"
    webhook = {"webhook": {"url": "https://x.example", "subscriptions": ["message_created"]}}
    calls = [
        ("GET", talk, "1/conversations/1", None, token),
        ("POST", talk + "/messages", "1/conversations/1/messages", {"content": "a"}, token),
        ("GET", talk + "/messages", "1/conversations/1/messages", None, agent),
        ("GET", talk + "/labels", "1/conversations/1/labels", None, token),
        ("POST", talk + "/labels", "1/conversations/1/labels", {"labels": ["vip"]}, token),
        ("POST", talk + "/assignments", "1/conversations/1/assignments", {"assignee_id": 1}, token),
        (
            "POST",
            talk + "/toggle_status",
            "1/conversations/1/toggle_status",
            {"status": "resolved"},
            token,
        ),
        (
            "POST",
            talk + "/custom_attributes",
            "1/conversations/1/custom_attributes",
            {"custom_attributes": {"a": 1}},
            token,
        ),
        ("GET", "/conversations", "1/conversations?status=all", None, agent),
        ("GET", "/teams", "1/teams", None, agent),
        ("GET", "/agents", "1/agents", None, agent),
        ("GET", "/inboxes", "1/inboxes", None, agent),
        ("GET", "/agent_bots", "1/agent_bots", None, None),
        ("POST", "/webhooks", "1/webhooks", webhook, None),
        ("GET", "/webhooks", "1/webhooks", None, None),
    ]
    for method, path, url, body, who in calls:
        more = {"token": who} if who else {}
        answer = playground.api(method, url, body, **more)
        assert answer.status_code == 200, (method, url, answer.text)
        problems = list(schema_of(path, method.lower()).iter_errors(answer.json()))
        assert not problems, (method, url, problems[:3])
