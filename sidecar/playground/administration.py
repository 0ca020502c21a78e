"""The part of Chatwoot's API v1 that sets it up: bots, inboxes, webhooks, teams, agents."""

import json
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from sidecar.errors import NotFound, Unprocessable
from sidecar.playground.access import Access
from sidecar.playground.desk import Desk
from sidecar.playground.store import Row, new_token

ROOT = "/api/v1/accounts/<int:account_id>"
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


def add_administration(api: Blueprint, desk: Desk, access: Access) -> None:
    """Add the routes to the blueprint of API v1."""
    store = desk.store

    @api.get("/api/v1/profile")
    def profile() -> Response:
        user = access.user()
        shown = desk.renderer.agent(user) | {"access_token": user["access_token"]}
        return jsonify(shown | {"accounts": [desk.renderer.account(user["account_id"])]})

    @api.get(ROOT + "/agents")
    def agents(account_id: int) -> Response:
        access.agent(account_id)
        rows = store.all("SELECT * FROM users WHERE account_id = ?", account_id)
        return jsonify([desk.renderer.agent(row) for row in rows])

    @api.get(ROOT + "/teams")
    def teams(account_id: int) -> Response:
        access.agent(account_id)
        rows = store.all("SELECT * FROM teams WHERE account_id = ?", account_id)
        return jsonify([team(row) for row in rows])

    @api.route(ROOT + "/agent_bots", methods=["GET", "POST"])
    def agent_bots(account_id: int) -> Response:
        access.administrator(account_id)
        if request.method == "GET":
            rows = store.all("SELECT * FROM agent_bots WHERE account_id = ?", account_id)
            return jsonify([_bot(row) for row in rows])
        body = body_of_request()
        row = store.insert(
            "agent_bots",
            account_id=account_id,
            name=_name(body),
            outgoing_url=_url(body.get("outgoing_url") or ""),
            access_token=new_token(),
            secret=new_token(),
        )
        return jsonify(_bot(row))

    @api.route(ROOT + "/agent_bots/<int:bot_id>", methods=["GET", "PATCH", "DELETE"])
    def agent_bot(account_id: int, bot_id: int) -> Response | tuple[str, int]:
        access.administrator(account_id)
        row = must(of_account(store.get("agent_bots", bot_id), account_id))
        if request.method == "DELETE":
            with store.transaction():
                for inbox in store.all("SELECT id FROM inboxes WHERE agent_bot_id = ?", bot_id):
                    store.update("inboxes", inbox["id"], agent_bot_id=None)
                store.delete("agent_bots", bot_id)
            return "", 200
        if request.method == "PATCH":
            body = {**row, **body_of_request()}
            store.update(
                "agent_bots", bot_id, name=_name(body), outgoing_url=_url(body["outgoing_url"])
            )
        return jsonify(_bot(must(store.get("agent_bots", bot_id))))

    @api.post(ROOT + "/agent_bots/<int:bot_id>/reset_secret")
    def reset_secret(account_id: int, bot_id: int) -> Response:
        access.administrator(account_id)
        must(of_account(store.get("agent_bots", bot_id), account_id))
        store.update("agent_bots", bot_id, secret=new_token())
        return jsonify(_bot(must(store.get("agent_bots", bot_id))))

    @api.route(ROOT + "/inboxes", methods=["GET", "POST"])
    def inboxes(account_id: int) -> Response:
        access.administrator(account_id) if request.method == "POST" else access.agent(account_id)
        if request.method == "GET":
            rows = store.all("SELECT * FROM inboxes WHERE account_id = ?", account_id)
            return jsonify(payload=[_inbox(row) for row in rows])
        body = body_of_request()
        channel = body.get("channel") or {}
        if not isinstance(channel, dict) or channel.get("type") not in _CHANNELS:
            raise Unprocessable("channel.type must be api, web_widget or whatsapp")
        hook = _url(channel.get("webhook_url") or "")
        row = store.create_inbox(account_id, _name(body), _CHANNELS[channel["type"]], hook)
        return jsonify(_inbox(row))

    @api.get(ROOT + "/inboxes/<int:inbox_id>")
    def inbox(account_id: int, inbox_id: int) -> Response:
        access.agent(account_id)
        return jsonify(_inbox(must(of_account(store.get("inboxes", inbox_id), account_id))))

    @api.post(ROOT + "/inboxes/<int:inbox_id>/set_agent_bot")
    def set_agent_bot(account_id: int, inbox_id: int) -> tuple[str, int]:
        access.administrator(account_id)
        must(of_account(store.get("inboxes", inbox_id), account_id))
        wanted = body_of_request().get("agent_bot")
        if wanted is not None:
            must(of_account(store.get("agent_bots", id_of(wanted)), account_id))
        store.update("inboxes", inbox_id, agent_bot_id=id_of(wanted))
        return "", 204

    @api.route(ROOT + "/webhooks", methods=["GET", "POST"])
    def webhooks(account_id: int) -> Response:
        access.administrator(account_id)
        if request.method == "GET":
            rows = store.all("SELECT * FROM webhooks WHERE account_id = ?", account_id)
            return jsonify([_webhook(row) for row in rows])
        body = body_of_request()
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

    @api.delete(ROOT + "/webhooks/<int:webhook_id>")
    def delete_webhook(account_id: int, webhook_id: int) -> tuple[str, int]:
        access.administrator(account_id)
        must(of_account(store.get("webhooks", webhook_id), account_id))
        store.delete("webhooks", webhook_id)
        return "", 200


def body_of_request() -> dict[str, Any]:
    """The request's JSON object or form; anything else is a 400."""
    body = request.get_json(silent=True)
    if body is None:
        body = dict(request.form)
    return body if isinstance(body, dict) else abort(400)


def of_account(row: Row | None, account_id: int) -> Row | None:
    """The row when it is the account's, else None."""
    return row if row and row["account_id"] == account_id else None


def must(row: Row | None) -> Row:
    """The row; raises NotFound when there is none."""
    if row is None:
        raise NotFound
    return row


def id_of(value: Any) -> int | None:
    """The id in a request's body, or None."""
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


def team(row: Row) -> dict[str, Any]:
    """A team as the API shows it."""
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
