"""What happens in Chatwoot: customers write, bots and agents answer, statuses change, hooks fire.

Every verb is one transaction; its webhooks are queued inside it and sent after it.
"""

import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sidecar.errors import NotFound, Unprocessable
from sidecar.playground.delivery import Deliveries
from sidecar.playground.render import ACTIVITY, INCOMING, OUTGOING, Renderer
from sidecar.playground.store import Row, Store, new_token

STATUSES = ("open", "resolved", "pending", "snoozed")
MAX_CONTENT = 150_000
_TYPING_SECONDS = 30.0
_PER_MINUTE = 200  # messages per conversation
_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_BOT_FAILED = "Conversation was marked open by system due to an error with the agent bot."


class Desk:
    """The verbs. Conversations are given and returned as rows."""

    def __init__(self, store: Store, renderer: Renderer, deliveries: Deliveries):
        self.store, self.renderer, self.deliveries = store, renderer, deliveries
        deliveries.on_bot_failure = self._bot_failed

    @contextmanager
    def happening(self) -> Iterator[None]:
        """One transaction, then a look at the queue of webhooks."""
        with self.store.transaction():
            yield
        self.deliveries.wake()

    def find(self, account_id: int, display_id: int) -> Row:
        """The conversation; raises NotFound."""
        row = self.store.one(
            "SELECT * FROM conversations WHERE account_id = ? AND display_id = ?",
            account_id,
            display_id,
        )
        if row is None:
            raise NotFound("Resource could not be found")
        return row

    # -- the customer ---------------------------------------------------------------------------

    def start(
        self,
        inbox_id: int,
        name: str,
        phone: str | None = None,
        *,
        new: bool = False,
        group: bool = False,
        blocked: bool = False,
        identifier: str | None = None,
    ) -> Row:
        """The customer's conversation in an inbox: the one that is not resolved, else a new one.

        A customer is known by the phone, in an inbox without phones by the name. `group` makes the
        contact a WhatsApp group; `identifier` is who the website says (and proves) that it is.
        Raises NotFound, Unprocessable.
        """
        inbox = self.store.get("inboxes", inbox_id)
        if inbox is None:
            raise NotFound("There is no such inbox.")
        if not name.strip():
            raise Unprocessable("The customer needs a name.", field="name")
        if phone is not None and not _PHONE.fullmatch(phone):
            raise Unprocessable("The phone must look like +5511987654321.", field="phone")
        if inbox["channel"] == "Channel::Whatsapp" and phone is None:
            raise Unprocessable("A WhatsApp customer needs a phone.", field="phone")
        with self.happening():
            contact = self._contact(inbox["account_id"], name.strip(), phone, group, blocked)
            address = self._contact_inbox(contact, inbox)
            if identifier:
                self.store.update("contacts", contact["id"], identifier=identifier)
                self.store.update("contact_inboxes", address["id"], hmac_verified=1)
            known = self.store.one(
                "SELECT * FROM conversations WHERE contact_inbox_id = ? AND status != 'resolved'"
                " ORDER BY id DESC LIMIT 1",
                address["id"],
            )
            if known and not new:
                return known
            top = self.store.one(
                "SELECT coalesce(max(display_id), 0) AS top FROM conversations"
                " WHERE account_id = ?",
                inbox["account_id"],
            )
            now = time.time()
            conversation = self.store.insert(
                "conversations",
                account_id=inbox["account_id"],
                display_id=(top["top"] if top else 0) + 1,
                uuid=str(uuid.uuid4()),
                inbox_id=inbox["id"],
                contact_inbox_id=address["id"],
                status="pending" if inbox["agent_bot_id"] else "open",
                last_activity_at=now,
                created_at=now,
                updated_at=now,
            )
            self.deliveries.enqueue("conversation_created", conversation)
        return conversation

    def customer_says(
        self,
        conversation: Row,
        content: str | None,
        attachments: list[dict[str, Any]] | None = None,
    ) -> Row:
        """An incoming message. A resolved or snoozed conversation comes back."""
        if not content and not attachments:
            raise Unprocessable("The message is empty.", field="content")
        with self.happening():
            conversation = self._fresh(conversation)
            if conversation["status"] in ("resolved", "snoozed"):
                inbox = self.store.get("inboxes", conversation["inbox_id"]) or {}
                to_bot = conversation["status"] == "resolved" and inbox.get("agent_bot_id")
                self.set_status(conversation, "pending" if to_bot else "open")
            contact_inbox = self.store.get("contact_inboxes", conversation["contact_inbox_id"])
            return self.add_message(
                conversation,
                INCOMING,
                content,
                sender=("Contact", (contact_inbox or {})["contact_id"]),
                source_id=f"wamid.{uuid.uuid4().hex}",
                attachments=attachments or [],
            )

    def customer_sees(self, conversation: Row, read: bool) -> None:
        """The customer's device got the outgoing messages, and showed them when `read`."""
        state = "read" if read else "delivered"
        with self.happening():
            rows = self.store.all(
                "SELECT * FROM messages WHERE conversation_id = ? AND message_type IN (1, 3)"
                " AND private = 0 AND in_channel = 1 AND (status = 'sent' OR status = ?)"
                " ORDER BY id",
                conversation["id"],
                "delivered" if read else "sent",
            )
            for row in rows:
                self.store.update("messages", row["id"], status=state, updated_at=time.time())
                self._message_changed(row["id"])
            if rows:
                self.touch(conversation, contact_seen_at=time.time())

    def customer_changes(self, message: Row, **changes: Any) -> None:
        """An incoming message was edited, deleted or transcribed, or a list was answered."""
        with self.happening():
            self.store.update("messages", message["id"], updated_at=time.time(), **changes)
            self.touch({"id": message["conversation_id"]})
            self._message_changed(message["id"])

    # -- the shop's side ------------------------------------------------------------------------

    def add_message(
        self,
        conversation: Row,
        message_type: int,
        content: str | None,
        *,
        sender: tuple[str, int] | None,
        private: bool = False,
        content_type: str = "text",
        content_attributes: dict[str, Any] | None = None,
        source_id: str | None = None,
        attachments: list[dict[str, Any]] | None = None,
    ) -> Row:
        """Store a message and tell the hooks; raises Unprocessable with Chatwoot's own words.

        An outgoing message with a source_id counts as already in the channel and is not delivered.
        """
        if len(content or "") > MAX_CONTENT:
            raise Unprocessable(
                f"Validation failed: Content is too long (maximum is {MAX_CONTENT} characters)"
            )
        with self.happening():
            conversation, now = self._fresh(conversation), time.time()
            recent = self.store.one(
                "SELECT count(*) AS n FROM messages WHERE conversation_id = ? AND created_at > ?",
                conversation["id"],
                now - 60,
            )
            if recent and recent["n"] >= _PER_MINUTE:
                raise Unprocessable("Validation failed: Too many messages")
            in_channel = not private and not (message_type == OUTGOING and source_id)
            message = self.store.insert(
                "messages",
                conversation_id=conversation["id"],
                message_type=message_type,
                # What Chatwoot strips of its Markdown source.
                content=None if content is None else content.replace("\\\n", "\n").rstrip("\n"),
                content_type=content_type,
                content_attributes=json.dumps(content_attributes or {}),
                private=int(private),
                source_id=source_id,
                in_channel=int(in_channel),
                sender_type=sender[0] if sender else None,
                sender_id=sender[1] if sender else None,
                attachments=json.dumps(attachments or []),
                created_at=now,
                updated_at=now,
            )
            changes: dict[str, Any] = {"last_activity_at": now}
            if message_type == INCOMING and not conversation["waiting_since"]:
                changes["waiting_since"] = now
            if message_type == OUTGOING and not private:
                changes |= {"waiting_since": None, "typing_until": 0}
                changes["first_reply_at"] = conversation["first_reply_at"] or now
            self.touch(conversation, **changes)
            if message_type != ACTIVITY:
                fresh = self._fresh(conversation)
                self.deliveries.enqueue("message_created", fresh, message)
        return message

    def set_status(self, conversation: Row, status: str, until: float | None = None) -> bool:
        """Change the status; False when it already is so. Raises Unprocessable."""
        if status not in STATUSES:
            raise Unprocessable("Unknown status.", field="status")
        before = conversation["status"]
        if before == status:
            return False
        with self.happening():
            changes: dict[str, Any] = {"status": status, "snoozed_until": until}
            if status in ("resolved", "pending"):
                changes["waiting_since"] = None
            if status != "pending":
                changes["typing_until"] = 0  # the bot has left
            if status == "pending":
                changes["assignee_id"] = None
            self.touch(conversation, **changes)
            fresh = self._fresh(conversation)
            change = [{"status": {"previous_value": before, "current_value": status}}]
            # After a commit the presenter no longer sees what changed, hence the null.
            self.deliveries.enqueue(
                "conversation_status_changed", fresh, extra={"changed_attributes": None}
            )
            self.deliveries.enqueue(
                "conversation_updated", fresh, extra={"changed_attributes": change}
            )
            if status in ("open", "resolved"):
                name = "conversation_opened" if status == "open" else "conversation_resolved"
                self.deliveries.enqueue(name, fresh)
            self.store.log(
                "status",
                f"{before} → {status}",
                conversation["account_id"],
                conversation["display_id"],
            )
        return True

    def assign(self, conversation: Row, agent: Row | None) -> None:
        """Assign an agent, or nobody. A person who takes over a pending conversation opens it."""
        with self.happening():
            before = conversation["assignee_id"]
            after = agent["id"] if agent else None
            self.touch(conversation, assignee_id=after)
            change = {"assignee_id": {"previous_value": before, "current_value": after}}
            fresh = self._fresh(conversation)
            self.deliveries.enqueue(
                "conversation_updated", fresh, extra={"changed_attributes": [change]}
            )
            if agent and fresh["status"] == "pending":
                self.set_status(fresh, "open")

    def assign_team(self, conversation: Row, team: Row | None) -> None:
        """Assign a team, or none."""
        with self.happening():
            self.touch(conversation, team_id=team["id"] if team else None)
            self._conversation_changed(conversation, "team_id")

    def set_attributes(self, conversation: Row, **changes: Any) -> None:
        """Replace labels, custom_attributes (JSON text) or priority and tell the hooks."""
        with self.happening():
            self.touch(conversation, **changes)
            self._conversation_changed(conversation, next(iter(changes)))

    def set_typing(self, conversation: Row, on: bool, who: dict[str, Any], private: bool) -> None:
        """Show or hide the typing indicator; it fades by itself."""
        with self.happening():
            self.touch(conversation, typing_until=time.time() + _TYPING_SECONDS if on else 0)
            self.deliveries.enqueue(
                "conversation_typing_on" if on else "conversation_typing_off",
                self._fresh(conversation),
                extra={"user": who, "is_private": private},
            )

    def touch(self, conversation: Row, **changes: Any) -> None:
        """Update the row; the version lets the page see that something changed."""
        now = time.time()
        self.store.update("conversations", conversation["id"], updated_at=now, **changes)
        fresh = self._fresh(conversation)
        self.store.update("conversations", conversation["id"], version=fresh["version"] + 1)

    # -- parts ----------------------------------------------------------------------------------

    def _fresh(self, conversation: Row) -> Row:
        row = self.store.get("conversations", conversation["id"])
        if row is None:
            raise NotFound("Resource could not be found")
        return row

    def _contact(
        self, account_id: int, name: str, phone: str | None, group: bool, blocked: bool
    ) -> Row:
        column, value = ("phone", phone) if phone else ("name", name)
        known = self.store.one(
            f"SELECT * FROM contacts WHERE account_id = ? AND {column} = ?"  # noqa: S608
            + ("" if phone else " AND phone IS NULL"),
            account_id,
            value,
        )
        if known is None:
            known = self.store.insert(
                "contacts",
                account_id=account_id,
                name=name,
                phone=phone,
                identifier=f"{new_token()}@g.us" if group else None,
                created_at=time.time(),
            )
        self.store.update("contacts", known["id"], name=name, blocked=int(blocked))
        return self.store.get("contacts", known["id"]) or known

    def _contact_inbox(self, contact: Row, inbox: Row) -> Row:
        known = self.store.one(
            "SELECT * FROM contact_inboxes WHERE contact_id = ? AND inbox_id = ?",
            contact["id"],
            inbox["id"],
        )
        if known:
            return known
        whatsapp = inbox["channel"] == "Channel::Whatsapp"
        number = (contact["phone"] or "").lstrip("+")
        return self.store.insert(
            "contact_inboxes",
            contact_id=contact["id"],
            inbox_id=inbox["id"],
            source_id=contact["identifier"] or (number if whatsapp else str(uuid.uuid4())),
            pubsub_token=new_token(),
            created_at=time.time(),
        )

    def _message_changed(self, message_id: int) -> None:
        message = self.store.get("messages", message_id)
        if message:
            conversation = self._fresh({"id": message["conversation_id"]})
            self.deliveries.enqueue("message_updated", conversation, message)

    def _conversation_changed(self, conversation: Row, name: str) -> None:
        fresh = self._fresh(conversation)
        change = {name: {"previous_value": conversation[name], "current_value": fresh[name]}}
        self.deliveries.enqueue(
            "conversation_updated", fresh, extra={"changed_attributes": [change]}
        )

    def _bot_failed(self, delivery: Row) -> None:
        conversation = self.store.get("conversations", delivery["conversation_id"])
        if conversation and conversation["status"] == "pending":
            self.set_status(conversation, "open")
            self.add_message(conversation, ACTIVITY, _BOT_FAILED, sender=None)
