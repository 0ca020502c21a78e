"""What `sidecar vectors` serves of Qdrant's REST API, by qdrant-client against a real process.

CHATWOOTAI_TEST_QDRANT_URL (and _KEY) run the same tests against a real server instead.
"""

import datetime
import math
import os
import random
import uuid
from collections.abc import Callable, Iterator

import pytest
import requests
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from tests.vectors_process import KEY, VectorsProcess

COLORS = ["azul", "cinza", "preto"]
Payload = dict[str, object]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("contract") / "vectors").start()
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="module")
def client(vectors: VectorsProcess) -> QdrantClient:
    if url := os.environ.get("CHATWOOTAI_TEST_QDRANT_URL"):
        return QdrantClient(url=url, api_key=os.environ.get("CHATWOOTAI_TEST_QDRANT_KEY"))
    return vectors.client()


def payload_of(number: int) -> Payload:
    """Varied, with missing, empty, null and repeated values."""
    chance = random.Random(number)
    payload: Payload = {
        "record_id": number,
        "account_id": f"account_{number % 3}",
        "active": chance.random() < 0.5,
        "price": [round(chance.uniform(0, 100), 2) for _ in range(chance.randint(1, 3))],
        "since": f"2026-{chance.randint(1, 12):02}-01T00:00:00Z",
        "variants": [
            {"color": chance.choice(COLORS), "stock": chance.randint(0, 3)}
            for _ in range(chance.randint(0, 3))
        ],
    }
    color = chance.choice([*COLORS, None, [], "missing", ["azul", "cinza"]])
    if color != "missing":
        payload["color"] = color
    return payload


POINTS = {str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))): payload_of(n) for n in range(200)}


def vector_of(number: int) -> list[float]:
    chance = random.Random(1000 + number)
    return [chance.gauss(0, 1) for _ in range(8)]


def words_of(number: int) -> dict[int, float]:
    chance = random.Random(2000 + number)
    return {chance.randrange(40) + 2**31: chance.uniform(0.5, 2) for _ in range(5)}


