"""The doors and the playground as real servers, and a person's hands on them."""

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from sidecar.app import create_app
from sidecar.chatwoot.client import ChatwootClient
from sidecar.crews.reply import Reply
from sidecar.hub.company import Company
from sidecar.hub.conversation import ConversationDesk
from sidecar.hub.mailbox import Mailbox, conversation_queue
from sidecar.hub.routing import require_conversing
from sidecar.hub.turn import Customer
from sidecar.observability.tracing import Trace
from sidecar.outbound.session import Outbound
from sidecar.playground.app import close_app, make_playground
from sidecar.playground.app import create_app as create_playground
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import LeaseLost
from sidecar.tenants.schema import Channel, Tenant
from sidecar.web.state import WebState
from tests.documents import TOKEN, tenant_document
from tests.doubles.openapi import OpenApi

ADMIN = "playground-admin-token"


@pytest.fixture
def web(settings: Settings) -> Iterator[WebState]:
    """The doors, served over HTTP at settings.url_of_web()."""
    app = create_app(settings)
    server = make_server("127.0.0.1", settings.port_base, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield app.extensions["sidecar"]
    server.shutdown()
    server.server_close()


@dataclass
class Shop:
    """A customer's and an operator's view of the playground."""

    base: str
    inbox: int
    account: int = 1
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, path: str, **body: Any) -> Any:
        answer = self.session.post(f"{self.base}{path}", json=body, timeout=10)
        assert answer.ok, (answer.status_code, answer.text)
        return answer.json()["data"] if answer.content else None

    def start(self, *sentences: str, **person: Any) -> int:
        """A new conversation with these messages; its display id."""
        person = {"name": "Bia", "phone": "+5511900000001"} | person
        told = self.post("/playground/api/conversations", inbox_id=self.inbox, new=True, **person)
        for sentence in sentences:
            self.say(told["display_id"], sentence)
        return told["display_id"]

    def say(self, conversation: int, content: str, **more: Any) -> None:
        path = f"/playground/api/conversations/{self.account}/{conversation}/messages"
        self.post(path, content=content, **more)

    def change(self, conversation: int, message: int, **what: Any) -> None:
        """What happens to a message later: content, deleted, choose."""
        path = f"/playground/api/conversations/{self.account}/{conversation}/messages/{message}"
        self.post(path, **what)

    def act(self, conversation: int, action: str) -> None:
        path = f"/playground/api/conversations/{self.account}/{conversation}/actions"
        self.post(path, action=action)

    def fail(self, **wanted: Any) -> None:
        self.post("/playground/api/failures", **wanted)

    def read(self, conversation: int) -> dict[str, Any]:
        path = f"/playground/api/conversations/{self.account}/{conversation}"
        return self.session.get(self.base + path, timeout=10).json()["data"]

    def answers(self, conversation: int) -> list[str]:
        """What the bot said to the customer."""
        said = self.read(conversation)["messages"]
        mine = [m for m in said if m["sender"]["type"] == "agent_bot" and not m["private"]]
        return [m["content"] for m in mine]

    def notes(self, conversation: int) -> list[str]:
        """What the bot told the team."""
        return [m["content"] for m in self.read(conversation)["messages"] if m["private"]]

    def reconfigure(self, web: WebState, **changes: Any) -> None:
        """Push the tenant anew: `conversation`, `crews`, …; `channel` changes its channel."""
        channel = changes.pop("channel", {})
        version = web.tenants.get("account_1").version + 1
        document = tenant_document(version=version, **changes)
        told = document["integrations"]["chatwoot"]["channels"][0]
        told.update({"url": self.base, "inbox_id": self.inbox} | channel)
        web.tenants.apply(document)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every call of our Chatwoot client is held against the published OpenAPI document.

    Where the shared material is not there, nothing is checked.
    """
    folder = os.environ.get("CHATWOOTAI_SHARED")
    if not folder:
        yield
        return
    document = OpenApi(Path(folder) / "contracts" / "chatwoot" / "openapi.json")
    problems: list[str] = []
    real = Outbound.send

    def send(self: Outbound, method: str, url: str, headers: Any, *args: Any, **more: Any) -> Any:
        answer = real(self, method, url, headers, *args, **more)
        body, params = [*args, None, None][:2]
        told = json.loads(answer.body) if answer.status == 200 and answer.body.strip() else None
        found = document.check(method, url, body, params, answer.status, told)
        problems.extend(f"{method} {url}: {problem}" for problem in found)
        return answer

    monkeypatch.setattr(
        "sidecar.chatwoot.client.Outbound", type("Out", (Outbound,), {"send": send})
    )
    yield
    assert problems == []


@pytest.fixture
def shop(settings: Settings, web: WebState, published: None) -> Iterator[Shop]:
    """The playground with an agent bot whose hook is our door."""
    settings = settings.model_copy(update={"playground_admin_token": _secret(ADMIN)})
    app = create_playground(settings)
    server = make_playground(app, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    admin = requests.Session()
    admin.headers["api-access-token"] = ADMIN
    root = f"{base}/api/v1/accounts/1"
    inbox = admin.get(f"{root}/inboxes", timeout=5).json()["payload"][0]["id"]
    hook = f"{settings.url_of_web()}/webhook/chatwoot/{TOKEN}"
    bot = admin.post(
        f"{root}/agent_bots", json={"name": "IA", "outgoing_url": hook}, timeout=5
    ).json()
    admin.post(f"{root}/inboxes/{inbox}/set_agent_bot", json={"agent_bot": bot["id"]}, timeout=5)
    agents = admin.get(f"{base}/playground/api/agents", timeout=5).json()["data"]
    agent = next(a for a in agents if a["account_id"] == 1)
    document = tenant_document()
    channel = document["integrations"]["chatwoot"]["channels"][0]
    channel.update(url=base, account_id=1, inbox_id=inbox)
    web.tenants.apply(document)
    secrets = {
        "hook_secret": bot["secret"],
        "bot_token": bot["access_token"],
        "reading_token": agent["access_token"],
    }
    web.credentials.replace("account_1", secrets)
    yield Shop(base, inbox)
    server.shutdown()
    server.server_close()
    close_app(app)


@dataclass
class ScriptedServices:
    """What a desk needs of the Hub's services: everything real but the crew."""

    web: WebState

    @property
    def settings(self) -> Settings:
        return self.web.settings

    @property
    def store(self) -> Any:
        return self.web.store

    @property
    def tenants(self) -> Any:
        return self.web.tenants

    gateway: Any = None

    def llm(self, _tenant: Tenant) -> Any:
        return self.gateway

    def chatwoot(self, tenant: Tenant, channel: Channel) -> ChatwootClient:
        credentials = self.web.credentials
        return ChatwootClient(
            channel.url,
            channel.account_id,
            credentials.require(tenant.account_id, channel.bot_token_ref),
            credentials.resolve(tenant.account_id, channel.reading_token_ref),
            timeout=2,
            allow_private=["127.0.0.1"],
        )


