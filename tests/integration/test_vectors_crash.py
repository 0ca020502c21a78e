"""`sidecar vectors` survives kill -9 and keeps what it acknowledged; one process owns a folder."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from tests.vectors_process import VectorsProcess

COLLECTION = "crash"
WRITERS = 4


def make_collection(client: QdrantClient) -> None:
    client.create_collection(
        COLLECTION,
        vectors_config={"dense": models.VectorParams(size=16, distance=models.Distance.COSINE)},
        sparse_vectors_config={"sparse": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    client.create_payload_index(COLLECTION, "writer", models.PayloadSchemaType.INTEGER)


def point(key: int, writer: int) -> models.PointStruct:
    sparse = models.SparseVector(indices=[key % 50], values=[1.0])
    dense = [float(key % 7 + 1)] * 16
    return models.PointStruct(
        id=key, vector={"dense": dense, "sparse": sparse}, payload={"writer": writer, "key": key}
    )


@pytest.mark.parametrize("moment", [0.4, 1.1])
def test_kill_under_writes_loses_no_acknowledged_point(tmp_path: Path, moment: float) -> None:
    vectors = VectorsProcess(tmp_path / "vectors").start()
    make_collection(vectors.client())
    kept: dict[int, int] = {}
    removed: set[int] = set()
    failed = threading.Barrier(WRITERS + 1)

    def write(writer: int) -> None:
        client, key = vectors.client(), writer * 1_000_000
        try:
            while True:
                batch = range(key, key + 20)
                client.upsert(COLLECTION, [point(k, writer) for k in batch], wait=True)
                kept.update(dict.fromkeys(batch, writer))
                client.delete(COLLECTION, [key], wait=True)
                removed.add(key)
                key += 20
        except (ResponseHandlingException, UnexpectedResponse):
            failed.wait()

    for number in range(WRITERS):
        threading.Thread(target=write, args=(number,), daemon=True).start()
    while len(kept) < 200:
        time.sleep(0.01)
    # An operation that the engine refused is in its log too and must not stop the recovery.
    with pytest.raises(UnexpectedResponse):
        vectors.client().set_payload(COLLECTION, {"a": 1}, points=[999], wait=True)
    time.sleep(moment)
    vectors.kill()
    failed.wait(timeout=60)

    vectors.start()
    client = vectors.client()
    expected = kept.keys() - removed
    found = {
        record.id: record
        for start in range(0, len(kept), 1000)
        for record in client.retrieve(
            COLLECTION, sorted(kept)[start : start + 1000], with_vectors=True
        )
    }
    # The last deletion of a writer may have been done without having been acknowledged.
    assert len(expected - found.keys()) <= WRITERS
    assert all(key % 20 == 0 for key in expected - found.keys())
    assert not removed & found.keys()
    assert all(record.payload == {"writer": kept[key], "key": key} for key, record in found.items())
    assert all(set(record.vector) == {"dense", "sparse"} for record in found.values())
    mine = models.Filter(
        must=[models.FieldCondition(key="writer", match=models.MatchValue(value=2))]
    )
    counted = client.count(COLLECTION, count_filter=mine).count
    assert counted >= sum(writer == 2 for key, writer in kept.items() if key in found)
    client.upsert(COLLECTION, [point(5, 9)], wait=True)
    assert vectors.stop() == 0


def test_everything_is_there_after_a_tidy_restart(tmp_path: Path) -> None:
    vectors = VectorsProcess(tmp_path / "vectors").start()
    make_collection(vectors.client())
    vectors.client().upsert(COLLECTION, [point(k, 0) for k in range(100)], wait=True)
    assert vectors.stop() == 0
    client = vectors.start().client()
    assert client.count(COLLECTION).count == 100
    assert client.get_collection(COLLECTION).payload_schema["writer"].points == 100
    client.delete_collection(COLLECTION)
    vectors.kill()
    assert vectors.start().client().get_collections().collections == []
    vectors.stop()


def test_an_interrupted_creation_or_deletion_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    (folder / ".new-1" / "shard").mkdir(parents=True)
    (folder / ".gone-1").mkdir()
    vectors = VectorsProcess(folder).start()
    assert vectors.client().get_collections().collections == []
    assert sorted(path.name for path in folder.iterdir()) == [".lock"]
    vectors.stop()


def test_a_second_process_on_the_same_folder_gives_up(tmp_path: Path) -> None:
    first = VectorsProcess(tmp_path / "vectors").start()
    second = VectorsProcess(tmp_path / "vectors")
    second.log = tmp_path / "second.log"
    with pytest.raises(AssertionError, match="Another process owns the vectors"):
        second.start()
    make_collection(first.client())
    first.stop()


def test_it_does_not_start_without_a_key(tmp_path: Path) -> None:
    code = (
        "from sidecar.settings import Settings; from sidecar.search.edge_server import serve;"
        f"serve(Settings(_env_file=None, qdrant_api_key='', vectors_dir={str(tmp_path)!r}))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert "CHATWOOTAI_QDRANT_API_KEY" in ended.stderr


def test_readers_and_writers_at_once(tmp_path: Path) -> None:
    vectors = VectorsProcess(tmp_path / "vectors").start()
    make_collection(vectors.client())
    errors: list[Exception] = []

    def work(number: int) -> None:
        client = vectors.client()
        try:
            for turn in range(15):
                key = number * 1000 + turn
                client.upsert(COLLECTION, [point(key, number)], wait=True)
                client.query_points(COLLECTION, query=[1.0] * 16, using="dense", limit=5)
                assert client.retrieve(COLLECTION, [key])
                client.delete(COLLECTION, [key], wait=True)
        except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert vectors.client().count(COLLECTION).count == 0
    vectors.stop()
