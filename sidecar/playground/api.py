"""Chatwoot's API v1, the part the sidecar and its enrolment use, with Chatwoot's own errors."""

import json
import threading
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request

from sidecar.errors import NotFound, Unprocessable
from sidecar.playground.access import Access, Caller
from sidecar.playground.desk import STATUSES, Desk
from sidecar.playground.failures import Failures, PostFailure
from sidecar.playground.render import INCOMING, OUTGOING
from sidecar.playground.store import Row, new_token

_ROOT = "/api/v1/accounts/<int:account_id>"
_TALK = _ROOT + "/conversations/<int:display_id>"
_PAGE = 25
_SUBSCRIPTIONS = (
    "conversation_created",
    "conversation_status_changed",
    "conversation_updated",
    "message_created",
    "message_updated",
    "contact_created",
    "contact_updated",
    "webwidget_triggered",
    "conversation_typing_on",
    "conversation_typing_off",
)
_CHANNELS = {
    "api": "Channel::Api",
    "web_widget": "Channel::WebWidget",
    "whatsapp": "Channel::Whatsapp",
}


def create_api(desk: Desk, access: Access, failures: Failures) -> Blueprint:
    """The blueprint of API v1."""
    api = Blueprint("chatwoot_api", __name__)
    stopping = threading.Event()

    @api.errorhandler(NotFound)
    def not_found(error: NotFound) -> tuple[Response, int]:
        return jsonify(error="Resource could not be found"), 404

    @api.errorhandler(Unprocessable)
    def unprocessable(error: Unprocessable) -> tuple[Response, int]:
        return jsonify(error=error.message), 422

    _conversations(api, desk, access)
    _messages(api, desk, access, failures, stopping)
    _administration(api, desk, access)
    return api