@dataclass
class ScriptedHub:
    """A Hub whose crew answers by a function of the test's."""

    services: ScriptedServices
    reply: Any
    asked: list[tuple[str, list[dict[str, str]]]] = field(default_factory=list)
    crews: list[str] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    profile: dict[str, Any] = field(default_factory=dict)

    def company(self, tenant: Tenant) -> Company:
        return Company(self.profile, tenant.language, tenant.timezone)

    def answer(
        self,
        tenant: Tenant,
        crew: str,
        question: str,
        history: list[dict[str, str]],
        trace: Trace | None = None,
        customer: Customer | None = None,
    ) -> Reply:
        require_conversing(tenant, crew)
        if customer:
            self.customers.append(customer)
        self.asked.append((question, history))
        self.crews.append(crew)
        return self.reply(question)


@dataclass
class Worker:
    """A worker's hands: takes due conversations until none is left."""

    hub: ScriptedHub
    settings: Settings

    def __post_init__(self) -> None:
        store = self.hub.services.store
        self.queue = conversation_queue(store, self.settings)
        self.desk = ConversationDesk(self.hub, Mailbox(store, self.settings))  # type: ignore[arg-type]

    def work_once(self) -> bool:
        """Take one due conversation; False when none is due."""
        for item in self.queue.due(time.time()):
            if lease := self.queue.acquire(item):
                try:
                    with lease:
                        self.desk.work(lease)
                except LeaseLost:
                    pass
                return True
        return False

    def drain(self, conversation: int, letters: int = 1, seconds: float = 15.0) -> None:
        """Wait until `letters` letters are there, then work until none is left."""
        key = keys.mailbox("account_1", f"7-{conversation}")
        deadline = time.monotonic() + seconds
        while self.hub.services.store.llen(key) < letters:
            assert time.monotonic() < deadline, "the letters did not come in time"
            time.sleep(0.01)
        self.work_until(lambda: self.queue.pending() == 0, seconds)

    def work_until(self, done: Any, seconds: float = 15.0) -> None:
        """Work until `done()`; fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, "the conversation was not answered in time"
            if not self.work_once():
                time.sleep(0.02)


@pytest.fixture
def worker(web: WebState, settings: Settings) -> Worker:
    def reply(question: str) -> Reply:
        digest = hashlib.sha256(question.encode()).hexdigest()[:6]
        return Reply(f"resposta {digest}: {question}", "extractive")

    return Worker(ScriptedHub(ScriptedServices(web), reply), settings)


def _secret(value: str) -> Any:
    from pydantic import SecretStr

    return SecretStr(value)
