"""Our processes for many tenants, with an Odoo, a Chatwoot and a slow model around them."""

import base64
import hashlib
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import requests

from sidecar.chatwoot.signature import sign
from sidecar.hub.hub import Hub
from sidecar.hub.services import Services
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.conftest import RedisServer, free_port
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import DEFAULT_KEY
from tests.facts import product_facts
from tests.faults.house import Process
from tests.load.chatwoot import ChatwootLoad
from tests.vectors_process import KEY, VectorsProcess

SECRET = "a-hook-secret-of-the-load-test"


class LoadHouse:
    """`tenants` shops over `folder`; tenant n has Chatwoot account, channel and inbox n.

    seconds: what the model takes for an answer. changes: of the sidecar's settings.
    """

    def __init__(self, folder: Path, tenants: int, seconds: float = 1.0, **changes: object):
        self._stack = ExitStack()
        self.tenants = range(1, tenants + 1)
        folder.mkdir(parents=True)
        (folder / "redis").mkdir()
        self.folder = folder
        redis = RedisServer(folder / "redis")
        redis.start()
        self._stack.callback(redis.kill)
        vectors = VectorsProcess(folder / "vectors").start()
        self._stack.callback(vectors.stop)
        self.odoo = self._stack.enter_context(OdooDouble(products=[product_facts()]))
        self.chatwoot = self._stack.enter_context(ChatwootLoad())
        self.settings = Settings(
            _env_file=None,
            state_url=f"{redis.url}/0",
            cache_url=f"{redis.url}/1",
            broker_url=f"{redis.url}/2",
            secret_key=base64.b64encode(b"k" * 32).decode(),
            local_dir=folder,
            config_dir=folder / "config",
            port_base=free_port(),
            qdrant_url=vectors.url,
            qdrant_api_key=KEY,
            llm_base_url=self._model(seconds),
            llm_api_key=DEFAULT_KEY,
            log_level="warning",
            **changes,
        )
        self.state = WebState.build(self.settings)
        self._set_up()
        self.processes = {
            name: Process(name, self.settings, folder / f"{name}.log")
            for name in ("web", "worker", "scheduler")
        }

    def start(self, *names: str) -> None:
        """Start these of our processes and wait until they serve."""
        for name in names:
            self.processes[name].start()
            self._stack.callback(self.processes[name].kill)
        if "web" in names:
            self._wait(f"{self.settings.url_of_web()}/health/live")

    def __enter__(self) -> "LoadHouse":
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def path(self, tenant: int) -> str:
        """Of the webhook."""
        return f"/webhook/chatwoot/{_token(tenant)}"

    def request(
        self, tenant: int, conversation: int, message: int, content: str
    ) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a customer's message, signed now, of about 2 KB."""
        body = json.dumps(
            {
                "event": "message_created",
                "id": message,
                "account": {"id": tenant, "name": "x"},
                "inbox": {"id": tenant, "name": "Site"},
                "content": content,
                "content_attributes": {},
                "message_type": "incoming",
                "private": False,
                "sender": {"id": conversation, "name": "Bia", "type": "contact"},
                "conversation": {
                    "id": conversation,
                    "inbox_id": tenant,
                    "status": "pending",
                    "can_reply": True,
                    "channel": "Channel::Api",
                    "meta": {"sender": {"id": conversation, "name": "Bia"}, "assignee": None},
                    "custom_attributes": {"filler": "x" * 1200},
                },
                "created_at": int(time.time()),
            }
        ).encode()
        signed = sign(body, SECRET, int(time.time()))
        return body, {"Content-Type": "application/json"} | signed

    def forget_messages(self) -> None:
        """Nothing waits any more: what was only sent to measure the door."""
        for name in self.state.store.scan_iter("*:mbx:*", count=1000):
            self.state.store.delete(name)
        self.state.store.delete(keys.due("conversations"))

    def waiting(self) -> int:
        """Conversations that are not answered yet."""
        return int(self.state.store.zcard(keys.due("conversations")))

    def logs(self) -> str:
        """The ends of what our processes printed."""
        logs = [process.log for process in self.processes.values() if process.log.exists()]
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in logs)

    def _model(self, seconds: float) -> str:
        port = free_port()
        command = [sys.executable, "-m", "tests.load.model", "--port", str(port)]
        log = (self.folder / "model.log").open("wb")
        process = subprocess.Popen([*command, "--seconds", str(seconds)], stdout=log, stderr=log)
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)
        self._wait(f"http://127.0.0.1:{port}/double/health")
        return f"http://127.0.0.1:{port}/v1"

    def _set_up(self) -> None:
        for number in self.tenants:
            account = f"account_{number}"
            if number > 1:
                facts = product_facts(id=5, default_code=f"SOF-{number}")
                self.odoo.add_tenant(account, f"key-{number}", products=[facts])
            document = tenant_document(account, company_id=1 + number)
            channel = document["integrations"]["chatwoot"]["channels"][0]
            channel.update(id=number, url=self.chatwoot.url, account_id=number, inbox_id=number)
            digest = hashlib.sha256(_token(number).encode()).hexdigest()
            channel["hooks"][0].update(id=number, token_sha256=digest)
            config = self.odoo.config(account_id=account)
            document["integrations"]["mcp"] = {"type": "odoo-mcp", "config": config}
            self.state.tenants.apply(document)
            secrets = {
                "hook_secret": SECRET,
                "bot_token": "bot",
                "reading_token": "reader",
                "odoo_api_key": f"key-{number}" if number > 1 else self.odoo.api_key,
            }
            self.state.credentials.replace(account, secrets)
        hub = Hub(Services.build(self.settings))
        for number in self.tenants:
            metadata = {"source": "odoo", "account_id": f"account_{number}"}
            hub.process({"metadata": metadata | {"action": "sync_products"}, "params": {}})

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                if requests.get(url, timeout=1).ok:
                    return
            except requests.RequestException:
                pass
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.05)


def _token(tenant: int) -> str:
    return f"{tenant:043d}"
