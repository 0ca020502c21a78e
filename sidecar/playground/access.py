"""Who calls API v1: administrators, agents and bots by their tokens, with Chatwoot's refusals."""

import hmac
from dataclasses import dataclass
from typing import Literal, NoReturn

from flask import Response, abort, g, jsonify, make_response, request

from sidecar.playground.store import Row, Store


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of the request's token. An administrator belongs to every account (None)."""

    kind: Literal["administrator", "agent", "bot"]
    id: int
    name: str
    account_id: int | None

    @property
    def sender_type(self) -> str:
        return "AgentBot" if self.kind == "bot" else "User"

    @property
    def sender_kind(self) -> str:
        return "agent_bot" if self.kind == "bot" else "user"


class Access:
    """Reads the token of the current request. Each check answers 401 itself."""

    def __init__(self, store: Store, admin_token: str):
        self._store, self._admin_token = store, admin_token

    def agent_or_bot(self, account_id: int) -> Caller:
        """An agent or the bot of this account."""
        caller = self._caller()
        if caller.account_id not in (None, account_id):
            _refuse(
                "Bot is not authorized to access this account"
                if caller.kind == "bot"
                else "You are not authorized to do this action"
            )
        return caller

    def agent(self, account_id: int) -> Caller:
        """An agent of this account, no bot."""
        caller = self._caller()
        if caller.kind == "bot":
            _refuse("Access to this endpoint is not authorized for bots")
        return self.agent_or_bot(account_id)

    def administrator(self, account_id: int) -> Caller:
        """The administrator, and an account that exists."""
        caller = self.agent(account_id)
        if caller.kind != "administrator":
            _refuse("You are not authorized to do this action")
        if self._store.get("accounts", account_id) is None:
            abort(_answer("Resource could not be found", 404))
        return caller

    def user(self) -> Row:
        """The agent's own row."""
        caller = self._caller()
        row = self._store.get("users", caller.id) if caller.kind == "agent" else None
        if row is None:
            _refuse("You are not authorized to do this action")
        return row

    def is_admin_token(self, token: str) -> bool:
        """Whether `token` is the administrator's."""
        return hmac.compare_digest(token.encode(), self._admin_token.encode())

    def _caller(self) -> Caller:
        if "caller" not in g:
            g.caller = self._find(request.headers.get("api-access-token", ""))
        return g.caller

    def _find(self, token: str) -> Caller:
        if token and self.is_admin_token(token):
            return Caller("administrator", 0, "Administrator", None)
        user = self._store.one("SELECT * FROM users WHERE access_token = ?", token)
        if user:
            return Caller("agent", user["id"], user["name"], user["account_id"])
        bot = self._store.one("SELECT * FROM agent_bots WHERE access_token = ?", token)
        if bot:
            return Caller("bot", bot["id"], bot["name"], bot["account_id"])
        _refuse("Invalid Access Token")


def _refuse(words: str) -> NoReturn:
    abort(_answer(words, 401))


def _answer(words: str, status: int) -> Response:
    return make_response(jsonify(error=words), status)
