"""The part of Chatwoot's API v1 that a setup needs, over a real socket."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADMIN_TOKEN = "administrator-token-of-the-tests"
BOT_TOKEN = "bot-token-of-the-tests"
BOT_SECRET = "bot-secret-of-the-tests"
WEBHOOK_SECRET = "webhook-secret-of-the-tests"


class FakeChatwoot:
    """Account 1 with two inboxes.

    requests: list of (method, path); bots, webhooks: what exists; on_inbox: {inbox: bot}; queue:
    list of (status, bytes, headers), used up before the usual answers; signs: bots have secrets.
    """

    def __init__(self):
        self.requests = []
        self.inboxes = [{"id": 1, "name": "WhatsApp"}, {"id": 2, "name": "Site"}]
        self.bots = []
        self.webhooks = []
        self.on_inbox = {}
        self.queue = []
        self.signs = True
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner._handle(self)

            do_POST = do_PATCH = do_GET

            def log_message(self, *args):
                """Keep the test log clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def changes(self):
        """Return the paths of the requests that changed something."""
        return [path for method, path in self.requests if method != "GET"]

    def _handle(self, handler):
        size = int(handler.headers.get("Content-Length") or 0)
        body = json.loads(handler.rfile.read(size) or b"{}")
        self.requests.append((handler.command, handler.path))
        headers = {}
        if self.queue:
            status, raw, headers = self.queue.pop(0)
        elif handler.headers.get("api-access-token") != ADMIN_TOKEN:
            status, raw = 401, b'{"error":"Invalid Access Token"}'
        else:
            status, answer = self._answer(handler.command, handler.path, body)
            raw = json.dumps(answer).encode() if answer is not None else b""
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def _answer(self, method, path, body):
        match = re.fullmatch(r"/api/v1/accounts/1/(\w+)(?:/(\d+))?(?:/(\w+))?", path)
        if not match:
            return 404, {"error": "Resource could not be found"}
        kind, number, verb = match[1], int(match[2] or 0), match[3]
        if kind == "inboxes" and verb == "set_agent_bot":
            self.on_inbox[number] = body["agent_bot"]
            return 204, None
        if kind == "inboxes":
            return 200, {"payload": self.inboxes}
        if kind == "agent_bots":
            return self._bots(method, number, verb, body)
        if kind == "webhooks" and method == "GET":
            return 200, {"payload": {"webhooks": self.webhooks}}
        if kind == "webhooks":
            hook = {"id": 31, "secret": WEBHOOK_SECRET, **body["webhook"]}
            self.webhooks.append(hook)
            return 200, {"payload": {"webhook": hook}}
        return 404, {"error": "Resource could not be found"}

    def _bots(self, method, number, verb, body):
        if method == "GET":
            return 200, self.bots
        if verb:
            return 404, {"error": "Resource could not be found"}
        if method == "PATCH":
            [bot] = [bot for bot in self.bots if bot["id"] == number]
            bot.update(name=body["name"], outgoing_url=body["outgoing_url"])
            return 200, bot
        bot = {"id": 20 + len(self.bots), **body, "access_token": BOT_TOKEN}
        if self.signs:
            bot["secret"] = BOT_SECRET
        self.bots.append(bot)
        return 200, bot
