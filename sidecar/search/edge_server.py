"""`sidecar vectors`: the part of Qdrant's REST API the sidecar uses, over Qdrant's own engine.

For installations without a Qdrant server: clients speak qdrant-client to a URL either way. One
process owns the folder, so one gunicorn worker serves it with threads.
"""

import hmac
import logging
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from flask import Flask, Response, g, request
from gunicorn.app.base import BaseApplication
from werkzeug.exceptions import HTTPException

from sidecar.errors import BadRequest, NotConfigured, SidecarError, Unauthorized
from sidecar.search.edge import json_text, updates
from sidecar.search.edge.collections import Collection, Collections
from sidecar.search.edge.fast_lane import FastLane
from sidecar.search.edge.queries import (
    answers_of,
    count_of,
    query_of,
    record_json,
    records_of,
    scored_json,
    scroll_of,
)
from sidecar.settings import Settings

log = logging.getLogger(__name__)

API_VERSION = "1.20.0"  # of the REST dialect; qdrant-client compares it with its own
MAX_BODY_BYTES = 32 * 1024 * 1024  # Qdrant's own default
FLUSH_SECONDS = 5
THREADS = 8
_OPEN_PATHS = {"/", "/readyz", "/livez"}
_QUERY_STRING = {"wait", "timeout", "ordering", "consistency"}