@pytest.fixture(scope="module")
def filled(client: QdrantClient) -> Iterator[str]:
    name = f"contract_{uuid.uuid4().hex[:8]}"
    client.create_collection(
        name,
        vectors_config={"dense": models.VectorParams(size=8, distance=models.Distance.COSINE)},
        sparse_vectors_config={"sparse": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
    for field, schema in {
        "account_id": tenant,
        "record_id": models.PayloadSchemaType.INTEGER,
        "active": models.PayloadSchemaType.BOOL,
        "price": models.PayloadSchemaType.FLOAT,
        "since": models.PayloadSchemaType.DATETIME,
        "color": models.PayloadSchemaType.KEYWORD,
    }.items():
        client.create_payload_index(name, field, schema, wait=True)
    client.upsert(
        name,
        [
            models.PointStruct(
                id=key,
                payload=payload,
                vector={
                    "dense": vector_of(payload["record_id"]),
                    "sparse": models.SparseVector(
                        indices=list(words_of(payload["record_id"])),
                        values=list(words_of(payload["record_id"]).values()),
                    ),
                },
            )
            for key, payload in POINTS.items()
        ],
        wait=True,
    )
    yield name
    client.delete_collection(name)


def values(payload: Payload, key: str) -> list[object]:
    value = payload.get(key)
    return value if isinstance(value, list) else [] if value is None else [value]


def field(key: str, **test: object) -> models.FieldCondition:
    return models.FieldCondition(key=key, **test)


def when(month: int) -> datetime.datetime:
    return datetime.datetime(2026, month, 1, tzinfo=datetime.UTC)


def nested_match(payload: Payload) -> bool:
    return any(v["color"] == "azul" and v["stock"] > 0 for v in payload["variants"])


FIRST_IDS = list(POINTS)[:5]
M = models
FILTERS: dict[str, tuple[M.Condition, Callable[[str, Payload], bool]]] = {
    "keyword": (
        field("account_id", match=M.MatchValue(value="account_1")),
        lambda _, p: p["account_id"] == "account_1",
    ),
    "integer": (field("record_id", match=M.MatchValue(value=7)), lambda _, p: p["record_id"] == 7),
    "true": (field("active", match=M.MatchValue(value=True)), lambda _, p: p["active"] is True),
    "false": (field("active", match=M.MatchValue(value=False)), lambda _, p: p["active"] is False),
    "any keyword": (
        field("color", match=M.MatchAny(any=["azul", "preto"])),
        lambda _, p: bool({"azul", "preto"} & set(values(p, "color"))),
    ),
    "any integer": (
        field("record_id", match=M.MatchAny(any=[1, 2, 999])),
        lambda _, p: p["record_id"] in (1, 2),
    ),
    "except": (
        field("color", match=M.MatchExcept(**{"except": ["azul"]})),
        lambda _, p: bool(set(values(p, "color")) - {"azul"}),
    ),
    "range": (
        field("price", range=M.Range(gt=20, lte=40)),
        lambda _, p: any(20 < price <= 40 for price in p["price"]),
    ),
    "range from": (
        field("price", range=M.Range(gte=60)),
        lambda _, p: any(price >= 60 for price in p["price"]),
    ),
    "range below": (
        field("price", range=M.Range(lt=10)),
        lambda _, p: any(price < 10 for price in p["price"]),
    ),
    "date range": (
        field("since", range=M.DatetimeRange(gte=when(3), lt=when(9))),
        lambda _, p: "2026-03" <= p["since"] < "2026-09",
    ),
    "values count": (
        field("price", values_count=M.ValuesCount(gte=2)),
        lambda _, p: len(p["price"]) >= 2,
    ),
    "is empty": (
        M.IsEmptyCondition(is_empty=M.PayloadField(key="color")),
        lambda _, p: not values(p, "color"),
    ),
    "is null": (
        M.IsNullCondition(is_null=M.PayloadField(key="color")),
        lambda _, p: "color" in p and p["color"] is None,
    ),
    "ids": (M.HasIdCondition(has_id=FIRST_IDS), lambda key, _: key in FIRST_IDS),
    "has vector": (M.HasVectorCondition(has_vector="dense"), lambda *_: True),
    "nested": (
        M.NestedCondition(
            nested=M.Nested(
                key="variants",
                filter=M.Filter(
                    must=[
                        field("color", match=M.MatchValue(value="azul")),
                        field("stock", range=M.Range(gt=0)),
                    ]
                ),
            )
        ),
        lambda _, p: nested_match(p),
    ),
    "should": (
        M.Filter(
            should=[
                field("record_id", match=M.MatchValue(value=3)),
                field("color", match=M.MatchValue(value="cinza")),
            ]
        ),
        lambda _, p: p["record_id"] == 3 or "cinza" in values(p, "color"),
    ),
    "must not": (
        M.Filter(must_not=[field("active", match=M.MatchValue(value=True))]),
        lambda _, p: not p["active"],
    ),
    "at least two": (
        M.Filter(
            min_should=M.MinShould(
                min_count=2,
                conditions=[
                    field("active", match=M.MatchValue(value=True)),
                    field("color", match=M.MatchValue(value="azul")),
                    field("price", range=M.Range(gte=50)),
                ],
            )
        ),
        lambda _, p: (
            p["active"] + ("azul" in values(p, "color")) + any(x >= 50 for x in p["price"]) >= 2
        ),
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_brute_force_finds(client, filled, name):
    condition, test = FILTERS[name]
    expected = {key for key, payload in POINTS.items() if test(key, payload)}
    assert expected, "the test would prove nothing"
    chosen = condition if isinstance(condition, M.Filter) else M.Filter(must=[condition])
    found, following = client.scroll(filled, scroll_filter=chosen, limit=500)
    assert following is None
    assert {point.id for point in found} == expected
    assert client.count(filled, count_filter=chosen).count == len(expected)
    inside = client.query_points(
        filled, query=vector_of(0), using="dense", query_filter=chosen, limit=500
    )
    assert {point.id for point in inside.points} == expected


def test_payloads_and_vectors_come_back_as_they_were_written(client, filled):
    found = client.retrieve(filled, FIRST_IDS, with_payload=True, with_vectors=True)
    for point in found:
        assert point.payload == POINTS[point.id]
        words = words_of(POINTS[point.id]["record_id"])
        got = point.vector["sparse"]
        assert dict(zip(got.indices, got.values, strict=True)) == pytest.approx(words)
    names = client.retrieve(filled, FIRST_IDS[:1], with_payload=["color", "price"])[0].payload
    assert set(names) <= {"color", "price"}
    assert "price" in names


def test_pages_of_a_scroll_hold_every_point_once(client, filled):
    seen, offset = [], None
    while True:
        points, offset = client.scroll(filled, limit=33, offset=offset)
        seen += [point.id for point in points]
        if offset is None:
            break
    assert sorted(seen) == sorted(POINTS)


def test_a_scroll_in_the_order_of_a_field(client, filled):
    newest = M.OrderBy(key="record_id", direction=M.Direction.DESC)
    points, _ = client.scroll(filled, limit=5, order_by=newest)
    assert [point.payload["record_id"] for point in points] == [199, 198, 197, 196, 195]


def test_dense_scores_are_cosines(client, filled):
    def cosine(a: list[float], b: list[float]) -> float:
        norm = (sum(x * x for x in a) * sum(x * x for x in b)) ** 0.5
        return sum(x * y for x, y in zip(a, b, strict=True)) / norm

    question = vector_of(5000)
    expected = {
        key: cosine(question, vector_of(payload["record_id"])) for key, payload in POINTS.items()
    }
    found = client.query_points(filled, query=question, using="dense", limit=10).points
    assert [p.id for p in found] == sorted(expected, key=lambda key: -expected[key])[:10]
    assert [p.score for p in found] == pytest.approx([expected[p.id] for p in found], abs=1e-5)


@pytest.mark.parametrize("corpus", ["everything", "one tenant"])
def test_sparse_scores_carry_the_idf(client, filled, corpus):
    tenant = field("account_id", match=M.MatchValue(value="account_1"))
    mine = {k: p for k, p in POINTS.items() if p["account_id"] == "account_1"}
    counted = POINTS if corpus == "everything" else mine
    params = None
    if corpus == "one tenant":
        params = M.SearchParams(idf=M.IdfCorpusParams(corpus=M.Filter(must=[tenant])))
    documents = {key: words_of(payload["record_id"]) for key, payload in POINTS.items()}
    question = sorted({word for key in list(mine)[:3] for word in documents[key]})

    def idf(word: int) -> float:
        n = sum(word in documents[key] for key in counted)
        return math.log(1 + (len(counted) - n + 0.5) / (n + 0.5))

    expected = {
        key: sum(idf(word) * documents[key].get(word, 0.0) for word in question) for key in mine
    }
    found = client.query_points(
        filled,
        query=M.SparseVector(indices=question, values=[1.0] * len(question)),
        using="sparse",
        query_filter=M.Filter(must=[tenant]),
        search_params=params,
        limit=10,
    ).points
    assert [p.score for p in found] == pytest.approx(sorted(expected.values(), reverse=True)[:10])
    assert [p.score for p in found] == pytest.approx([expected[p.id] for p in found])


def prefetches(limit: int = 20) -> list[M.Prefetch]:
    words = words_of(3)
    sparse = M.SparseVector(indices=list(words), values=list(words.values()))
    return [
        M.Prefetch(query=vector_of(3), using="dense", limit=limit),
        M.Prefetch(query=sparse, using="sparse", limit=limit),
    ]


def halves(client: QdrantClient, name: str) -> list[dict[str, float]]:
    return [
        {
            p.id: p.score
            for p in client.query_points(name, query=h.query, using=h.using, limit=20).points
        }
        for h in prefetches()
    ]


@pytest.mark.parametrize("weights", [None, [3.0, 1.0]])
def test_reciprocal_rank_fusion(client, filled, weights):
    expected: dict[str, float] = {}
    for half, weight in zip(halves(client, filled), weights or [1.0, 1.0], strict=True):
        for rank, key in enumerate(half):
            # Qdrant counts ranks from 0; a weight shortens the distance between them.
            share = 1 / ((rank + 1) / weight + 60 - 1)
            expected[key] = expected.get(key, 0.0) + share
    fused = M.RrfQuery(rrf=M.Rrf(k=60, weights=weights))
    found = client.query_points(filled, prefetch=prefetches(), query=fused, limit=40).points
    assert {p.id: p.score for p in found} == pytest.approx(expected, rel=1e-4)


def test_distribution_based_fusion_ranks_the_best_of_both_first(client, filled):
    fused = M.FusionQuery(fusion=M.Fusion.DBSF)
    found = client.query_points(filled, prefetch=prefetches(), query=fused, limit=40).points
    dense, sparse = halves(client, filled)
    assert {p.id for p in found} == set(dense) | set(sparse)
    assert found[0].id == next(iter(dense)) == next(iter(sparse))


def test_a_formula_over_the_scores_of_both_halves(client, filled):
    formula = M.FormulaQuery(
        formula=M.SumExpression(
            sum=[
                M.MultExpression(mult=[0.6, "$score[0]"]),
                M.MultExpression(mult=[0.4, "$score[1]"]),
                M.MultExpression(mult=[10.0, field("active", match=M.MatchValue(value=True))]),
            ]
        ),
        defaults={"$score[0]": 0.0, "$score[1]": 0.0},
    )
    dense, sparse = halves(client, filled)
    found = client.query_points(filled, prefetch=prefetches(), query=formula, limit=40).points
    expected = {
        key: 0.6 * dense.get(key, 0.0) + 0.4 * sparse.get(key, 0.0) + 10 * POINTS[key]["active"]
        for key in {*dense, *sparse}
    }
    assert {p.id: p.score for p in found} == pytest.approx(expected, rel=1e-4)


def test_changes_of_payload_and_vectors(client, filled):
    key = str(uuid.uuid4())
    old = M.SparseVector(indices=[1, 2], values=[1.0, 2.0])
    point = M.PointStruct(
        id=key, vector={"dense": [1.0] * 8, "sparse": old}, payload={"a": 1, "b": 2}
    )
    client.upsert(filled, [point], wait=True)
    client.set_payload(filled, {"b": 3}, points=[key], wait=True)
    client.delete_payload(filled, ["a"], points=[key], wait=True)
    new = M.SparseVector(indices=[7], values=[0.5])
    client.batch_update_points(
        filled,
        [
            M.UpdateVectorsOperation(
                update_vectors=M.UpdateVectors(
                    points=[M.PointVectors(id=key, vector={"sparse": new})]
                )
            ),
            M.SetPayloadOperation(set_payload=M.SetPayload(payload={"c": True}, points=[key])),
        ],
        wait=True,
    )
    found = client.retrieve(filled, [key], with_vectors=True)[0]
    assert found.payload == {"b": 3, "c": True}
    assert found.vector["sparse"] == new
    assert found.vector["dense"] == pytest.approx([8**-0.5] * 8)
    client.overwrite_payload(filled, {"d": None}, points=[key], wait=True)
    assert client.retrieve(filled, [key])[0].payload == {"d": None}
    client.delete(filled, [key], wait=True)
    assert client.retrieve(filled, [key]) == []


def test_deletion_by_filter(client, filled):
    keys = [str(uuid.uuid4()) for _ in range(3)]
    points = [
        M.PointStruct(id=key, vector={"dense": [1.0] * 8}, payload={"mark": "x"}) for key in keys
    ]
    client.upsert(filled, points, wait=True)
    chosen = M.Filter(must=[field("mark", match=M.MatchValue(value="x"))])
    client.delete(filled, M.FilterSelector(filter=chosen), wait=True)
    assert client.count(filled).count == len(POINTS)


def test_a_collection_tells_what_it_is(client, filled):
    info = client.get_collection(filled)
    assert info.points_count == len(POINTS)
    assert info.config.params.vectors["dense"].size == 8
    assert info.config.params.sparse_vectors["sparse"].modifier == M.Modifier.IDF
    assert info.payload_schema["account_id"].params.is_tenant is True
    assert info.payload_schema["active"].data_type == M.PayloadSchemaType.BOOL
    assert filled in [one.name for one in client.get_collections().collections]
    assert client.collection_exists(filled)
    assert not client.collection_exists("no_such_collection")


def test_refusals_of_the_client(client, filled):
    dense = {"dense": M.VectorParams(size=8, distance=M.Distance.COSINE)}
    for status, call in [
        (404, lambda: client.get_collection("no_such_collection")),
        (409, lambda: client.create_collection(filled, vectors_config=dense)),
        (400, lambda: client.query_points(filled, query=[1.0, 2.0], using="dense")),
        (400, lambda: client.query_points(filled, query=[1.0] * 8, using="other")),
        (404, lambda: client.set_payload(filled, {"a": 1}, points=[str(uuid.uuid4())])),
    ]:
        with pytest.raises(UnexpectedResponse) as refused:
            call()
        assert refused.value.status_code == status


def post(vectors: VectorsProcess, path: str, body: object, **options: object) -> requests.Response:
    headers = {"api-key": KEY}
    method = options.pop("method", "POST")
    return requests.request(
        method, vectors.url + path, json=body, headers=headers, timeout=30, **options
    )


@pytest.fixture(scope="module")
def own(vectors: VectorsProcess) -> str:
    """A collection of the embedded server, whatever server the other tests speak to."""
    body = {"vectors": {"dense": {"size": 2, "distance": "Dot"}}, "sparse_vectors": {"sparse": {}}}
    assert post(vectors, "/collections/own", body, method="PUT").status_code == 200
    return "/collections/own"


MUST = {"key": "a", "match": {"value": 1}}
UNSERVED = [
    ("/points/query", {"limit": 3, "lookup_from": {"collection": "x"}}),
    ("/points/query", {"query": {"recommend": {"positive": [1]}}}),
    ("/points/query", {"query": {"nearest": [1, 2], "mmr": {}}, "using": "dense"}),
    ("/points/query", {"query": [1, 2], "using": "dense", "params": {"quantization": {}}}),
    ("/points/query", {"query": [1, 2], "using": "dense", "limit": 0}),
    ("/points/query", {"query": [1, 2], "using": "dense", "limit": True}),
    ("/points/query", {"query": [1, 2]}),
    ("/points/query", {"query": {"fusion": "rrf"}}),
    (
        "/points/query",
        {"query": {"fusion": "best"}, "prefetch": [{"query": [1, 2], "using": "dense"}]},
    ),
    ("/points/query", {"query": [1, "2"], "using": "dense"}),
    ("/points/query", {"query": {"indices": [1, 1], "values": [1, 2]}, "using": "sparse"}),
    ("/points/query", {"query": {"indices": [-1], "values": [1]}, "using": "sparse"}),
    ("/points/query", {"query": {"indices": [1], "values": [1, 2]}, "using": "sparse"}),
    ("/points/scroll", {"filter": {"must": [{"key": "a", "geo_radius": {}}]}}),
    ("/points/scroll", {"filter": {"must": [{"key": "a", "match": {"text": "x"}}]}}),
    ("/points/scroll", {"filter": {"must": [{"key": "a", "match": {"value": 1.5}}]}}),
    ("/points/scroll", {"filter": {"must": [{"key": "a", "match": {"any": [True]}}]}}),
    ("/points/scroll", {"filter": {"must": [{"key": "a", "match": {"any": ["x", 1]}}]}}),
    ("/points/scroll", {"filter": {"must": [{"key": "a", "range": {}}]}}),
    ("/points/scroll", {"filter": {"must": [{"key": "a"}]}}),
    ("/points/scroll", {"filter": {"must": [{**MUST, "range": {"gt": 1}}]}}),
    ("/points/scroll", {"filter": {"must": [MUST], "maybe": [MUST]}}),
    ("/points/scroll", {"filter": []}),
    ("/points/scroll", {"offset": "not-a-uuid"}),
    ("/points/delete", {}),
    ("/points/delete", {"points": [1], "filter": {"must": [MUST]}}),
    ("/points/delete", {"points": [-1]}),
    ("/points/payload", {"payload": {"a": 1}, "points": [1], "key": "b"}),
    ("/points/batch", {"operations": [{"clear_payload": {"points": [1]}}]}),
    ("/points/count", {"shard_key": "x"}),
]


@pytest.mark.parametrize(("path", "body"), UNSERVED)
def test_what_is_not_served_is_refused_by_name(vectors, own, path, body):
    answer = post(vectors, own + path, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["status"]["error"]


@pytest.mark.parametrize(
    "point",
    [
        {"id": 1, "vector": {"dense": [1, 2, 3]}},
        {"id": 1, "vector": {"dense": [1, 1e39]}},
        {"id": 1, "vector": {"dense": []}},
        {"id": 1, "vector": [1, 2]},
        {"id": 1, "vector": {"other": [1, 2]}},
        {"id": 1.5, "vector": {"dense": [1, 2]}},
        {"id": "abc", "vector": {"dense": [1, 2]}},
        {"id": True, "vector": {"dense": [1, 2]}},
        {"id": 1, "vector": {"dense": [1, 2]}, "payload": []},
        {"id": 1, "vector": {"dense": [1, 2]}, "version": 3},
        {"id": 1},
    ],
)
def test_a_point_that_is_none_is_refused_and_not_written(vectors, own, point):
    good = {"id": 2, "vector": {"dense": [1, 2]}}
    answer = post(vectors, f"{own}/points", {"points": [good, point]}, method="PUT")
    assert answer.status_code == 400, answer.text
    assert post(vectors, f"{own}/points/count", {}).json()["result"]["count"] == 0


def test_bodies_that_are_no_json(vectors, own):
    for body in (b"", b"{", b'{"limit": NaN}', b'{"limit": 3} 4', b"[" * 5000):
        answer = requests.post(
            f"{vectors.url}{own}/points/scroll", data=body, headers={"api-key": KEY}, timeout=10
        )
        assert answer.status_code == 400, body[:20]


@pytest.mark.parametrize("name", ["..", "a.b", "a b", ".lock", "%2e%2e", "a" * 129, "ção", "a%2Fb"])
def test_a_collection_name_never_becomes_a_path(vectors, name):
    body = {"vectors": {"dense": {"size": 2, "distance": "Dot"}}}
    before = sorted(path.name for path in vectors.folder.iterdir())
    answer = post(vectors, f"/collections/{name}", body, method="PUT")
    assert answer.status_code in (400, 404, 405), answer.text
    assert sorted(path.name for path in vectors.folder.iterdir()) == before


@pytest.mark.parametrize("key", ["", "wrong", KEY + "x", "ç"])
def test_without_the_key_nothing_is_answered(vectors, own, key):
    headers = {"api-key": key.encode()} if key else {}
    for path in ("/collections", f"{own}", f"{own}/points/scroll"):
        answer = requests.get(vectors.url + path, headers=headers, timeout=10)
        assert answer.status_code == 401
        assert "result" not in answer.text


def test_health_needs_no_key_and_tells_the_version(vectors):
    assert requests.get(f"{vectors.url}/readyz", timeout=10).status_code == 200
    assert requests.get(vectors.url, timeout=10).json()["version"].count(".") == 2


def test_a_body_over_the_limit_is_refused(vectors, own):
    answer = requests.post(
        f"{vectors.url}{own}/points/scroll",
        data=b" " * (32 * 1024 * 1024 + 1),
        headers={"api-key": KEY},
        timeout=30,
    )
    assert answer.status_code == 413


def test_unknown_words_in_the_query_string_are_refused(vectors, own):
    assert post(vectors, f"{own}/points/count?wait=true", {}).status_code == 200
    assert post(vectors, f"{own}/points/count?shards=3", {}).status_code == 400


def test_half_precision_vectors_rank_as_full_ones(client):
    full = {"dense": M.VectorParams(size=8, distance=M.Distance.COSINE)}
    half = {
        "dense": M.VectorParams(size=8, distance=M.Distance.COSINE, datatype=M.Datatype.FLOAT16)
    }
    draw = random.Random(3)
    points = [[draw.gauss(0, 1) for _ in range(8)] for _ in range(50)]
    answers = []
    for vectors_config in (full, half):
        name = f"precision_{uuid.uuid4().hex}"
        client.create_collection(name, vectors_config=vectors_config)
        made = [M.PointStruct(id=n, vector={"dense": p}) for n, p in enumerate(points)]
        client.upsert(name, made, wait=True)
        found = client.query_points(name, query=points[7], using="dense", limit=10).points
        answers.append({p.id: p.score for p in found})
        told = client.get_collection(name).config.params.vectors["dense"].datatype
        assert told == vectors_config["dense"].datatype
        client.delete_collection(name)
    assert answers[0].keys() == answers[1].keys()
    assert answers[1] == pytest.approx(answers[0], abs=2e-3)


def test_other_precisions_are_refused_by_name(vectors):
    body = {"vectors": {"dense": {"size": 2, "distance": "Dot", "datatype": "uint8"}}}
    answer = post(vectors, "/collections/precise", body, method="PUT")
    assert answer.status_code == 400
    assert "datatype" in answer.json()["status"]["error"]
