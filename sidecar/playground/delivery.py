"""Deliveries of webhooks as Chatwoot makes them.

An agent bot's body is rendered at commit and frozen through its retries, which happen only on 429
and 500: three attempts, three seconds apart, one delivery id. Account and API-inbox hooks are
rendered when sent and never repeated. Queued deliveries survive a restart.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import requests

from sidecar.chatwoot.signature import DELIVERY_HEADER, sign
from sidecar.playground.failures import Failures
from sidecar.playground.render import Renderer, body_bytes
from sidecar.playground.store import Row, Store

_RETRIED = frozenset({429, 500})
_PARALLEL = 8
_BOT_ONLY = frozenset({"conversation_opened", "conversation_resolved"})
_NOT_FOR_BOTS = frozenset(
    {"conversation_created", "conversation_typing_on", "conversation_typing_off"}
)


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """Seconds a hook may take, attempts of a bot's hook, seconds between them."""

    timeout: float = 5.0
    attempts: int = 3
    wait: float = 3.0


class Deliveries:
    """The queue of webhooks, and the threads that send them."""

    def __init__(
        self, store: Store, renderer: Renderer, failures: Failures, policy: DeliveryPolicy
    ):
        self._store, self._renderer = store, renderer
        self._failures, self._policy = failures, policy
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._running = False
        self._in_flight: set[int] = set()
        self._pool = ThreadPoolExecutor(_PARALLEL, "webhook")
        self._thread = threading.Thread(target=self._dispatch, name="webhooks", daemon=True)
        self.on_bot_failure: Callable[[Row], None] = lambda delivery: None

    def start(self) -> None:
        """Start sending, first what an earlier process left."""
        self._running = True
        self._thread.start()

    def stop(self) -> None:
        """Stop sending; what is queued stays queued."""
        self._running = False
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)

    def wake(self) -> None:
        """Look at the queue now. Called after the transaction that enqueued."""
        self._wake.set()

    def enqueue(
        self,
        event: str,
        conversation: Row,
        message: Row | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Queue `event` for every hook that gets it; runs inside the caller's transaction."""
        for kind, url, secret in self._targets(event, conversation):
            copies = self._failures.copies_of_webhook()
            for _ in range(copies):
                body = self._render(event, conversation, message, extra) if kind == "bot" else None
                self._store.insert(
                    "deliveries",
                    kind=kind,
                    url=url,
                    secret=secret,
                    event=event,
                    conversation_id=conversation["id"],
                    message_id=message["id"] if message else None,
                    extra=json.dumps(extra or {}),
                    body=body,
                    delivery_id=str(uuid.uuid4()),
                    due=time.time() + self._failures.delay_of_webhook(),
                )

    def _targets(self, event: str, conversation: Row) -> list[tuple[str, str, str]]:
        found = []
        inbox = self._store.get("inboxes", conversation["inbox_id"]) or {}
        if event not in _BOT_ONLY:
            for hook in self._store.all(
                "SELECT * FROM webhooks WHERE account_id = ?", conversation["account_id"]
            ):
                if event in json.loads(hook["subscriptions"]):
                    found.append(("account", hook["url"], hook["secret"]))
            if inbox.get("webhook_url"):
                found.append(("inbox", inbox["webhook_url"], inbox["secret"]))
        bot = self._store.get("agent_bots", inbox.get("agent_bot_id"))
        if bot and bot["outgoing_url"] and event not in _NOT_FOR_BOTS:
            found.append(("bot", bot["outgoing_url"], bot["secret"]))
        return found

    def _render(
        self, event: str, conversation: Row, message: Row | None, extra: dict[str, Any] | None
    ) -> bytes:
        if message is not None:
            return body_bytes(self._renderer.message_event(event, message))
        return body_bytes(self._renderer.conversation_event(event, conversation, extra or {}))

    # -- sending --------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        while self._running:
            self._wake.clear()
            next_due = None
            # Taken before the queue is read: what ends meanwhile is already settled in the store.
            with self._lock:
                busy = set(self._in_flight)
            for row in self._store.all("SELECT * FROM deliveries WHERE done = 0 ORDER BY due, id"):
                if row["id"] in busy:
                    continue
                if row["due"] > time.time():
                    next_due = row["due"]
                    break
                with self._lock:
                    self._in_flight.add(row["id"])
                self._pool.submit(self._send, row)
            self._wake.wait(None if next_due is None else max(0.0, next_due - time.time()))

    def _send(self, delivery: Row) -> None:
        started = time.monotonic()
        try:
            status = self._post(delivery)
            self._settle(delivery, status, (time.monotonic() - started) * 1000)
        finally:
            with self._lock:
                self._in_flight.discard(delivery["id"])
            self._wake.set()

    def _post(self, delivery: Row) -> int:
        """Send once and return the status; 0 when no answer came."""
        body = delivery["body"]
        if body is None:
            conversation = self._store.get("conversations", delivery["conversation_id"])
            message = self._store.get("messages", delivery["message_id"])
            if conversation is None:
                return 0
            extra = json.loads(delivery["extra"])
            body = self._render(delivery["event"], conversation, message, extra)
        headers = {
            "Content-Type": "application/json",
            DELIVERY_HEADER: delivery["delivery_id"],
            **sign(body, delivery["secret"], int(time.time())),
        }
        try:
            answer = requests.post(
                delivery["url"],
                data=body,
                headers=headers,
                timeout=self._policy.timeout,
                allow_redirects=False,
            )
        except requests.RequestException:
            return 0
        return answer.status_code

    def _settle(self, delivery: Row, status: int, millis: float) -> None:
        attempts = delivery["attempts"] + 1
        bot = delivery["kind"] == "bot"
        again = bot and status in _RETRIED and attempts < self._policy.attempts
        failed = not 200 <= status < 300 and not again
        with self._store.transaction():
            self._store.update(
                "deliveries",
                delivery["id"],
                attempts=attempts,
                done=0 if again else 1,
                due=time.time() + self._policy.wait,
            )
            conversation = self._store.get("conversations", delivery["conversation_id"]) or {}
            self._store.log(
                "webhook",
                f"{delivery['event']} → {delivery['kind']}"
                + (f" (attempt {attempts})" if attempts > 1 else ""),
                conversation.get("account_id"),
                conversation.get("display_id"),
                status,
                millis,
            )
            if bot and failed and delivery["event"] in ("message_created", "message_updated"):
                self.on_bot_failure(delivery)
