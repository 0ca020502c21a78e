"""Chatwoot's API v1, the part the sidecar and its enrolment use, with Chatwoot's own errors."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from sidecar.errors import NotFound, Unprocessable
from sidecar.playground.access import Access, Caller
from sidecar.playground.administration import (
    ROOT,
    add_administration,
    body_of_request,
    id_of,
    of_account,
    team,
)
from sidecar.playground.desk import STATUSES, Desk
from sidecar.playground.failures import Failures, PostFailure
from sidecar.playground.render import INCOMING, OUTGOING
from sidecar.playground.store import Row

_TALK = ROOT + "/conversations/<int:display_id>"
_PAGE = 25


def create_api(desk: Desk, access: Access, failures: Failures) -> Blueprint:
    """The blueprint of API v1."""
    api = Blueprint("chatwoot_api", __name__)

    @api.errorhandler(NotFound)
    def not_found(error: NotFound) -> tuple[Response, int]:
        return jsonify(error="Resource could not be found"), 404

    @api.errorhandler(Unprocessable)
    def unprocessable(error: Unprocessable) -> tuple[Response, int]:
        return jsonify(error=error.message), 422

    _conversations(api, desk, access)
    _messages(api, desk, access, failures)
    add_administration(api, desk, access)
    return api


def _conversations(api: Blueprint, desk: Desk, access: Access) -> None:
    store, renderer = desk.store, desk.renderer

    @api.get(ROOT + "/conversations")
    def list_conversations(account_id: int) -> Response:
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
        conversation, body = desk.find(account_id, display_id), body_of_request()
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
        body = body_of_request()
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
        priority = body_of_request().get("priority")
        if priority not in ("urgent", "high", "medium", "low", "none", None):
            raise Unprocessable(f"'{priority}' is not a valid priority")
        value = None if priority == "none" else priority
        desk.set_attributes(desk.find(account_id, display_id), priority=value)
        return "", 200

    @api.post(_TALK + "/assignments")
    def assignments(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        conversation, body = desk.find(account_id, display_id), body_of_request()
        if "team_id" in body:
            row = of_account(store.get("teams", id_of(body["team_id"])), account_id)
            desk.assign_team(conversation, row)
            return jsonify(team(row) if row else None)
        agent = of_account(store.get("users", id_of(body.get("assignee_id"))), account_id)
        desk.assign(conversation, agent)
        return jsonify(renderer.agent(agent) if agent else None)

    @api.route(_TALK + "/labels", methods=["GET", "POST"])
    def labels(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        conversation = desk.find(account_id, display_id)
        if request.method == "GET":
            return jsonify(payload=json.loads(conversation["labels"]))
        wanted = body_of_request().get("labels")
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise Unprocessable("labels must be a list of names")
        desk.set_attributes(conversation, labels=json.dumps(list(dict.fromkeys(wanted))))
        return jsonify(payload=list(dict.fromkeys(wanted)))

    @api.post(_TALK + "/custom_attributes")
    def custom_attributes(account_id: int, display_id: int) -> Response:
        access.agent_or_bot(account_id)
        wanted = body_of_request().get("custom_attributes")
        if not isinstance(wanted, dict):
            raise Unprocessable("custom_attributes must be an object")
        conversation = desk.find(account_id, display_id)
        desk.set_attributes(conversation, custom_attributes=json.dumps(wanted))
        return jsonify(custom_attributes=wanted)


def _messages(api: Blueprint, desk: Desk, access: Access, failures: Failures) -> None:
    store, renderer = desk.store, desk.renderer

    @api.get(_TALK + "/messages")
    def list_messages(account_id: int, display_id: int) -> Response:
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
    def create_message(account_id: int, display_id: int) -> Response:
        caller = access.agent_or_bot(account_id)
        conversation = desk.find(account_id, display_id)
        failure = failures.take_post()
        if failure and failure.mode == "refuse":
            return _refusal(failure)
        message = _create_message(desk, caller, conversation, body_of_request())
        if failure is None:
            return jsonify(renderer.message(message))
        if failure.mode == "store_then_hang":
            time.sleep(failure.seconds)
        if failure.mode == "store_then_drop":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
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
