"""A client's ERP that takes quotations, over a real socket; it checks calls as the guide says."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).parents[2] / "docs/erp-client.md"
SECRET = "the-callback-secret"


class ClientErp:
    """status: what it answers with (0 = it breaks off). orders: made, by Idempotency-Key."""

    def __init__(self) -> None:
        self.status = 201
        self.changes: dict[str, Any] = {}
        self.calls: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.body: bytes | None = None
        genuine = _guides_check()
        erp = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                right = genuine(self.headers, body, SECRET)
                erp.calls.append(json.loads(body) | {"key": self.headers["Idempotency-Key"]})
                erp.headers = dict(self.headers.items())
                status = erp.status if right else 401
                if not status:
                    self.connection.close()
                    return
                answer = erp.body or json.dumps(erp._made(self.headers, body, status)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/quotations"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _made(self, headers: Any, body: bytes, status: int) -> dict[str, Any]:
        if status not in (200, 201):
            return {"error": "s3cret-trace of the ERP"}
        params = json.loads(body)["params"]
        lines = [
            {"name": line["product_id"], "quantity": line["quantity"],
             "unit_price": line["unit_price"], "total": line["unit_price"] * line["quantity"]}
            for line in params["lines"]
        ]  # fmt: skip
        order = {
            "id": f"Q-{len(self.orders) + 1}",
            "customer_id": params["customer_id"],
            "date": "2026-11-25T12:00:00Z",
            "state": "quotation",
            "total": sum(line["total"] for line in lines),
            "lines": lines,
            "url": "https://erp.example/q/1",
        }
        return self.orders.setdefault(headers["Idempotency-Key"], order | self.changes)


def _guides_check() -> Any:
    """`genuine` of docs/erp-client.md."""
    code = GUIDE.read_text().partition("```python receiver.py\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(code, found)
    return found["genuine"]
