"""`/playground/api/`: what a person or a test does as the customer, the agent and the saboteur."""

import json
import time
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sidecar.errors import BadRequest, NotFound, SidecarError, Unauthorized, Unprocessable
from sidecar.playground.access import Access
from sidecar.playground.desk import Desk
from sidecar.playground.failures import Failures
from sidecar.playground.render import OUTGOING
from sidecar.playground.store import Row

_TALK = "/conversations/<int:account_id>/<int:display_id>"
_SHOWN = 200  # latest messages given to the page


def create_page_api(desk: Desk, access: Access, failures: Failures) -> Blueprint:
    """The blueprint below /playground/api."""
    api = Blueprint("page_api", __name__, url_prefix="/playground/api")
    store = desk.store

    @api.errorhandler(SidecarError)
    def failed(error: SidecarError) -> tuple[Response, int]:
        return jsonify(success=False, error=error.as_dict()), error.status

    @api.get("/health")
    def health() -> Response:
        store.one("SELECT count(*) AS n FROM accounts")
        return _data({"status": "ok"})

    @api.get("/shops")
    def shops() -> Response:
        return _data([_shop(desk, row) for row in store.all("SELECT * FROM accounts ORDER BY id")])

    @api.post("/accounts")
    def create_account() -> tuple[Response, int]:
        _admin(access)
        body = _body()
        locale = body.get("locale") or "en"
        if locale not in ("en", "pt_BR"):
            raise Unprocessable("The locale must be en or pt_BR.", field="locale")
        name, agent = _text(body, "name"), str(body.get("agent") or "Sam Agent")
        row = store.create_account(name, locale, agent, str(body.get("team") or "team"))
        return _data(_shop(desk, row)), 201

    @api.post("/inboxes")
    def create_inbox() -> tuple[Response, int]:
        _admin(access)
        body = _body()
        channel = body.get("channel") or "Channel::Api"
        if channel not in ("Channel::Api", "Channel::Whatsapp", "Channel::WebWidget"):
            raise Unprocessable("Unknown channel.", field="channel")
        account = store.get("accounts", _number(body, "account_id"))
        if account is None:
            raise NotFound("There is no such account.")
        row = store.create_inbox(account["id"], _text(body, "name"), channel)
        return _data({key: row[key] for key in ("id", "account_id", "name", "channel")}), 201

    @api.get("/agents")
    def agents() -> Response:
        """Agents with their tokens, for the administrator."""
        _admin(access)
        rows = store.all("SELECT * FROM users ORDER BY id")
        keys = ("id", "account_id", "name", "email", "role", "access_token")
        return _data([{key: row[key] for key in keys} for row in rows])

    @api.post("/conversations")
    def start() -> tuple[Response, int]:
        body = _body()
        phone = body.get("phone") or None
        if phone is not None and not isinstance(phone, str):
            raise Unprocessable("The phone must be text.", field="phone")
        with desk.happening():
            row = desk.start(
                _number(body, "inbox_id"),
                _text(body, "name"),
                phone,
                new=body.get("new") is True,
                group=body.get("group") is True,
                blocked=body.get("blocked") is True,
                identifier=body.get("identifier") or None,
            )
            if body.get("content"):
                desk.customer_says(row, _text(body, "content"))
            row = desk.find(row["account_id"], row["display_id"])
        return _data(_conversation(desk, row)), 201

    @api.get(_TALK)
    def read(account_id: int, display_id: int) -> Response:
        """The conversation and its latest messages, or `unchanged` at the caller's version."""
        row = desk.find(account_id, display_id)
        shown = _conversation(desk, row)
        if request.args.get("version") == shown["version"]:
            return _data({"unchanged": True})
        after = request.args.get("after", 0, type=int)
        messages = store.all(
            "SELECT * FROM messages WHERE conversation_id = ? AND id > ? ORDER BY id DESC LIMIT ?",
            row["id"],
            after,
            _SHOWN,
        )
        shown["messages"] = [_message(desk, m) for m in reversed(messages)]
        return _data(shown)

    @api.post(_TALK + "/messages")
    def say(account_id: int, display_id: int) -> tuple[Response, int]:
        body = _body()
        row, files = desk.find(account_id, display_id), _attachments(body)
        content = _text(body, "content") if not files or body.get("content") else None
        speaker = body.get("as") or "customer"
        if speaker == "customer":
            return _data(_message(desk, desk.customer_says(row, content, files))), 201
        if speaker not in ("agent", "phone"):
            raise Unprocessable("`as` must be customer, agent or phone.", field="as")
        # who replies from the phone is nobody Chatwoot knows
        by_phone = speaker == "phone"
        message = desk.add_message(
            row,
            OUTGOING,
            content,
            sender=None if by_phone else ("User", _agent(desk, account_id)["id"]),
            private=body.get("private") is True,
            content_attributes={"external_echo": True} if by_phone else None,
        )
        return _data(_message(desk, message)), 201

    @api.post(_TALK + "/messages/<int:message_id>")
    def change(account_id: int, display_id: int, message_id: int) -> Response:
        """What happens to a message later: `content`, `deleted`, or `choose` (of a list)."""
        body, row = _body(), desk.find(account_id, display_id)
        message = store.get("messages", message_id)
        if message is None or message["conversation_id"] != row["id"]:
            raise NotFound("There is no such message.")
        desk.customer_changes(message, **_changes(message, body))
        return _data(_message(desk, store.get("messages", message_id) or message))

    @api.post(_TALK + "/seen")
    def seen(account_id: int, display_id: int) -> Response:
        desk.customer_sees(desk.find(account_id, display_id), _body().get("read") is True)
        return _data({})

    @api.post(_TALK + "/actions")
    def act(account_id: int, display_id: int) -> Response:
        """take_over, assign, unassign, hand_back, resolve, close_window, open_window."""
        row, action = desk.find(account_id, display_id), _text(_body(), "action")
        with desk.happening():
            if action == "take_over":
                desk.assign(row, _agent(desk, account_id))
                desk.set_status(desk.find(account_id, display_id), "open")
            elif action == "assign":
                desk.assign(row, _agent(desk, account_id))
            elif action == "unassign":
                desk.assign(row, None)
            elif action == "hand_back":
                desk.set_status(row, "pending")
            elif action == "resolve":
                desk.set_status(row, "resolved")
            elif action in ("close_window", "open_window"):
                desk.touch(row, window_closed=int(action == "close_window"))
            else:
                raise Unprocessable("Unknown action.", field="action")
        return _data(_conversation(desk, desk.find(account_id, display_id)))

    @api.route("/failures", methods=["GET", "POST", "DELETE"])
    def fail() -> Response:
        if request.method == "DELETE":
            failures.clear()
        elif request.method == "POST":
            failures.set(_body())
        return _data(failures.state())

    @api.get("/log")
    def log() -> Response:
        rows = store.all(
            "SELECT * FROM log WHERE id > ? ORDER BY id DESC LIMIT 200",
            request.args.get("after", 0, type=int),
        )
        return _data(rows[::-1])

    return api


