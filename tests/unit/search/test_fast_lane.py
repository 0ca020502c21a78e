"""The searches' way past Flask: the same answers, and Flask for everything else."""

import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from sidecar.search.edge.collections import Collections
from sidecar.search.edge.fast_lane import FastLane
from sidecar.search.edge_server import create_app

KEY = "a-key-for-tests"
PATH = "/collections/shelf/points/query/batch"
NEAR = {"query": [1.0, 0.0], "using": "dense", "limit": 3, "with_payload": True}
BATCH = {"searches": [NEAR, {**NEAR, "limit": 1, "with_vector": True}]}
POINTS = [
    {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))) if number % 2 else number,
        "vector": {"dense": [1.0, number / 10]},
        "payload": {"name": f"sofá “{number}”", "price": 10.5, "tags": [None, True]},
    }
    for number in range(4)
]


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collections]:
    held = Collections(tmp_path_factory.mktemp("lane") / "vectors")
    held.create("shelf", {"vectors": {"dense": {"size": 2, "distance": "Cosine"}}})
    create_app(held, KEY).test_client().put(
        "/collections/shelf/points", data=json.dumps({"points": POINTS}), headers={"api-key": KEY}
    )
    yield held
    held.close()


@pytest.fixture
def client(collections: Collections) -> FlaskClient:
    return create_app(collections, KEY).test_client()


@pytest.fixture
def slow(collections: Collections) -> FlaskClient:
    """The same server without the fast lane."""
    app = create_app(collections, KEY)
    app.wsgi_app = app.wsgi_app._beyond
    return app.test_client()


class _Beyond:
    """Notes what reaches it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.bodies.append(environ["wsgi.input"].read())
        start_response("204 No Content", [])
        return []


def ask(
    collections: Collections, body: bytes, most: int = 1000, **more: Any
) -> tuple[str, _Beyond]:
    """The status of a request, and what was passed on."""
    beyond, told = _Beyond(), []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_API_KEY": KEY,
        "wsgi.input": io.BytesIO(body),
        **more,
    }
    FastLane(beyond, collections, KEY, most)(environ, lambda status, _headers: told.append(status))
    return told[0], beyond


def test_a_search_does_not_reach_flask_and_is_answered_alike(
    collections: Collections, client: FlaskClient, slow: FlaskClient
) -> None:
    status, beyond = ask(collections, json.dumps(BATCH).encode())
    assert (status, beyond.bodies) == ("200 OK", [])
    given = {"data": json.dumps(BATCH), "headers": {"api-key": KEY}}
    fast, plain = client.post(PATH, **given), slow.post(PATH, **given)
    assert fast.status_code == plain.status_code == 200
    assert json.loads(fast.data)["result"] == json.loads(plain.data)["result"]
    assert fast.content_type == plain.content_type
    assert fast.content_length == len(fast.data)
    first, second = json.loads(fast.data)["result"]
    assert [point["id"] for point in first["points"]] == [POINTS[n]["id"] for n in range(3)]
    assert first["points"][1]["payload"] == POINTS[1]["payload"]
    assert list(second["points"][0]["vector"]) == ["dense"]


def test_points_by_id_do_not_reach_flask_either(
    collections: Collections, client: FlaskClient, slow: FlaskClient
) -> None:
    wanted = {"ids": [POINTS[1]["id"], 2, 99], "with_payload": ["name"]}
    body, path = json.dumps(wanted).encode(), "/collections/shelf/points"
    assert ask(collections, body, PATH_INFO=path)[0] == "200 OK"
    given = {"data": body, "headers": {"api-key": KEY}}
    fast, plain = client.post(path, **given), slow.post(path, **given)
    assert json.loads(fast.data)["result"] == json.loads(plain.data)["result"]
    found = {point["id"]: point["payload"] for point in json.loads(fast.data)["result"]}
    assert found == {POINTS[n]["id"]: {"name": POINTS[n]["payload"]["name"]} for n in (1, 2)}
    for wrong in (b"{}", b'{"ids": [-1]}', b'{"ids": [1], "surprise": 1}'):
        assert ask(collections, wrong, PATH_INFO=path)[1].bodies == [wrong]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"searches": NaN}',
        b'{"searches": [{"query": [1.0, 0.0], "using": "dense", "surprise": 1}]}',
        b'{"searches": [{"query": [1.0], "using": "dense"}]}',
        b"[" * 900,
    ],
)
def test_what_is_wrong_is_told_by_flask_which_gets_the_body_back(
    collections: Collections, client: FlaskClient, slow: FlaskClient, body: bytes
) -> None:
    assert ask(collections, body)[1].bodies == [body]
    given = {"data": body, "headers": {"api-key": KEY}}
    fast, plain = client.post(PATH, **given), slow.post(PATH, **given)
    assert (fast.status_code, fast.data) == (plain.status_code, plain.data)
    assert fast.status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        {"HTTP_API_KEY": "another"},
        {"HTTP_API_KEY": "chave-não"},
        {"QUERY_STRING": "timeout=3"},
        {"QUERY_STRING": "surprise=1"},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-5"},
        {"CONTENT_LENGTH": "5e3"},
        {"REQUEST_METHOD": "PUT"},
        {"REQUEST_METHOD": "PUT", "PATH_INFO": "/collections/shelf/points"},
        {"PATH_INFO": "/collections/shelf/points/query"},
        {"PATH_INFO": "/collections/a/b/points/query/batch"},
        {"PATH_INFO": "/collections/missing/points/query/batch"},
        {"PATH_INFO": "/collections/../points/query/batch"},
    ],
)
def test_whatever_else_comes_goes_on_unread(collections: Collections, more: dict[str, str]) -> None:
    body = json.dumps(BATCH).encode()
    assert ask(collections, body, **more)[1].bodies == [body]


def test_a_request_without_a_key_or_of_unknown_size_goes_on(collections: Collections) -> None:
    body = json.dumps(BATCH).encode()
    beyond = _Beyond()
    bare = {"REQUEST_METHOD": "POST", "PATH_INFO": PATH, "wsgi.input": io.BytesIO(body)}
    FastLane(beyond, collections, KEY, 1000)(bare, lambda _status, _headers: None)
    assert beyond.bodies == [body]


def test_a_body_over_the_limit_is_not_read(collections: Collections) -> None:
    body = json.dumps(BATCH).encode()
    assert ask(collections, body, most=len(body))[0] == "200 OK"
    assert ask(collections, body, most=len(body) - 1)[1].bodies == [body]