def _conversations(api: Blueprint, desk: Desk, access: Access) -> None:
    store, renderer = desk.store, desk.renderer

    @api.get(_ROOT + "/conversations")
    def index(account_id: int) -> Response:
        access.agent(account_id)
        status = request.args.get("status", "open")
        inbox_id = request.args.get("inbox_id", type=int)
        page = max(1, request.args.get("page", 1, type=int))
        rows = [
            row
            for row in store.all(
                "SELECT * FROM conversations WHERE account_id = ? ORDER BY last_activity_at DESC",
                account_id,
            )
            if status in ("all", row["status"]) and inbox_id in (None, row["inbox_id"])
        ]
        mine = sum(1 for row in rows if row["assignee_id"] == g.caller.id)
        assigned = sum(1 for row in rows if row["assignee_id"])
        shown = rows[(page - 1) * _PAGE : page * _PAGE]
        meta = {
            "mine_count": mine,
            "assigned_count": assigned,
            "unassigned_count": len(rows) - assigned,
            "all_count": len(rows),
        }
        return jsonify(
            data={"meta": meta, "payload": [renderer.conversation(row) for row in shown]}
        )

    @api.get(_TALK)
    def show(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        return jsonify(renderer.conversation(desk.find(account_id, display_id)))

    @api.post(_TALK + "/toggle_status")
    def toggle_status(account_id: int, display_id: int) -> Response:
        caller = access.agent_or_bot(account_id)
        conversation, body = desk.find(account_id, display_id), _body()
        status = body.get("status")
        if status is None:
            status = "resolved" if conversation["status"] == "open" else "open"
        if status not in STATUSES:
            raise Unprocessable(f"'{status}' is not a valid status")
        # The bot's hand-off runs another method of Chatwoot's, which returns nothing.
        handoff = caller.kind == "bot" and conversation["status"] == "pending" and status == "open"
        desk.set_status(conversation, status, body.get("snoozed_until"))
        payload = {
            "success": None if handoff else True,
            "conversation_id": display_id,
            "current_status": status,
            "snoozed_until": body.get("snoozed_until"),
        }
        return jsonify(meta={}, payload=payload)

    @api.post(_TALK + "/toggle_typing_status")
    def toggle_typing(account_id: int, display_id: int) -> tuple[str, int]:
        caller = access.agent_or_bot(account_id)
        body = _body()
        if body.get("typing_status") not in ("on", "off"):
            raise Unprocessable("typing_status must be on or off")
        desk.set_typing(
            desk.find(account_id, display_id),
            body["typing_status"] == "on",
            {"id": caller.id, "name": caller.name, "type": caller.sender_kind},
            bool(body.get("is_private")),
        )
        return "", 200

    @api.post(_TALK + "/toggle_priority")
    def toggle_priority(account_id: int, display_id: int) -> tuple[str, int]:
        access.agent_or_bot(account_id)
        priority = _body().get("priority")
        if priority not in ("urgent", "high", "medium", "low", "none", None):
            raise Unprocessable(f"'{priority}' is not a valid priority")
        value = None if priority == "none" else priority
        desk.set_attributes(desk.find(account_id, display_id), priority=value)
        return "", 200

    @api.post(_TALK + "/assignments")
    def assignments(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        conversation, body = desk.find(account_id, display_id), _body()
        if "team_id" in body:
            team = _of_account(store.get("teams", _id_of(body["team_id"])), account_id)
            desk.assign_team(conversation, team)
            return jsonify(_team(team) if team else None)
        agent = _of_account(store.get("users", _id_of(body.get("assignee_id"))), account_id)
        desk.assign(conversation, agent)
        return jsonify(renderer.agent(agent) if agent else None)

    @api.route(_TALK + "/labels", methods=["GET", "POST"])
    def labels(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        conversation = desk.find(account_id, display_id)
        if request.method == "GET":
            return jsonify(payload=json.loads(conversation["labels"]))
        wanted = _body().get("labels")
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise Unprocessable("labels must be a list of names")
        desk.set_attributes(conversation, labels=json.dumps(list(dict.fromkeys(wanted))))
        return jsonify(payload=list(dict.fromkeys(wanted)))

    @api.post(_TALK + "/custom_attributes")
    def custom_attributes(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        wanted = _body().get("custom_attributes")
        if not isinstance(wanted, dict):
            raise Unprocessable("custom_attributes must be an object")
        conversation = desk.find(account_id, display_id)
        desk.set_attributes(conversation, custom_attributes=json.dumps(wanted))
        return jsonify(custom_attributes=wanted)


def _messages(
    api: Blueprint, desk: Desk, access: Access, failures: Failures, stopping: threading.Event
) -> None:
    store, renderer = desk.store, desk.renderer

    @api.get(_TALK + "/messages")
    def index(account_id: int, display_id: int) -> Response:
        access.agent(account_id)
        conversation = desk.find(account_id, display_id)
        rows = _page_of_messages(
            lambda where, *args: store.all(
                f"SELECT * FROM messages WHERE conversation_id = ? {where}",  # noqa: S608
                conversation["id"],
                *args,
            ),
            request.args.get("after", type=int),
            request.args.get("before", type=int),
        )
        if request.args.get("filter_internal_messages"):
            rows = [row for row in rows if row["message_type"] != 2 and not row["private"]]
        shown = renderer.conversation(conversation)
        agent = store.get("users", conversation["assignee_id"])
        meta = {
            "labels": shown["labels"],
            "additional_attributes": {},
            "contact": {"payload": []},
            "agent_last_seen_at": None,
            "assignee_last_seen_at": None,
        } | ({"assignee": renderer.agent(agent)} if agent else {})
        return jsonify(meta=meta, payload=[renderer.message(row) for row in rows])

    @api.post(_TALK + "/messages")
    def create(account_id: int, display_id: int) -> Response:
        caller = access.agent_or_bot(account_id)
        conversation = desk.find(account_id, display_id)
        failure = failures.take_post()
        if failure and failure.mode == "refuse":
            return _refusal(failure)
        message = _create_message(desk, caller, conversation, _body())
        if failure is None:
            return jsonify(renderer.message(message))
        if failure.mode == "store_then_hang":
            stopping.wait(failure.seconds)
        if failure.mode == "store_then_drop":
            request.environ["werkzeug.socket"].close()
        return _refusal(failure)


def _create_message(desk: Desk, caller: Caller, conversation: Row, body: dict[str, Any]) -> Row:
    kind = body.get("message_type") or "outgoing"
    if kind not in ("incoming", "outgoing"):
        raise Unprocessable(f"'{kind}' is not a valid message_type")
    inbox = desk.store.get("inboxes", conversation["inbox_id"]) or {}
    if kind == "incoming" and inbox.get("channel") != "Channel::Api":
        raise Unprocessable("Incoming messages are only allowed in Api inboxes")
    content, attributes = body.get("content"), body.get("content_attributes") or {}
    if content is not None and not isinstance(content, str):
        raise Unprocessable("content must be a string")
    if not isinstance(attributes, dict):
        raise Unprocessable("content_attributes must be an object")
    return desk.add_message(
        conversation,
        INCOMING if kind == "incoming" else OUTGOING,
        content,
        sender=(caller.sender_type, caller.id),
        private=body.get("private") is True,
        content_type=str(body.get("content_type") or "text"),
        content_attributes=attributes,
        source_id=body.get("source_id") or None,
    )


def _page_of_messages(
    select: Callable[..., list[Row]], after: int | None, before: int | None
) -> list[Row]:
    """Oldest first: 100 from `after`, 20 before `before`, up to 1000 between them, else 20."""
    if after is not None and before is not None:
        return select("AND id >= ? AND id < ? ORDER BY id LIMIT 1000", after, before)
    if after is not None:
        return select("AND id > ? ORDER BY id LIMIT 100", after)
    if before is not None:
        return select("AND id < ? ORDER BY id DESC LIMIT 20", before)[::-1]
    return select("ORDER BY id DESC LIMIT 20")[::-1]


def _administration(api: Blueprint, desk: Desk, access: Access) -> None:
    store = desk.store

    @api.get("/api/v1/profile")
    def profile() -> Response:
        user = access.user()
        shown = desk.renderer.agent(user) | {"access_token": user["access_token"]}
        return jsonify(shown | {"accounts": [desk.renderer.account(user["account_id"])]})

    @api.get(_ROOT + "/agents")
    def agents(account_id: int) -> Response:
        access.agent(account_id)
        rows = store.all("SELECT * FROM users WHERE account_id = ?", account_id)
        return jsonify([desk.renderer.agent(row) for row in rows])

    @api.get(_ROOT + "/teams")
    def teams(account_id: int) -> Response:
        access.agent(account_id)
        rows = store.all("SELECT * FROM teams WHERE account_id = ?", account_id)
        return jsonify([_team(row) for row in rows])

    @api.route(_ROOT + "/agent_bots", methods=["GET", "POST"])
    def agent_bots(account_id: int) -> Response:
        access.administrator(account_id)
        if request.method == "GET":
            rows = store.all("SELECT * FROM agent_bots WHERE account_id = ?", account_id)
            return jsonify([_bot(row) for row in rows])
        body = _body()
        row = store.insert(
            "agent_bots",
            account_id=account_id,
            name=_name(body),
            outgoing_url=_url(body.get("outgoing_url") or ""),
            access_token=new_token(),
            secret=new_token(),
        )
        return jsonify(_bot(row))

    @api.route(_ROOT + "/agent_bots/<int:bot_id>", methods=["GET", "PATCH", "DELETE"])
    def agent_bot(account_id: int, bot_id: int) -> Response | tuple[str, int]:
        access.administrator(account_id)
        row = _must(_of_account(store.get("agent_bots", bot_id), account_id))
        if request.method == "DELETE":
            with store.transaction():
                for inbox in store.all("SELECT id FROM inboxes WHERE agent_bot_id = ?", bot_id):
                    store.update("inboxes", inbox["id"], agent_bot_id=None)
                store.delete("agent_bots", bot_id)
            return "", 200
        if request.method == "PATCH":
            body = {**row, **_body()}
            store.update(
                "agent_bots", bot_id, name=_name(body), outgoing_url=_url(body["outgoing_url"])
            )
        return jsonify(_bot(_must(store.get("agent_bots", bot_id))))

    @api.post(_ROOT + "/agent_bots/<int:bot_id>/reset_secret")
    def reset_secret(account_id: int, bot_id: int) -> Response:
        access.administrator(account_id)
        _must(_of_account(store.get("agent_bots", bot_id), account_id))
        store.update("agent_bots", bot_id, secret=new_token())
        return jsonify(_bot(_must(store.get("agent_bots", bot_id))))

    @api.route(_ROOT + "/inboxes", methods=["GET", "POST"])
    def inboxes(account_id: int) -> Response:
        access.administrator(account_id) if request.method == "POST" else access.agent(account_id)
        if request.method == "GET":
            rows = store.all("SELECT * FROM inboxes WHERE account_id = ?", account_id)
            return jsonify(payload=[_inbox(row) for row in rows])
        body = _body()
        channel = body.get("channel") or {}
        if not isinstance(channel, dict) or channel.get("type") not in _CHANNELS:
            raise Unprocessable("channel.type must be api, web_widget or whatsapp")
        hook = _url(channel.get("webhook_url") or "")
        row = store.create_inbox(account_id, _name(body), _CHANNELS[channel["type"]], hook)
        return jsonify(_inbox(row))

    @api.get(_ROOT + "/inboxes/<int:inbox_id>")
    def inbox(account_id: int, inbox_id: int) -> Response:
        access.agent(account_id)
        return jsonify(_inbox(_must(_of_account(store.get("inboxes", inbox_id), account_id))))

    @api.post(_ROOT + "/inboxes/<int:inbox_id>/set_agent_bot")
    def set_agent_bot(account_id: int, inbox_id: int) -> tuple[str, int]:
        access.administrator(account_id)
        _must(_of_account(store.get("inboxes", inbox_id), account_id))
        wanted = _body().get("agent_bot")
        if wanted is not None:
            _must(_of_account(store.get("agent_bots", _id_of(wanted)), account_id))
        store.update("inboxes", inbox_id, agent_bot_id=_id_of(wanted))
        return "", 204

    @api.route(_ROOT + "/webhooks", methods=["GET", "POST"])
    def webhooks(account_id: int) -> Response:
        access.administrator(account_id)
        if request.method == "GET":
            rows = store.all("SELECT * FROM webhooks WHERE account_id = ?", account_id)
            return jsonify([_webhook(row) for row in rows])
        body = _body()
        wanted = body.get("webhook") if isinstance(body.get("webhook"), dict) else body
        names = wanted.get("subscriptions") or list(_SUBSCRIPTIONS)
        if not isinstance(names, list) or not set(names) <= set(_SUBSCRIPTIONS):
            raise Unprocessable("Validation failed: Subscriptions Invalid events")
        row = store.insert(
            "webhooks",
            account_id=account_id,
            name=str(wanted.get("name") or ""),
            url=_url(wanted.get("url"), required=True),
            subscriptions=json.dumps(names),
            secret=new_token(),
        )
        return jsonify(_webhook(row))

    @api.delete(_ROOT + "/webhooks/<int:webhook_id>")
    def delete_webhook(account_id: int, webhook_id: int) -> tuple[str, int]:
        access.administrator(account_id)
        _must(_of_account(store.get("webhooks", webhook_id), account_id))
        store.delete("webhooks", webhook_id)
        return "", 200


def _refusal(failure: PostFailure) -> Response:
    """The answer with the failure's status, in the form the real server or its proxy gives it."""
    status = failure.status
    if status == 429:
        return Response("Retry later\n", status, content_type="text/plain")
    words = {
        401: "Invalid Access Token",
        403: "API access is not enabled for this account",
        404: "Resource could not be found",
        422: "Validation failed: Too many messages",
    }
    if status in words:
        answer = jsonify(error=words[status])
        answer.status_code = status
        return answer
    return Response("<html><body>We're sorry.</body></html>", status, content_type="text/html")


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if body is None:
        body = dict(request.form)
    return body if isinstance(body, dict) else abort(400)


def _of_account(row: Row | None, account_id: int) -> Row | None:
    return row if row and row["account_id"] == account_id else None


def _must(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def _id_of(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise Unprocessable("Validation failed: Name can't be blank")
    return name.strip()


def _url(value: Any, required: bool = False) -> str:
    if value == "" and not required:
        return ""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise Unprocessable("Validation failed: Url is invalid")
    return value


def _team(row: Row) -> dict[str, Any]:
    shown = {"id": row["id"], "name": row["name"], "account_id": row["account_id"]}
    return shown | {"allow_auto_assign": True, "is_member": True}


def _bot(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "thumbnail": "",
        "outgoing_url": row["outgoing_url"],
        "bot_type": "webhook",
        "bot_config": {},
        "account_id": row["account_id"],
        "access_token": row["access_token"],
        "system_bot": False,
        "secret": row["secret"],
    }


def _inbox(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "channel_id": row["id"],
        "channel_type": row["channel"],
        "avatar_url": "",
        "greeting_enabled": False,
        "greeting_message": None,
        "callback_webhook_url": row["webhook_url"] or None,
        "enable_auto_assignment": True,
        "working_hours_enabled": False,
        "lock_to_single_conversation": False,
    }


def _webhook(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "url": row["url"],
        "name": row["name"],
        "subscriptions": json.loads(row["subscriptions"]),
        "secret": row["secret"],
        "account_id": row["account_id"],
    }
