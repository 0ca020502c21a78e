"""A double of the OpenAI API over real HTTP: chat completions, embeddings, models.

Start it in a test (`with OpenAIDouble() as double: double.url`) or as a process
(`python -m tests.doubles.openai_api --port 8008 --key test-key`). What it answers is decided by,
first wins: a failure (POST /double/fail), the queue of scripted answers (POST /double/script), the
brain given in Python, the default brain `compose`.
Contents are texts or lists of parts; pictures come as `data:` URLs.
Control: GET /double/requests, POST /double/reset, GET /double/health. Answers are instant unless
`delay` (POST /double/delay) says otherwise.
"""

import argparse
import base64
import hashlib
import html
import itertools
import json
import math
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Self

from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

DEFAULT_KEY = "test-key"
MODELS = {"gpt-4o-mini": 0, "text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
_MAX_INPUTS = 2048
_FACTS = re.compile(r"^(?:FACTS|FATOS|DATOS)\b[^\n]*\n(.*)", re.MULTILINE | re.DOTALL)
_MESSAGE_KEYS = {"role", "content", "name", "tool_calls", "tool_call_id", "refusal", "audio"}
_PICTURE = re.compile(r"data:image/(?:jpeg|png|webp|gif);base64,([A-Za-z0-9+/]+=*)")
_DETAILS = {"auto", "low", "high"}
_PICTURE_TOKENS = 85
_WORD = re.compile(r"\w{3,}")

# A brain gets the request's body and gives the answer: text, or
# {"content": …, "tool_calls": [{"name", "arguments": {…}}], "finish_reason": …}.
Brain = Callable[[dict[str, Any]], str | dict[str, Any]]


def compose(body: dict[str, Any]) -> str:
    """The default brain: speaks only from the FACTS (FATOS, DATOS) block, by fixed rules.

    A product's facts (JSON) become a description object. For a chat it answers with the three
    facts that share most words with the last user message. Without facts it repeats the message.
    """
    said = next((_text_of(m) for m in reversed(body["messages"]) if m.get("role") == "user"), "")
    block = next(filter(None, (_FACTS.search(_text_of(m)) for m in body["messages"])), None)
    facts = block.group(1).strip() if block else ""
    shape = body.get("response_format") or {}
    if shape.get("type") in ("json_object", "json_schema"):
        told = _describe(facts, said)
        wanted = shape.get("json_schema", {}).get("schema", {}).get("properties", told)
        return json.dumps({key: told.get(key, "") for key in wanted}, ensure_ascii=False)
    lines = [line.strip(" -") for line in facts.splitlines() if line.strip()]
    if not lines:
        return said
    asked = set(_WORD.findall(said.casefold()))
    # sorted() keeps the order of equals, so the same prompt always gets the same answer.
    best = sorted(lines, key=lambda li: -len(asked & set(_WORD.findall(li.casefold()))))
    return "\n".join(best[:3])


def _describe(facts: str, said: str) -> dict[str, Any]:
    try:
        product, _ = json.JSONDecoder().raw_decode(facts[facts.find("{") :])
    except ValueError:
        return {"echo": said}
    told = [(str(f["label"]), str(f["value"])) for f in product.get("facts") or []]
    name = told[0][1] if told else said
    text = max((value for _label, value in told), key=len, default=name)
    features = [f"{label}: {value}" for label, value in told[1:] if len(value) <= 60]
    return {
        "short_description": name,
        "description": f"<p>{html.escape(text[:1000])}</p>",
        "key_features": features or [name],
        "use_cases": [],
        "tags": [name.split()[0].lower()] if name.split() else [],
        "seo_title": name[:60].strip(),
        "meta_description": name[:155].strip(),
        "image_alt": name[:125].strip(),
    }


def embed(text: str, dimensions: int) -> list[float]:
    """A unit vector of hashed words and letter triples: alike texts are near, always the same."""
    vector = [0.0] * dimensions
    for word in text.casefold().split():
        padded = f" {word} "
        for piece in [padded, *(padded[i : i + 3] for i in range(len(padded) - 2))]:
            digest = hashlib.blake2b(piece.encode(), digest_size=8).digest()
            vector[int.from_bytes(digest[:6]) % dimensions] += 1.0 if digest[7] & 1 else -1.0
    length = math.sqrt(sum(v * v for v in vector))
    if length == 0.0:
        vector[0] = length = 1.0
    return [v / length for v in vector]


class OpenAIDouble:
    """The double as a thread of the test; `requests` is its log, newest last."""

    def __init__(self, key: str = DEFAULT_KEY, port: int = 0, brain: Brain = compose):
        self.key, self.brain = key, brain
        self.requests: list[dict[str, Any]] = []
        self.delay = 0.0
        self._script: deque[str | dict[str, Any]] = deque()
        self._failures: deque[dict[str, Any]] = deque()
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._server = make_server(
            "127.0.0.1", port, self._app(), threaded=True, request_handler=_Quiet
        )

    @property
    def url(self) -> str:
        """Base URL to give to a client, with /v1."""
        return f"http://127.0.0.1:{self._server.port}/v1"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        """Serve in this thread, for the process."""
        self._server.serve_forever()

    def script(self, *answers: str | dict[str, Any]) -> None:
        """Queue answers of the next chat completions."""
        with self._lock:
            self._script.extend(answers)

    def fail(self, status: int, count: int = 1, seconds: float = 0.0, path: str = "") -> None:
        """Fail the next `count` calls (of paths that contain `path`).

        `status` 0 means silence for `seconds`, then the connection is cut.
        """
        with self._lock:
            self._failures.extend(
                {"status": status, "seconds": seconds, "path": path} for _ in range(count)
            )

    def reset(self) -> None:
        """Forget the script, the failures, the delay and the log."""
        with self._lock:
            self._script.clear()
            self._failures.clear()
            self.requests.clear()
            self.delay = 0.0

    # -- HTTP -----------------------------------------------------------------------------------

    def _app(self) -> Flask:
        app = Flask("openai_double")

        @app.before_request
        def gate() -> Response | None:
            request.get_data()
            if not request.path.startswith("/v1/"):
                return None
            return self._gate()

        @app.get("/v1/models")
        def models() -> Response:
            data = [{"id": m, "object": "model", "created": 0, "owned_by": "d"} for m in MODELS]
            return jsonify(object="list", data=data)

        @app.post("/v1/chat/completions")
        def chat() -> Response:
            return self._chat(request.get_json(silent=True))

        @app.post("/v1/embeddings")
        def embeddings() -> Response:
            return self._embeddings(request.get_json(silent=True))

        self._add_control(app)
        return app

    def _add_control(self, app: Flask) -> None:
        @app.get("/double/health")
        def health() -> Response:
            return jsonify(status="ok")

        @app.get("/double/requests")
        def log() -> Response:
            with self._lock:
                return jsonify(self.requests)

        @app.post("/double/script")
        def script() -> Response:
            self.script(*request.get_json()["responses"])
            return jsonify(queued=len(self._script))

        @app.post("/double/fail")
        def fail() -> Response:
            self.fail(**request.get_json())
            return jsonify(queued=len(self._failures))

        @app.post("/double/delay")
        def delay() -> Response:
            self.delay = float(request.get_json()["seconds"])
            return jsonify(delay=self.delay)

        @app.post("/double/reset")
        def reset() -> Response:
            self.reset()
            return jsonify(status="ok")

    def _gate(self) -> Response | None:
        """Log the call, then the failure on demand, the key and the delay."""
        with self._lock:
            entry = {"path": request.path, "body": request.get_json(silent=True), "at": time.time()}
            self.requests.append(entry)
            failure = None
            if self._failures and self._failures[0]["path"] in request.path:
                failure = self._failures.popleft()
        if failure:
            time.sleep(failure["seconds"])
            if failure["status"] == 0:
                request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
                return Response(status=500)
            return _error(failure["status"], "injected failure")
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, "Incorrect API key provided.", "invalid_api_key")
        if self.delay:
            time.sleep(self.delay)
        return None

    def _chat(self, body: Any) -> Response:
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            return _error(400, "messages is required")
        if not body["messages"] or not body.get("model"):
            return _error(400, "model and messages are required")
        strange = {key for message in body["messages"] for key in message} - _MESSAGE_KEYS
        if strange:
            return _error(400, f"Additional properties are not allowed: {sorted(strange)}")
        if any(wrong := _wrong_content(message) for message in body["messages"]):
            return _error(400, f"Invalid content: {wrong}")
        if body.get("stream"):
            return _error(400, "this double does not stream")
        with self._lock:
            answer = self._script.popleft() if self._script else None
        if answer is None:
            answer = self.brain(body)
        if isinstance(answer, str):
            answer = {"content": answer}
        message: dict[str, Any] = {"role": "assistant", "content": answer.get("content")}
        calls = answer.get("tool_calls") or []
        if calls:
            message["tool_calls"] = [self._tool_call(call) for call in calls]
        prompt = sum(_tokens(_text_of(m)) + 4 for m in body["messages"])
        prompt += sum(_PICTURE_TOKENS * len(_pictures(m)) for m in body["messages"])
        output = _tokens(answer.get("content") or "") + sum(_tokens(json.dumps(c)) for c in calls)
        reason = answer.get("finish_reason") or ("tool_calls" if calls else "stop")
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return jsonify(
            id=f"chatcmpl-{next(self._ids)}",
            object="chat.completion",
            created=int(time.time()),
            model=body["model"],
            choices=[choice],
            usage={
                "prompt_tokens": prompt,
                "completion_tokens": output,
                "total_tokens": prompt + output,
            },
        )

    def _tool_call(self, call: dict[str, Any]) -> dict[str, Any]:
        arguments = call.get("arguments", {})
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        function = {"name": call["name"], "arguments": arguments}
        return {"id": f"call_{next(self._ids)}", "type": "function", "function": function}

    def _embeddings(self, body: Any) -> Response:
        if not isinstance(body, dict) or not body.get("model"):
            return _error(400, "model is required")
        inputs = body.get("input")
        inputs = [inputs] if isinstance(inputs, str) else inputs
        if not isinstance(inputs, list) or not 0 < len(inputs) <= _MAX_INPUTS:
            return _error(400, "input must be 1 to 2048 texts")
        if not all(isinstance(text, str) and text for text in inputs):
            return _error(400, "input must not hold empty texts")
        dimensions = body.get("dimensions") or MODELS.get(body["model"]) or 1536
        data = []
        for index, text in enumerate(inputs):
            vector: Any = embed(text, dimensions)
            if body.get("encoding_format") == "base64":
                vector = base64.b64encode(struct.pack(f"<{dimensions}f", *vector)).decode()
            data.append({"object": "embedding", "index": index, "embedding": vector})
        used = sum(_tokens(text) for text in inputs)
        usage = {"prompt_tokens": used, "total_tokens": used}
        return jsonify(object="list", data=data, model=body["model"], usage=usage)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the log of requests is asked for over HTTP."""


def _text_of(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part["type"] == "text")
    return content if isinstance(content, str) else ""


def _pictures(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return [part for part in parts if isinstance(part, dict) and part.get("type") == "image_url"]


def _wrong_content(message: dict[str, Any]) -> str:
    """What OpenAI would refuse in the parts of a message, or ""."""
    content = message.get("content")
    if not isinstance(content, list):
        return ""
    if not content:
        return "no parts"
    for part in content:
        match part:
            case {"type": "text", "text": str(), **rest} if not rest:
                pass
            case {"type": "image_url", "image_url": {"url": str(url), **options}, **rest}:
                if rest or options.keys() - {"detail"} or message.get("role") != "user":
                    return "an image_url part is a user's, with url and detail"
                if options.get("detail", "auto") not in _DETAILS:
                    return "detail is auto, low or high"
                if not _is_picture(url):
                    return "url is no picture"
            case _:
                return "unknown part"
    return ""


def _is_picture(url: str) -> bool:
    """Whether it is a whole base64 picture; this double fetches nothing."""
    match = _PICTURE.fullmatch(url)
    try:
        return bool(match and base64.b64decode(match.group(1), validate=True))
    except ValueError:
        return False


def _tokens(text: str) -> int:
    return (len(text) + 3) // 4


def _error(status: int, message: str, code: str | None = None) -> Response:
    kinds = {401: "invalid_request_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "server_error" if status >= 500 else "invalid_request_error")
    answer = jsonify(error={"message": message, "type": kind, "param": None, "code": code})
    answer.status_code = status
    return answer


def main() -> None:
    """The double as a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", default=DEFAULT_KEY)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds each answer takes")
    given = parser.parse_args()
    double = OpenAIDouble(given.key, given.port)
    double.delay = given.delay
    print(double.url, flush=True)
    double.serve_forever()


if __name__ == "__main__":
    main()
