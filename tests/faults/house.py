"""Our processes really started, everything around them behind gates, and a playground for Chatwoot.

web, worker and scheduler are processes that can be killed; Redis, RabbitMQ and `sidecar vectors`
are real; Odoo and the model's API are doubles. The test itself goes around the gates.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr

from sidecar.hub.hub import Hub
from sidecar.hub.services import Services
from sidecar.playground.app import close_app, make_playground
from sidecar.playground.app import create_app as create_playground
from sidecar.playground.delivery import DeliveryPolicy
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.conftest import RedisServer, free_port
from tests.documents import TOKEN, tenant_document
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import OpenAIDouble
from tests.facts import product_facts
from tests.faults.gate import Gate
from tests.rabbitmq import RabbitServer
from tests.vectors_process import KEY, VectorsProcess

ADMIN, ACCOUNT = "playground-admin-token", "account_1"
PEERS = ("llm", "embeddings", "odoo", "qdrant", "redis", "broker", "chatwoot")
_FAST = {
    "debounce": 0.1,
    "retry_backoff": 0.2,
    "lease_ttl": 5.0,
    "sweep_interval": 0.5,
    "llm_timeout": 2.0,
    "http_timeout": 2.0,
    "turn_timeout": 20.0,
    "breaker_pause": 0.5,
    "reconcile_interval": 5.0,
    "web_workers": 1,
    "worker_processes": 1,
    "worker_threads": 4,
}


class Process:
    """One of ours; can be killed (-9) with its children and started again."""

    def __init__(self, name: str, settings: Settings, log: Path):
        self.name, self.settings, self.log = name, settings, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        told = {
            f"CHATWOOTAI_{name.upper()}": (
                value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            )
            for name, value in self.settings
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sidecar", self.name],
                env={**os.environ, **told},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class FaultHouse:
    """Everything a turn needs, over `folder`.

    rabbit: the broker is RabbitMQ. patience: seconds Chatwoot waits for the answer to a webhook.
    """

    def __init__(self, folder: Path, rabbit: bool = False, patience: float = 5.0):
        self._stack = ExitStack()
        self.folder = folder
        self.redis = RedisServer(_made(folder / "redis"))
        self.redis.start()
        self._stack.callback(self.redis.kill)
        self.rabbit = RabbitServer(_made(folder / "rabbit")).start() if rabbit else None
        if self.rabbit:
            self._stack.callback(self.rabbit.stop)
        self.vectors = VectorsProcess(folder / "vectors").start()
        self._stack.callback(self.vectors.stop)
        self.llm = self._stack.enter_context(OpenAIDouble())
        sofa, chair = product_facts(), product_facts(id=6, name="Cadeira Ipê", default_code="CAD")
        self.odoo = self._stack.enter_context(OdooDouble(products=[sofa, chair]))
        settings = Settings(
            _env_file=None,
            state_url=f"{self.redis.url}/0",
            cache_url=f"{self.redis.url}/1",
            broker_url=self.rabbit.url if self.rabbit else f"{self.redis.url}/2",
            secret_key=base64.b64encode(b"k" * 32).decode(),
            local_dir=folder,
            config_dir=folder / "config",
            playground_dir=folder / "playground",
            playground_admin_token=ADMIN,
            port_base=free_port(),
            qdrant_url=self.vectors.url,
            qdrant_api_key=KEY,
            llm_base_url=self.llm.url,
            llm_api_key=self.llm.key,
            transcript_wait=0.0,
            **_FAST,
        )
        self._open_playground(settings, patience)
        self._open_gates()
        self.direct = settings
        self.behind = self._gated(settings)
        self.state = WebState.build(settings)
        self._set_up()
        self.processes = {
            name: Process(name, self.behind, folder / f"{name}.log")
            for name in ("web", "worker", "scheduler")
        }
        for process in self.processes.values():
            process.start()
            self._stack.callback(process.kill)
        self.until(self.web_is_up, 120, "the web process")
        self.until(lambda: self.state.store.exists(keys.LEADER), 120, "the scheduler")

    def close(self) -> None:
        """Stop everything that was started."""
        self._stack.close()

    def __enter__(self) -> "FaultHouse":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- building ---------------------------------------------------------------------------------

    def _open_playground(self, settings: Settings, patience: float) -> None:
        app = create_playground(settings, DeliveryPolicy(timeout=patience))
        server = make_playground(app, "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self._chatwoot = server.server_port
        self.base = f"http://127.0.0.1:{server.server_port}"
        self._stack.callback(close_app, app)
        self._stack.callback(server.server_close)
        self._stack.callback(server.shutdown)

    def _open_gates(self) -> None:
        llm = int(self.llm.url.split(":")[2].split("/")[0])
        targets = {
            "llm": llm,
            "embeddings": llm,
            "odoo": self.odoo.port,
            "qdrant": self.vectors.port,
            "redis": self.redis.port,
            "broker": self.rabbit.port if self.rabbit else self.redis.port,
            "chatwoot": self._chatwoot,
        }
        self.gates = {name: Gate(port, delay=8.0) for name, port in targets.items()}
        for gate in self.gates.values():
            self._stack.callback(gate.close)

    def _gated(self, settings: Settings) -> Settings:
        def through(url: str, peer: str) -> str:
            return url.replace(f":{self.gates[peer].target}", f":{self.gates[peer].port}", 1)

        return settings.model_copy(
            update={
                "state_url": SecretStr(through(settings.state_url.get_secret_value(), "redis")),
                "cache_url": SecretStr(through(settings.cache_url.get_secret_value(), "redis")),
                "broker_url": SecretStr(through(settings.broker_url.get_secret_value(), "broker")),
                "qdrant_url": through(settings.qdrant_url, "qdrant"),
                "llm_base_url": through(settings.llm_base_url, "llm"),
                "embedding_base_url": through(settings.llm_base_url, "embeddings"),
            }
        )

    def _set_up(self) -> None:
        """One tenant whose bot listens, with its products indexed."""
        admin = requests.Session()
        admin.headers["api-access-token"] = ADMIN
        root = f"{self.base}/api/v1/accounts/1"
        self.inbox = admin.get(f"{root}/inboxes", timeout=5).json()["payload"][0]["id"]
        hook = f"{self.direct.url_of_web()}/webhook/chatwoot/{TOKEN}"
        wanted = {"name": "IA", "outgoing_url": hook}
        bot = admin.post(f"{root}/agent_bots", json=wanted, timeout=5).json()
        chosen = {"agent_bot": bot["id"]}
        admin.post(f"{root}/inboxes/{self.inbox}/set_agent_bot", json=chosen, timeout=5)
        agents = admin.get(f"{self.base}/playground/api/agents", timeout=5).json()["data"]
        agent = next(one for one in agents if one["account_id"] == 1)
        document = tenant_document()
        told = document["integrations"]
        chatwoot = f"http://127.0.0.1:{self.gates['chatwoot'].port}"
        told["chatwoot"]["channels"][0].update(url=chatwoot, account_id=1, inbox_id=self.inbox)
        secrets = {
            "hook_secret": bot["secret"],
            "bot_token": bot["access_token"],
            "reading_token": agent["access_token"],
            "odoo_api_key": self.odoo.api_key,
        }
        told["mcp"] = {"type": "odoo-mcp", "config": self.odoo.config()}
        self.state.tenants.apply(document)
        self.state.credentials.replace(ACCOUNT, secrets)
        metadata = {"source": "odoo", "account_id": ACCOUNT, "action": "sync_products"}
        Hub(Services.build(self.direct)).process({"metadata": metadata, "params": {}})
        config = self.odoo.config() | {"url": f"http://127.0.0.1:{self.gates['odoo'].port}"}
        told["mcp"] = {"type": "odoo-mcp", "config": config}
        self.state.tenants.apply(document | {"version": 2})

    def web_is_up(self) -> bool:
        """Whether our doors answer."""
        try:
            return requests.get(f"{self.direct.url_of_web()}/health/live", timeout=1).ok
        except requests.RequestException:
            return False

    # -- a customer, and what became of it --------------------------------------------------------

    def start(self, content: str) -> int:
        """A new conversation; its display id."""
        body = {"inbox_id": self.inbox, "name": "Bia", "new": True, "content": content}
        body["phone"] = f"+55119{time.monotonic_ns() % 10**8:08d}"
        url = f"{self.base}/playground/api/conversations"
        answer = requests.post(url, json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()["data"]["display_id"]

    def read(self, conversation: int) -> dict[str, Any]:
        """The conversation as the desk's people see it."""
        url = f"{self.base}/playground/api/conversations/1/{conversation}"
        return requests.get(url, timeout=10).json()["data"]

    def outcome(self, conversation: int) -> str:
        """answered, handed off, alerted, DOUBLED, or "" while nothing became of it.

        refused: Chatwoot never got its 200 and gave the conversation to people itself.
        """
        told = self.read(conversation)
        bots = [m for m in told["messages"] if m["sender"]["type"] == "agent_bot"]
        said = [m for m in bots if not m["private"]]
        if len(said) > 1:
            return "DOUBLED"
        if told["status"] == "open" and any(m["private"] for m in bots):
            return "handed off"
        alerts = self.state.store.lrange(keys.alerts(ACCOUNT), 0, -1)
        if any(json.loads(one)["conversation"] == f"7-{conversation}" for one in alerts):
            return "alerted"
        activities = [m for m in told["messages"] if m["message_type"] in (2, "activity")]
        if told["status"] == "open" and activities and not bots:
            return "refused"
        return "answered" if said and told["status"] == "pending" else ""

    def waiting(self) -> int:
        """Conversations whose work is not finished."""
        return int(self.state.store.zcard(keys.due("conversations")))

    def until(self, found: Callable[[], Any], seconds: float, what: str) -> Any:
        """The first true value of `found()`; fails after `seconds`, with the ends of the logs."""
        deadline = time.monotonic() + seconds
        while not (value := found()):
            assert time.monotonic() < deadline, f"{what}: not in {seconds} s\n{self.logs()}"
            time.sleep(0.05)
        return value

    def logs(self) -> str:
        """The ends of what our processes printed."""
        logs = [process.log for process in self.processes.values() if process.log.exists()]
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
