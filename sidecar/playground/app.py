"""The playground's Flask application and its server."""

import ipaddress
import signal
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, send_from_directory
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sidecar.errors import BadRequest, NotConfigured
from sidecar.playground.access import Access
from sidecar.playground.api import create_api
from sidecar.playground.delivery import Deliveries, DeliveryPolicy
from sidecar.playground.desk import Desk
from sidecar.playground.failures import Failures
from sidecar.playground.page_api import create_page_api
from sidecar.playground.render import Renderer
from sidecar.playground.store import Store
from sidecar.playground.tools_api import ToolDesk, create_tools_api
from sidecar.settings import Settings

_PAGE = Path(__file__).with_name("page")
_MAX_BODY = 1_048_576
_LOOPBACK_NAMES = frozenset({"localhost"})
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_app(
    settings: Settings, policy: DeliveryPolicy | None = None, tools: ToolDesk | None = None
) -> Flask:
    """The application, its webhooks already being sent.

    `app.extensions["playground"]` is the Desk; close with `close_app`. Raises BadRequest when the
    bind address is not loopback, NotConfigured without an administrator's token.
    """
    if not _is_loopback(settings.bind):
        raise BadRequest("The playground serves loopback only; set CHATWOOTAI_BIND to 127.0.0.1.")
    admin_token = settings.playground_admin_token.get_secret_value()
    if not admin_token:
        raise NotConfigured("Set CHATWOOTAI_PLAYGROUND_ADMIN_TOKEN; `make up` writes one.")
    store, failures = Store(settings.playground_dir), Failures()
    renderer = Renderer(store)
    deliveries = Deliveries(store, renderer, failures, policy or DeliveryPolicy())
    desk, access = Desk(store, renderer, deliveries), Access(store, admin_token)
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.json.sort_keys = False  # tools tell what matters most first
    app.extensions["playground"] = desk
    app.before_request(_guard)
    app.after_request(_add_headers)
    app.register_blueprint(create_api(desk, access, failures))
    app.register_blueprint(create_page_api(desk, access, failures))
    app.register_blueprint(create_tools_api(tools or ToolDesk(settings)))

    @app.get("/")
    def index() -> Response:
        return send_from_directory(_PAGE, "index.html")

    @app.get("/tools")
    def tools_page() -> Response:
        return send_from_directory(_PAGE, "tools.html")

    @app.get("/page/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(_PAGE, name)

    deliveries.start()
    return app


def close_app(app: Flask) -> None:
    """Stop the webhooks' threads and close the file."""
    desk: Desk = app.extensions["playground"]
    desk.deliveries.stop()
    desk.store.close()


def make_playground(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """A threaded HTTP server for `app`; port 0 picks a free one. The caller runs and closes it."""
    return make_server(host, port, app, threaded=True, request_handler=_Handler)


def serve(settings: Settings) -> None:
    """Serve at port_base + 5 until SIGTERM or SIGINT; call from the main thread."""
    app = create_app(settings)
    server = make_playground(app, settings.bind, settings.port_base + 5)

    def stop(signum: int, frame: Any) -> None:
        # shutdown() waits for serve_forever, which runs in this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.serve_forever()
    finally:
        server.server_close()
        close_app(app)


class _Handler(WSGIRequestHandler):
    """Quiet, with kept connections, and with the header whose name has underscores."""

    protocol_version = "HTTP/1.1"

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        # Werkzeug drops such names, as nginx does; Chatwoot behind its own Rails takes both.
        token = self.headers.get("api_access_token")
        if token is not None:
            environ.setdefault("HTTP_API_ACCESS_TOKEN", token)
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the event log tells what happened, the page polls all the time."""


def _guard() -> None:
    """Refuse other sites: a wrong Host is DNS rebinding, a foreign Origin a cross-site post."""
    host = urlsplit(f"//{request.host}").hostname or ""
    if not _is_loopback(host):
        abort(403)
    request.get_data()  # an unread body would be taken for the next request on this connection
    if request.method in ("GET", "HEAD") or not request.path.startswith("/playground/"):
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    if request.method != "DELETE" and not request.is_json:
        abort(415)


def _add_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if response.status_code == 413:
        response.headers["Connection"] = "close"  # the rest of the body was not read
    return response


def _is_loopback(host: str) -> bool:
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
