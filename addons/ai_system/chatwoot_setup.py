"""Sets an inbox up in Chatwoot with an administrator's token. Plain Python without Odoo.

    ChatwootError   code: unauthorized, forbidden, no_account, no_inbox, not_signing, refused, busy,
                    unavailable, unreachable, timeout, bad_answer, private, plain or malformed;
                    detail: what helps to mend it, never a token

Repeating a setup changes nothing: the agent bot is known by its number or its address, the webhook
by its address.
"""

import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import requests
import urllib3

from .outbound import AddressRefused, open_session

TIMEOUT = (5, 15)  # seconds to connect, to wait for bytes
PATIENCE = 60  # seconds for one answer, however slowly its bytes come
MAX_BYTES = 2 * 1024 * 1024
SUBSCRIPTIONS = ("message_created", "message_updated", "conversation_status_changed")
SHOWN_INBOXES = 20


class ChatwootError(Exception):
    """Chatwoot could not be set up; see the module for the codes."""

    def __init__(self, code: str, detail: str = ""):
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Plan:
    """What to set up.

    url, account, inbox: Chatwoot's address, account and inbox (0: every inbox that is not in
    `others`); name: name of the bot; bot_id: its number from an earlier setup, or 0; bot_url:
    address the bot calls; webhook_url: address of the account webhook, "" for none; signed: the
    bot has to sign; allowed: hosts that may be private.
    """

    url: str
    account: int
    inbox: int
    name: str
    bot_id: int
    bot_url: str
    webhook_url: str
    signed: bool
    others: Collection[int] = ()
    allowed: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Chatwoot answered. The last three are secrets, "" where there is none."""

    inboxes: list[int]
    bot_id: int
    webhook_id: int
    bot_token: str
    bot_secret: str
    webhook_secret: str


def set_up(plan: Plan, token: str) -> Outcome:
    """Make what `plan` says with the administrator's `token`. Raises ChatwootError."""
    try:
        with open_session(plan.url, plan.allowed) as session:
            session.headers["api-access-token"] = token
            return _Setup(plan, session).run()
    except AddressRefused as error:
        raise ChatwootError(str(error)) from None


class _Setup:
    def __init__(self, plan: Plan, session: requests.Session):
        self._plan = plan
        self._session = session
        self._root = f"{plan.url}/api/v1/accounts/{plan.account}"

    def run(self) -> Outcome:
        inboxes = self._inboxes()
        bot = self._bot()
        if self._plan.signed and not bot["secret"]:
            raise ChatwootError("not_signing")
        for inbox in inboxes:
            self._call("POST", f"/inboxes/{inbox}/set_agent_bot", {"agent_bot": bot["id"]})
        webhook = self._webhook() if self._plan.webhook_url else {}
        return Outcome(
            inboxes,
            bot["id"],
            webhook.get("id") or 0,
            bot["access_token"],
            bot["secret"],
            str(webhook.get("secret") or ""),
        )

    def _inboxes(self) -> list[int]:
        there = _rows(self._call("GET", "/inboxes"), "inboxes")
        numbers = [row["id"] for row in there]
        if self._plan.inbox == 0:
            wanted = [number for number in numbers if number not in self._plan.others]
        else:
            wanted = [number for number in numbers if number == self._plan.inbox]
        if not wanted:
            shown = [f"{row['id']} ({row.get('name') or '?'})" for row in there[:SHOWN_INBOXES]]
            raise ChatwootError("no_inbox", ", ".join(shown))
        return wanted

    def _bot(self) -> dict[str, Any]:
        plan = self._plan
        wanted = {"name": plan.name, "outgoing_url": plan.bot_url, "bot_type": 0}
        bots = _rows(self._call("GET", "/agent_bots"), "agent_bots")
        bot = next((b for b in bots if b.get("outgoing_url") == plan.bot_url), None)
        bot = bot or next((b for b in bots if plan.bot_id and b["id"] == plan.bot_id), None)
        if bot is None:
            bot = _row(self._call("POST", "/agent_bots", wanted), "agent_bot")
        elif bot.get("outgoing_url") != plan.bot_url:
            changed = self._call("PATCH", f"/agent_bots/{bot['id']}", wanted)
            bot = {**bot, **_row(changed, "agent_bot")}
        if not bot.get("secret"):
            # Versions before 4.13 know no secret and no such call.
            try:
                bot |= _row(
                    self._call("POST", f"/agent_bots/{bot['id']}/reset_secret"), "agent_bot"
                )
            except ChatwootError as error:
                if error.code != "no_account":
                    raise
        token = bot.get("access_token")
        if not isinstance(token, str) or not token:
            raise ChatwootError("bad_answer")
        return {"id": bot["id"], "access_token": token, "secret": str(bot.get("secret") or "")}

    def _webhook(self) -> dict[str, Any]:
        url = self._plan.webhook_url
        wanted = {"name": self._plan.name, "url": url, "subscriptions": list(SUBSCRIPTIONS)}
        hooks = _rows(self._call("GET", "/webhooks"), "webhooks")
        hook = next((h for h in hooks if h.get("url") == url), None)
        if hook is None:
            return _row(self._call("POST", "/webhooks", {"webhook": wanted}), "webhook")
        if not set(SUBSCRIPTIONS) <= set(hook.get("subscriptions") or ()):
            self._call("PATCH", f"/webhooks/{hook['id']}", {"webhook": wanted})
        return hook

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            with self._session.request(
                method,
                self._root + path,
                json=body,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                raw = _read(response)
                status = response.status_code
        except requests.Timeout:
            raise ChatwootError("timeout") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            # The exceptions carry the request, and the request carries the token.
            raise ChatwootError("unreachable") from None
        if status in _CODES:
            raise ChatwootError(_CODES[status])
        if status >= 500:
            raise ChatwootError("unavailable")
        if not 200 <= status < 300:
            raise ChatwootError("refused" if status >= 400 else "bad_answer")
        try:
            return json.loads(raw) if raw.strip() else {}
        except ValueError:
            raise ChatwootError("bad_answer") from None


_CODES = {401: "unauthorized", 403: "forbidden", 404: "no_account", 429: "busy"}


def _read(response: requests.Response) -> bytes:
    until = time.monotonic() + PATIENCE
    raw = b""
    for chunk in response.iter_content(65536):
        raw += chunk
        if len(raw) > MAX_BYTES:
            raise ChatwootError("bad_answer")
        if time.monotonic() > until:
            raise ChatwootError("timeout")
    return raw


def _rows(answer: Any, name: str) -> list[dict[str, Any]]:
    """The list in an answer: bare, or below `payload`, or below `payload` and `name`."""
    if isinstance(answer, dict):
        answer = answer.get("payload", answer)
    if isinstance(answer, dict):
        answer = answer.get(name)
    if not isinstance(answer, list):
        raise ChatwootError("bad_answer")
    return [_row(row, name) for row in answer]


def _row(answer: Any, name: str) -> dict[str, Any]:
    """The object in an answer: bare, or below `payload` and `name`. It has an integer `id`."""
    if isinstance(answer, dict) and isinstance(answer.get("payload"), dict):
        answer = answer["payload"].get(name, answer["payload"])
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), int):
        raise ChatwootError("bad_answer")
    return answer