def create_app(collections: Collections, api_key: str) -> Flask:
    """The WSGI application over `collections`; every request but health must carry `api_key`."""
    app = Flask("vectors")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json = None  # answers are written by `_answer` alone

    @app.before_request
    def check_request() -> None:
        g.started = time.perf_counter()
        if request.path not in _OPEN_PATHS:
            given = request.headers.get("api-key", "")
            if not hmac.compare_digest(given.encode(), api_key.encode()):
                raise Unauthorized("The api-key header is missing or wrong.")
        if unknown := request.args.keys() - _QUERY_STRING:
            raise BadRequest(f"Not supported here: {', '.join(sorted(unknown))}.")

    @app.errorhandler(SidecarError)
    def named_error(error: SidecarError) -> Response:
        return _answer({"status": {"error": error.message}}, error.status)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return _answer({"status": {"error": error.name}}, error.code or 500)

    @app.errorhandler(Exception)
    def unexpected_error(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return _answer({"status": {"error": SidecarError.default_message}}, 500)

    @app.get("/")
    def root() -> Response:
        title = f"sidecar vectors (qdrant-edge {version('qdrant-edge-py')})"
        return _answer({"title": title, "version": API_VERSION})

    @app.get("/readyz")
    @app.get("/livez")
    def ready() -> Response:
        return Response("all shards are ready", mimetype="text/plain")

    _add_collection_routes(app, collections)
    _add_point_routes(app, collections)
    app.wsgi_app = FastLane(app.wsgi_app, collections, api_key, MAX_BODY_BYTES)
    return app


def _add_collection_routes(app: Flask, collections: Collections) -> None:
    @app.get("/collections")
    def list_collections() -> Response:
        return _result({"collections": [{"name": name} for name in collections.names()]})

    @app.get("/collections/<name>/exists")
    def collection_exists(name: str) -> Response:
        return _result({"exists": name in collections.names()})

    @app.get("/collections/<name>")
    def describe_collection(name: str) -> Response:
        return _result(_collection_json(collections.get(name)))

    @app.put("/collections/<name>")
    def create_collection(name: str) -> Response:
        collections.create(name, _body())
        return _result(True)

    @app.delete("/collections/<name>")
    def delete_collection(name: str) -> Response:
        return _result(collections.drop(name))

    @app.put("/collections/<name>/index")
    def create_index(name: str) -> Response:
        return _written(collections.get(name).add_index(_body()))

    @app.delete("/collections/<name>/index/<field_name>")
    def delete_index(name: str, field_name: str) -> Response:
        return _written(collections.get(name).drop_index(field_name))


def _add_point_routes(app: Flask, collections: Collections) -> None:
    def write(method: str, path: str, operation: Callable[[Any, Any], Any]) -> None:
        def view(name: str) -> Response:
            collection = collections.get(name)
            return _written(collection.write([operation(_body(), collection.schema)]))

        app.add_url_rule(
            f"/collections/<name>/points{path}", f"{method}{path}", view, methods=[method]
        )

    write("PUT", "", updates.upsert_of)
    write("POST", "/delete", lambda body, schema: updates.delete_of(body))
    write("POST", "/payload", lambda body, schema: updates.set_payload_of(body))
    write("PUT", "/payload", lambda body, schema: updates.overwrite_payload_of(body))
    write("POST", "/payload/delete", lambda body, schema: updates.delete_payload_of(body))
    write("PUT", "/vectors", updates.update_vectors_of)

    @app.post("/collections/<name>/points/batch")
    def write_batch(name: str) -> Response:
        collection = collections.get(name)
        operations = updates.batch_of(_body(), collection.schema)
        numbers = [collection.write([operation]) for operation in operations]
        return _result([{"operation_id": n, "status": "completed"} for n in numbers])

    @app.post("/collections/<name>/points")
    def retrieve(name: str) -> Response:
        return _result(records_of(collections.get(name), _body()))

    @app.post("/collections/<name>/points/scroll")
    def scroll(name: str) -> Response:
        question = scroll_of(_body())
        records, following = collections.get(name).read(lambda shard: shard.scroll(question))
        points = [record_json(record) for record in records]
        return _result({"points": points, "next_page_offset": following})

    @app.post("/collections/<name>/points/count")
    def count(name: str) -> Response:
        question = count_of(_body())
        return _result({"count": collections.get(name).read(lambda shard: shard.count(question))})

    @app.post("/collections/<name>/points/query")
    def query(name: str) -> Response:
        collection = collections.get(name)
        question = query_of(_body(), collection.schema)
        points = collection.read(lambda shard: shard.query(question))
        return _result({"points": [scored_json(point) for point in points]})

    @app.post("/collections/<name>/points/query/batch")
    def query_batch(name: str) -> Response:
        return _result(answers_of(collections.get(name), _body()))


def _body() -> Any:
    return json_text.read(request.get_data())


def _result(result: Any) -> Response:
    text = json_text.result(result, time.perf_counter() - g.started)
    return Response(text, mimetype="application/json")


def _written(number: int) -> Response:
    return _result({"operation_id": number, "status": "completed"})


def _answer(content: dict[str, Any], status: int = 200) -> Response:
    return Response(json_text.write(content), status, mimetype="application/json")


def _collection_json(collection: Collection) -> dict[str, Any]:
    info = collection.read(lambda shard: shard.info())
    indexes = {}
    for name, described in collection.indexes.items():
        kind = described if isinstance(described, str) else described["type"]
        known = info.payload_schema.get(name)
        indexes[name] = {"data_type": kind, "points": known.points if known else 0}
        if not isinstance(described, str):
            indexes[name]["params"] = described
    params: dict[str, Any] = {"vectors": collection.schema.vectors}
    if collection.schema.sparse_vectors:
        params["sparse_vectors"] = collection.schema.sparse_vectors
    return {
        "status": "green",
        "optimizer_status": "ok",
        "points_count": info.points_count,
        "indexed_vectors_count": info.indexed_vectors_count,
        "segments_count": info.segments_count,
        "config": {
            "params": params,
            # Qdrant's defaults, which its client insists on; no graph is built here.
            "hnsw_config": {"m": 0, "ef_construct": 100, "full_scan_threshold": 10_000},
            "optimizer_config": {
                "default_segment_number": 0,
                "flush_interval_sec": FLUSH_SECONDS,
            },
            "metadata": collection.schema.metadata,
        },
        "payload_schema": indexes,
    }


class _Server(BaseApplication):
    """gunicorn configured by code: one worker that opens the folder after it was forked."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.collections: Collections | None = None
        self.stop = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        options = {
            "bind": f"{self.settings.bind}:{self.settings.port_base + 6}",
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 75,
            "timeout": 120,  # the engine may hold Python's lock for seconds
            "graceful_timeout": 10,
            "loglevel": self.settings.log_level,
            "proc_name": "sidecar-vectors",
            "control_socket_disable": True,
            "worker_exit": lambda server, worker: self.close(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        collections = self.collections = Collections(self.settings.vectors_dir)

        def keep_flushed() -> None:
            while not self.stop.wait(FLUSH_SECONDS):
                collections.flush()

        threading.Thread(target=keep_flushed, name="flush", daemon=True).start()
        return create_app(collections, self.settings.qdrant_api_key.get_secret_value())

    def close(self) -> None:
        self.stop.set()
        if self.collections is not None:  # None when the folder could not be opened
            self.collections.close()


def serve(settings: Settings) -> None:
    """Serves until a signal ends it. Raises NotConfigured without a key to protect it by."""
    if not settings.qdrant_api_key.get_secret_value():
        raise NotConfigured("Set CHATWOOTAI_QDRANT_API_KEY: `sidecar vectors` needs a key.")
    _Server(settings).run()
