"""Client of Chatwoot's API v1 for one Chatwoot account.

Posts go out with the agent bot's token; reading messages needs an agent's token, which is used for
nothing else. `conversation` is always the display id.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from sidecar.chatwoot.records import Conversation, Message, read_conversation, read_message
from sidecar.errors import (
    BadRequest,
    NotConfigured,
    NotFound,
    SidecarError,
    TooManyRequests,
    Unavailable,
    Unprocessable,
    UpstreamError,
    UpstreamRefused,
)
from sidecar.outbound.session import (
    Outbound,
    Response,
    ResponseTooLarge,
    ResponseTooSlow,
    is_private_refusal,
    never_sent,
)

STATUSES = ("open", "resolved", "pending", "snoozed")
MAX_CONTENT = 150_000  # characters; Message::MAX_CONTENT_LENGTH of Chatwoot
_AFTER_PAGE = 100  # messages per page when reading with `after`


class AmbiguousPost(Unavailable):
    """The answer to a post was lost: look whether the message is there before repeating it."""

    code = "ambiguous_post"
    default_message = "Chatwoot's answer was lost; the message may have been posted."


class ChatwootClient:
    """Calls one account of one Chatwoot.

    base_url:      `https://chat.example`, without the API path; may carry a sub-path.
    bot_token:     access token of the agent bot.
    reading_token: access token of an agent, only used to read; without it reading is NotConfigured.
    timeout:       seconds per call.
    allow_private: hosts that may be private (loopback, LAN) although a tenant set the URL.

    Every call raises UpstreamRefused (401, 403), NotFound (404), Unprocessable (422),
    TooManyRequests (429), Unavailable (5xx, no answer) or UpstreamError (anything else). Tokens and
    Chatwoot's own texts never appear in an error.
    """

    def __init__(
        self,
        base_url: str,
        account_id: int,
        bot_token: str,
        reading_token: str | None = None,
        *,
        timeout: float = 10.0,
        allow_private: Collection[str] = (),
        max_response_bytes: int = 4_194_304,
    ):
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise BadRequest("The Chatwoot URL must be http(s)://host.", field="url")
        self.account_id = account_id
        self._root = f"{base_url.rstrip('/')}/api/v1/accounts/{int(account_id)}"
        self._bot_token, self._reading_token = bot_token, reading_token
        self._http = Outbound(timeout, allow_private, max_response_bytes)

    def __repr__(self) -> str:
        return f"<ChatwootClient account {self.account_id}>"

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    # -- messages -------------------------------------------------------------------------------

    def post_message(
        self,
        conversation: int,
        content: str,
        *,
        private: bool = False,
        options: Iterable[str] = (),
        content_attributes: Mapping[str, Any] | None = None,
    ) -> Message:
        """Post `content` (Chatwoot's Markdown) as the bot; `private` makes it a note for agents.

        With `options` it is a question whose answers the channel shows as a list or as buttons.

        Never sends a source_id: Chatwoot would take the message for one already in the channel and
        not deliver it. Raises AmbiguousPost when the message may have been stored although no
        proper answer came; then look with `find_message` before posting again.
        """
        if not content.strip() or len(content) > MAX_CONTENT:
            raise Unprocessable(f"A message needs 1 to {MAX_CONTENT} characters.", field="content")
        items = [{"title": option, "value": option} for option in options]
        body = {
            "content": content,
            "message_type": "outgoing",
            "private": private,
            "content_type": "input_select" if items else "text",
            "content_attributes": dict(content_attributes or {})
            | ({"items": items} if items else {}),
        }
        answer = self._bot("POST", f"/conversations/{int(conversation)}/messages", body, post=True)
        try:
            return read_message(_json_object(answer))
        except (UpstreamError, BadRequest):
            raise AmbiguousPost from None

    def messages(
        self, conversation: int, *, after: int | None = None, before: int | None = None
    ) -> list[Message]:
        """Messages, oldest first: the latest 20, 20 before an id, or up to 100 with id > `after`.

        Raises NotConfigured without a reading token: a bot may not read messages.
        """
        params = {k: v for k, v in {"after": after, "before": before}.items() if v is not None}
        path = f"/conversations/{int(conversation)}/messages"
        found = _json_object(self._read(path, params)).get("payload")
        return [message for message in _read_all(found, read_message) if message.id != after]

    def find_message(
        self, conversation: int, attribute: str, value: str, *, after: int | None = None
    ) -> Message | None:
        """The message whose content_attributes hold `attribute` = `value`, or None.

        Looks at everything newer than the id `after`, or at the latest 20 messages.
        """
        while True:
            page = self.messages(conversation, after=after)
            for message in page:
                if message.content_attributes.get(attribute) == value:
                    return message
            # A page may hold `after` itself, which messages() drops.
            if after is None or len(page) < _AFTER_PAGE - 1:
                return None
            after = page[-1].id

    # -- conversations --------------------------------------------------------------------------

    def conversation(self, conversation: int) -> Conversation:
        """The conversation as it is now. Bots may since 4.14.2; before, an agent's token."""
        path = f"/conversations/{int(conversation)}"
        try:
            answer = self._bot("GET", path)
        except UpstreamRefused:
            if not self._reading_token:
                raise
            answer = self._read(path, {})
        return _read_one(_json_object(answer), read_conversation)

    def conversations(
        self, *, status: str = "pending", inbox_id: int | None = None, page: int = 1
    ) -> list[Conversation]:
        """One page (25) of conversations in `status`, latest first. Needs a reading token."""
        params: dict[str, Any] = {"status": _status(status), "assignee_type": "all", "page": page}
        if inbox_id is not None:
            params["inbox_id"] = inbox_id
        data = _json_object(self._read("/conversations", params)).get("data")
        payload = data.get("payload") if isinstance(data, Mapping) else None
        return _read_all(payload, read_conversation)

    def toggle_status(self, conversation: int, status: str) -> None:
        """Set the status. pending → open with the bot's token is Chatwoot's hand-off to people.

        The hand-off answers `success: null`; only an explicit false is a failure.
        """
        path = f"/conversations/{int(conversation)}/toggle_status"
        answer = _json_object(self._bot("POST", path, {"status": _status(status)}))
        payload = answer.get("payload")
        if isinstance(payload, Mapping) and payload.get("success") is False:
            raise UpstreamError("Chatwoot did not change the conversation's status.")

    def toggle_typing(self, conversation: int, on: bool, *, private: bool = False) -> None:
        """Show or hide the typing indicator (4.12 and later; not forwarded to WhatsApp)."""
        body = {"typing_status": "on" if on else "off", "is_private": private}
        self._bot("POST", f"/conversations/{int(conversation)}/toggle_typing_status", body)

    def assign_team(self, conversation: int, team_id: int) -> None:
        """Assign a team. Raises NotFound for an unknown id, with which Chatwoot *unassigns*."""
        path = f"/conversations/{int(conversation)}/assignments"
        answer = self._bot("POST", path, {"team_id": int(team_id)})
        if _json(answer) is None:
            raise NotFound("Chatwoot has no such team.", team_id=team_id)

    def labels(self, conversation: int) -> list[str]:
        """The conversation's labels."""
        return _labels(self._bot("GET", f"/conversations/{int(conversation)}/labels"))

    def add_labels(self, conversation: int, labels: Iterable[str]) -> list[str]:
        """Add labels and return the whole set.

        Chatwoot only replaces the set, so it is read first; two writers at once can lose a label.
        """
        return self._change_labels(conversation, add=labels)

    def remove_labels(self, conversation: int, labels: Iterable[str]) -> list[str]:
        """Remove labels and return what is left; the same race as `add_labels`."""
        return self._change_labels(conversation, remove=labels)

    def _change_labels(
        self, conversation: int, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> list[str]:
        current = self.labels(conversation)
        gone = set(remove)
        # dict.fromkeys: a set that keeps the order
        wanted = [name for name in dict.fromkeys([*current, *add]) if name not in gone]
        if wanted == current:
            return current
        path = f"/conversations/{int(conversation)}/labels"
        return _labels(self._bot("POST", path, {"labels": wanted}))

    # -- credentials ----------------------------------------------------------------------------

    def check_bot_token(self) -> None:
        """Raise UpstreamRefused unless the bot's token may act in this account.

        Display ids start at 1, so conversation 0 is a question about the token alone.
        """
        try:
            self._bot("GET", "/conversations/0")
        except NotFound:
            return

    def check_reading_token(self) -> None:
        """Raise unless the reading token can read this account's conversations."""
        self.conversations(status="pending")

    # -- transport ------------------------------------------------------------------------------

    def _bot(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, post: bool = False
    ) -> Response:
        return self._call(method, path, self._bot_token, body=body, post=post)

    def _read(self, path: str, params: Mapping[str, Any]) -> Response:
        if not self._reading_token:
            raise NotConfigured("Reading Chatwoot's messages needs an agent's access token.")
        return self._call("GET", path, self._reading_token, params=params)

    def _call(
        self,
        method: str,
        path: str,
        token: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        post: bool = False,
    ) -> Response:
        # With dashes: nginx drops header names with underscores, Rails reads both as one.
        headers = {"api-access-token": token, "Accept": "application/json"}
        try:
            answer = self._http.send(method, self._root + path, headers, body, params)
        except (requests.RequestException, HTTPError, ResponseTooLarge, ResponseTooSlow) as error:
            if is_private_refusal(error):
                raise UpstreamError("The Chatwoot URL leads into a private network.") from None
            # `from None`: the chain would carry the URL and the headers into the log.
            if post and not never_sent(error):
                raise AmbiguousPost from None
            raise Unavailable("Chatwoot cannot be reached right now.") from None
        if 200 <= answer.status < 300:
            return answer
        raise _error_of(answer, post)


def _error_of(answer: Response, post: bool) -> SidecarError:
    status = answer.status
    if status in (401, 403):
        return UpstreamRefused("Chatwoot refused the access token.", status=status)
    if status == 404:
        return NotFound("Chatwoot has no such conversation or account.")
    if status == 422:
        reason = "too_many_messages" if b"Too many messages" in answer.body else "invalid"
        return Unprocessable("Chatwoot did not accept the request.", reason=reason)
    if status == 429:
        wait = answer.headers.get("Retry-After", "")
        details = {"retry_after": int(wait)} if wait.isascii() and wait.isdecimal() else {}
        return TooManyRequests("Chatwoot limits the rate of requests.", **details)
    if status >= 500:
        return AmbiguousPost(status=status) if post else Unavailable(status=status)
    return UpstreamError("Chatwoot answered unexpectedly.", status=status)


def _json(answer: Response) -> Any:
    try:
        return answer.json() if answer.body.strip() else None
    except (ValueError, RecursionError):
        raise UpstreamError("Chatwoot's answer is not JSON.") from None


def _json_object(answer: Response) -> Mapping[str, Any]:
    data = _json(answer)
    if not isinstance(data, Mapping):
        raise UpstreamError("Chatwoot's answer is not an object.")
    return data


def _read_one(data: Mapping[str, Any], read: Any) -> Any:
    try:
        return read(data)
    except BadRequest as error:
        raise UpstreamError("Chatwoot's answer has another shape.", **error.details) from None


def _read_all(items: Any, read: Any) -> list[Any]:
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise UpstreamError("Chatwoot's answer has no list.")
    return [_read_one(item, read) for item in items]


def _labels(answer: Response) -> list[str]:
    payload = _json_object(answer).get("payload")
    if not isinstance(payload, list):
        raise UpstreamError("Chatwoot's answer has no labels.")
    return [str(label) for label in payload]


def _status(status: str) -> str:
    if status not in STATUSES:
        raise BadRequest("Unknown conversation status.", field="status")
    return status
