"""The sidecar's doors, over a real socket, for the tests of the sender."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import yaml

from ..configuration import split_document
from ..signing import TO_SIDECAR, SignatureInvalid, verify

SIGNING_KEY = "signing-key-of-the-tests"
KEY_ID = "key-1"
NEW_KEY, NEW_KEY_ID = "rotated-key-of-the-tests", "key-2"


class FakeSidecar:
    """Answers as docs/contracts.md says; `queue` overrides the next answers.

    requests: list of (method, path, body, headers) as received.
    queue: list of (status, body) or of bytes, used up in order, before the usual answers.
    keys: {key id: signing key} it accepts; files: {name: YAML} it holds; checks: what a test of
    the connections finds.
    """

    def __init__(self):
        self.requests = []
        self.queue = []
        self.token = "one-time-secret"
        self.keys = {KEY_ID: SIGNING_KEY}
        self.files = {}
        self.checks = []
        self.tests = set()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner._handle(self, b"")

            def do_POST(self):
                owner._handle(self, self.rfile.read(int(self.headers["Content-Length"])))

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

    def bodies(self, path):
        return [json.loads(body) for _m, p, body, _h in self.requests if p == path]

    def _handle(self, handler, body):
        headers = dict(handler.headers)
        self.requests.append((handler.command, handler.path, body, headers))
        if self.queue:
            status, answer = self.queue.pop(0)
        else:
            status, answer = self._answer(handler, headers, body)
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    def _answer(self, handler, headers, body):
        if handler.path == "/api/v1/enroll":
            if headers.get("Authorization") != f"Bearer {self.token}":
                return failure(401, "unauthorized")
            self.token = None
            account = json.loads(body)["account_id"]
            data = {"account_id": account, "key_id": KEY_ID, "signing_key": SIGNING_KEY}
            return success(data)
        try:
            verify(headers, self.keys, handler.command, handler.path, body, direction=TO_SIDECAR)
        except SignatureInvalid:
            return failure(401, "unauthorized")
        if handler.command == "GET":
            job_id = handler.path.rpartition("/")[2]
            if job_id in self.tests:
                result = {"checks": self.checks}
                return success({"job_id": job_id, "state": "done", "result": result})
            return success({"job_id": job_id, "state": "running"})
        envelope = json.loads(body)
        return self._process(envelope["metadata"], envelope["params"])

    def _process(self, metadata, params):
        action = metadata["action"]
        if action == "sync_config":
            document = params["config"]
            self.files = {n: yaml.safe_dump(c) for n, c in split_document(document).items()}
            return success({"version": document["version"]})
        if action == "get_config":
            return success({"version": 1, "files": self.files})
        if action == "rotate_signing_key":
            self.keys[NEW_KEY_ID] = NEW_KEY
            return success({"key_id": NEW_KEY_ID, "signing_key": NEW_KEY})
        if action == "revoke_secrets":
            return success({"revoked": len(params["refs"])})
        if action == "test_connection":
            self.tests.add(metadata["job_id"])
        return success({"job_id": metadata["job_id"], "state": "queued"}, 202)


def success(data, status=200):
    """Return (status, envelope) of a success."""
    return status, {"success": True, "data": data, "request_id": "r1"}


def failure(status, code, message="it failed"):
    """Return (status, envelope) of a failure."""
    error = {"code": code, "message": message, "details": {}}
    return status, {"success": False, "error": error, "request_id": "r1"}