def _conversation(desk: Desk, row: Row) -> dict[str, Any]:
    shown = desk.renderer.conversation(row)
    typing = row["typing_until"] > time.time()
    meta = shown["meta"]
    return {
        # Typing fades and a window closes without a write.
        "version": f"{row['version']}-{int(typing)}{int(shown['can_reply'])}",
        "account_id": row["account_id"],
        "display_id": row["display_id"],
        "inbox_id": row["inbox_id"],
        "status": row["status"],
        "typing": typing,
        "can_reply": shown["can_reply"],
        "labels": shown["labels"],
        "contact": {"name": meta["sender"]["name"], "phone": meta["sender"]["phone_number"]},
        "assignee": meta.get("assignee", {}).get("name"),
        "team": meta.get("team", {}).get("name"),
    }


def _message(desk: Desk, row: Row) -> dict[str, Any]:
    shown = desk.renderer.message(row)
    sender = shown.get("sender") or {}
    keys = ("id", "content", "content_type", "message_type", "private", "status", "created_at")
    return {key: shown[key] for key in keys} | {
        "content_attributes": shown["content_attributes"],
        "attachments": shown.get("attachments", []),
        "sender": {"name": sender.get("name", ""), "type": sender.get("type", "")},
        # A reply that Chatwoot believed to be in the channel already never reaches the customer.
        "delivered_to_channel": bool(row["in_channel"]) and row["status"] != "failed",
    }


def _attachments(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Attachments as the API writes them; an id of its own for each."""
    files = body.get("attachments") or []
    if not isinstance(files, list) or not all(isinstance(f, dict) for f in files):
        raise Unprocessable("attachments must be a list of objects.", field="attachments")
    return [{"id": number, "file_type": "file"} | file for number, file in enumerate(files, 1)]


def _changes(message: Row, body: dict[str, Any]) -> dict[str, Any]:
    """Columns of a message after what `body` says happened to it."""
    attributes = json.loads(message["content_attributes"])
    if body.get("deleted") is True:
        told = attributes | {"deleted": True}
        return {"content": "This message was deleted", "content_attributes": json.dumps(told)}
    if body.get("choose"):
        chosen = [item for item in attributes.get("items", []) if item["title"] == body["choose"]]
        if not chosen:
            raise Unprocessable("The message offers no such option.", field="choose")
        return {"content_attributes": json.dumps(attributes | {"submitted_values": chosen})}
    return {"content": _text(body, "content")}


def _shop(desk: Desk, account: Row) -> dict[str, Any]:
    inboxes = desk.store.all("SELECT * FROM inboxes WHERE account_id = ?", account["id"])
    keys = ("id", "name", "channel")
    return {
        "id": account["id"],
        "name": account["name"],
        "locale": account["locale"],
        "inboxes": [
            {key: row[key] for key in keys} | {"bot": row["agent_bot_id"] is not None}
            for row in inboxes
        ],
    }


def _agent(desk: Desk, account_id: int) -> Row:
    row = desk.store.one("SELECT * FROM users WHERE account_id = ? ORDER BY id", account_id)
    if row is None:
        raise NotFound("The account has no agent.")
    return row


def _admin(access: Access) -> None:
    if not access.is_admin_token(request.headers.get("api-access-token", "")):
        raise Unauthorized


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object.")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Unprocessable(f"{name} is missing.", field=name)
    return value


def _number(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unprocessable(f"{name} must be a number.", field=name)
    return value


def _data(data: Any) -> Response:
    return jsonify(success=True, data=data)
