"""Rows as Chatwoot writes them: webhook bodies, and the answers of API v1.

Two dialects: webhook bodies say `message_type` as a word and times as ISO; the API and the message
nested in a conversation say integers.
"""

import json
import time
from datetime import UTC, datetime
from typing import Any

from sidecar.playground.store import Row, Store

MESSAGE_TYPES = ("incoming", "outgoing", "activity", "template")
INCOMING, OUTGOING, ACTIVITY, TEMPLATE = range(4)
_WHATSAPP_WINDOW = 24 * 3600  # seconds after the customer's last message


def body_bytes(body: dict[str, Any]) -> bytes:
    """JSON as Rails writes it: these five characters escaped, everything else in UTF-8."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode()


class Renderer:
    """Renders the store's rows."""

    def __init__(self, store: Store):
        self._store = store

    # -- webhook bodies -------------------------------------------------------------------------

    def message_event(self, event: str, message: Row) -> dict[str, Any]:
        """Body of message_created and message_updated."""
        conversation = self._row("conversations", message["conversation_id"])
        account = self.account(conversation["account_id"])
        inbox = self._row("inboxes", conversation["inbox_id"])
        body = {
            "account": account,
            "additional_attributes": json.loads(message["additional_attributes"]),
            "content_attributes": json.loads(message["content_attributes"]),
            "content_type": message["content_type"],
            "content": message["content"],
            "conversation": self.conversation_event_data(conversation),
            "created_at": _iso(message["created_at"]),
            "id": message["id"],
            "inbox": {"id": inbox["id"], "name": inbox["name"]},
            "message_type": MESSAGE_TYPES[message["message_type"]],
            "private": bool(message["private"]),
            "sender": self._webhook_sender(message, account),
            "source_id": message["source_id"],
        }
        attachments = self.attachments(message, conversation)
        if attachments:
            body["attachments"] = attachments
        return body | {"event": event}

    def conversation_event(
        self, event: str, conversation: Row, extra: dict[str, Any]
    ) -> dict[str, Any]:
        """Body of the conversation_* events; `extra` holds changed_attributes or the typist."""
        data = self.conversation_event_data(conversation)
        if event.startswith("conversation_typing"):
            return {"event": event, "conversation": data, **extra}
        return data | {"event": event} | extra

    def conversation_event_data(self, conversation: Row) -> dict[str, Any]:
        """The conversation as every webhook body shows it."""
        contact_inbox = self._row("contact_inboxes", conversation["contact_inbox_id"])
        contact = self._row("contacts", contact_inbox["contact_id"])
        inbox = self._row("inboxes", conversation["inbox_id"])
        latest = self._latest(conversation, public_only=True)
        return {
            "additional_attributes": {},
            "can_reply": self.can_reply(conversation),
            "channel": inbox["channel"],
            "contact_inbox": {
                "id": contact_inbox["id"],
                "contact_id": contact["id"],
                "inbox_id": inbox["id"],
                "source_id": contact_inbox["source_id"],
                "created_at": _iso(contact_inbox["created_at"]),
                "updated_at": _iso(contact_inbox["created_at"]),
                "hmac_verified": bool(contact_inbox["hmac_verified"]),
                "pubsub_token": contact_inbox["pubsub_token"],
            },
            "id": conversation["display_id"],
            "inbox_id": inbox["id"],
            "messages": [self.message(latest)] if latest else [],
            "labels": json.loads(conversation["labels"]),
            "meta": self._webhook_meta(conversation, contact),
            "status": conversation["status"],
            "custom_attributes": json.loads(conversation["custom_attributes"]),
            "snoozed_until": _iso(conversation["snoozed_until"]),
            "unread_count": self.unread_count(conversation),
            "first_reply_created_at": _iso(conversation["first_reply_at"]),
            "priority": conversation["priority"],
            "waiting_since": int(conversation["waiting_since"] or 0),
            "agent_last_seen_at": int(conversation["agent_seen_at"]),
            "contact_last_seen_at": int(conversation["contact_seen_at"]),
            "last_activity_at": int(conversation["last_activity_at"]),
            "timestamp": int(conversation["last_activity_at"]),
            "created_at": int(conversation["created_at"]),
            "updated_at": round(conversation["updated_at"], 6),
            "account": self.account(conversation["account_id"]),
        }

    # -- API answers ----------------------------------------------------------------------------

    def message(self, message: Row) -> dict[str, Any]:
        """A message with integer types: API answers, and nested in webhook bodies."""
        conversation = self._row("conversations", message["conversation_id"])
        contact_inbox = self._row("contact_inboxes", conversation["contact_inbox_id"])
        body = {
            "id": message["id"],
            "content": message["content"],
            "account_id": conversation["account_id"],
            "inbox_id": conversation["inbox_id"],
            "conversation_id": conversation["display_id"],
            "message_type": message["message_type"],
            "created_at": int(message["created_at"]),
            "updated_at": _iso(message["updated_at"]),
            "private": bool(message["private"]),
            "status": message["status"],
            "source_id": message["source_id"],
            "content_type": message["content_type"],
            "content_attributes": json.loads(message["content_attributes"]),
            "sender_type": message["sender_type"],
            "sender_id": message["sender_id"],
            "external_source_ids": {},
            "additional_attributes": json.loads(message["additional_attributes"]),
            "processed_message_content": message["content"],
            "sentiment": {},
            "conversation": {
                "assignee_id": conversation["assignee_id"],
                "unread_count": self.unread_count(conversation),
                "last_activity_at": int(conversation["last_activity_at"]),
                "contact_inbox": {"source_id": contact_inbox["source_id"]},
            },
        }
        attachments = self.attachments(message, conversation)
        if attachments:
            body["attachments"] = attachments
        sender = self._typed_sender(message)
        return body | ({"sender": sender} if sender else {})

    def conversation(self, conversation: Row) -> dict[str, Any]:
        """A conversation as GET /conversations/{c} shows it."""
        contact_inbox = self._row("contact_inboxes", conversation["contact_inbox_id"])
        contact = self._row("contacts", contact_inbox["contact_id"])
        inbox = self._row("inboxes", conversation["inbox_id"])
        latest = self._latest(conversation, public_only=False)
        last = self._latest(conversation, public_only=True)
        meta: dict[str, Any] = {
            "sender": self.contact(contact)
            | {"availability_status": "offline", "created_at": int(contact["created_at"])},
            "channel": inbox["channel"],
            "hmac_verified": False,
        }
        agent = self._store.get("users", conversation["assignee_id"])
        if agent:
            meta |= {"assignee": self.agent(agent), "assignee_type": "User"}
        team = self._store.get("teams", conversation["team_id"])
        if team:
            meta["team"] = {"id": team["id"], "name": team["name"]}
        return {
            "meta": meta,
            "id": conversation["display_id"],
            "messages": [self.message(latest)] if latest else [],
            "account_id": conversation["account_id"],
            "uuid": conversation["uuid"],
            "additional_attributes": {},
            "agent_last_seen_at": int(conversation["agent_seen_at"]),
            "assignee_last_seen_at": 0,
            "can_reply": self.can_reply(conversation),
            "contact_last_seen_at": int(conversation["contact_seen_at"]),
            "custom_attributes": json.loads(conversation["custom_attributes"]),
            "inbox_id": inbox["id"],
            "labels": json.loads(conversation["labels"]),
            "muted": bool(contact["blocked"]),
            "snoozed_until": conversation["snoozed_until"],
            "status": conversation["status"],
            "created_at": int(conversation["created_at"]),
            "updated_at": round(conversation["updated_at"], 6),
            "timestamp": int(conversation["last_activity_at"]),
            "first_reply_created_at": int(conversation["first_reply_at"] or 0),
            "unread_count": self.unread_count(conversation),
            "last_non_activity_message": self.message(last) if last else None,
            "last_activity_at": int(conversation["last_activity_at"]),
            "priority": conversation["priority"],
            "waiting_since": int(conversation["waiting_since"] or 0),
        }

    def account(self, account_id: int) -> dict[str, Any]:
        """{id, name} of an account."""
        return {"id": account_id, "name": self._row("accounts", account_id)["name"]}

    def contact(self, contact: Row) -> dict[str, Any]:
        """A contact without its type."""
        return {
            "additional_attributes": {},
            "custom_attributes": json.loads(contact["custom_attributes"]),
            "email": contact["email"],
            "id": contact["id"],
            "identifier": contact["identifier"],
            "name": contact["name"],
            "phone_number": contact["phone"],
            "thumbnail": "",
            "blocked": bool(contact["blocked"]),
        }

    def agent(self, user: Row) -> dict[str, Any]:
        """An agent as the agents list shows one; never the token."""
        return {
            "id": user["id"],
            "account_id": user["account_id"],
            "availability_status": "online",
            "auto_offline": True,
            "confirmed": True,
            "email": user["email"],
            "available_name": user["name"],
            "name": user["name"],
            "role": user["role"],
            "thumbnail": "",
            "type": "user",
        }

    def attachments(self, message: Row, conversation: Row) -> list[dict[str, Any]]:
        """The message's attachments."""
        base = {"message_id": message["id"], "account_id": conversation["account_id"]}
        return [item | base for item in json.loads(message["attachments"])]

    def can_reply(self, conversation: Row) -> bool:
        """WhatsApp lets a shop write freely only within 24 hours of the customer's last message."""
        if conversation["window_closed"]:
            return False
        inbox = self._row("inboxes", conversation["inbox_id"])
        if inbox["channel"] != "Channel::Whatsapp":
            return True
        last = self._store.one(
            "SELECT max(created_at) AS at FROM messages WHERE conversation_id = ? AND"
            " message_type = 0",
            conversation["id"],
        )
        return bool(last and last["at"] and time.time() - last["at"] < _WHATSAPP_WINDOW)

    def unread_count(self, conversation: Row) -> int:
        """Incoming messages the agents have not seen, at most 10."""
        row = self._store.one(
            "SELECT count(*) AS n FROM messages WHERE conversation_id = ? AND message_type = 0"
            " AND created_at > ?",
            conversation["id"],
            conversation["agent_seen_at"],
        )
        return min(10, row["n"] if row else 0)

    # -- parts ----------------------------------------------------------------------------------

    def _row(self, table: str, row_id: int) -> Row:
        row = self._store.get(table, row_id)
        if row is None:
            raise LookupError(f"{table} {row_id} is gone")
        return row

    def _latest(self, conversation: Row, public_only: bool) -> Row | None:
        public = " AND message_type != 2 AND private = 0" if public_only else ""
        return self._store.one(
            f"SELECT * FROM messages WHERE conversation_id = ?{public}"  # noqa: S608
            " ORDER BY id DESC LIMIT 1",
            conversation["id"],
        )

    def _webhook_meta(self, conversation: Row, contact: Row) -> dict[str, Any]:
        agent = self._store.get("users", conversation["assignee_id"])
        team = self._store.get("teams", conversation["team_id"])
        return {
            "sender": self.contact(contact) | {"type": "contact"},
            "assignee": _user(agent) if agent else None,
            "assignee_type": "User" if agent else None,
            "team": (
                {"id": team["id"], "name": team["name"], "icon": None, "icon_color": None}
                if team
                else None
            ),
            "hmac_verified": False,
        }

    def _webhook_sender(self, message: Row, account: dict[str, Any]) -> dict[str, Any] | None:
        # A contact that sends carries its account and avatar and no type; the others their type.
        if message["sender_type"] == "Contact":
            contact = self._store.get("contacts", message["sender_id"])
            return self.contact(contact) | {"account": account, "avatar": ""} if contact else None
        return self._typed_sender(message)

    def _typed_sender(self, message: Row) -> dict[str, Any] | None:
        kind, sender_id = message["sender_type"], message["sender_id"]
        if kind == "Contact":
            contact = self._store.get("contacts", sender_id)
            return self.contact(contact) | {"type": "contact"} if contact else None
        if kind == "AgentBot":
            bot = self._store.get("agent_bots", sender_id)
            named = {"id": sender_id, "name": bot["name"] if bot else ""}
            return named | {"avatar_url": "", "type": "agent_bot"}
        user = self._store.get("users", sender_id) if kind == "User" else None
        return _user(user) if user else None


def _user(user: Row) -> dict[str, Any]:
    return {"id": user["id"], "name": user["name"], "email": user["email"], "type": "user"}


def _iso(at: float | None) -> str | None:
    if not at:
        return None
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
