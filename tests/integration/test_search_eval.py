"""`sidecar search eval` on a small catalog: a run that can be scored, the same each time."""

import gzip
import json
from pathlib import Path

import pytest

from sidecar.commands.search import Evaluation, fold_accents, run
from sidecar.errors import Unprocessable
from sidecar.settings import Settings
from tests.vectors_process import VectorsProcess

PRODUCTS = [
    {"id": "a1", "title": "Walnut desk", "brand": "Oakly", "price_cents": 19900},
    {"id": "a2", "title": "Desk lamp", "description": "A lamp for reading", "color": "black"},
    {"id": "a3", "title": "Moisturizing face cream", "ean": ["7891234567895"]},
]
QUERIES = [
    {"id": "q1", "text": "desk"},
    {"id": "q2", "text": "7891234567895"},
    {"id": "q3", "text": "black lámp"},
]


@pytest.fixture
def asked(tmp_path: Path) -> Evaluation:
    products, queries = tmp_path / "products.jsonl.gz", tmp_path / "queries.jsonl"
    products.write_bytes(gzip.compress("".join(json.dumps(p) + "\n" for p in PRODUCTS).encode()))
    queries.write_text("".join(json.dumps(q) + "\n" for q in QUERIES))
    return Evaluation(products, queries, "en", tmp_path / "run.tsv", top=2, folded=True)


def test_a_run_by_a_server_of_its_own(settings: Settings, asked: Evaluation, capsys) -> None:
    offline = settings.model_copy(update={"qdrant_url": ""})
    assert run(offline, asked) == 0
    first = asked.run.read_text()
    rows = [line.split("\t") for line in first.splitlines()]
    assert all(len(row) == 4 for row in rows)
    best = {query: product for query, product, rank, _ in rows if rank == "1"}
    assert best["q2"] == "a3"
    assert best["q3"] == "a2"
    assert max(int(rank) for _, _, rank, _ in rows) == 2
    printed = capsys.readouterr().out
    assert "indexed in" in printed
    assert "asked in p50" in printed
    assert list((settings.local_dir / "cache/embeddings").glob("*.tsv"))
    run(offline, asked)
    assert asked.run.read_text() == first


def test_a_server_that_is_configured_keeps_nothing(settings, asked, tmp_path) -> None:
    server = VectorsProcess(tmp_path / "vectors").start()
    try:
        named = settings.model_copy(
            update={"qdrant_url": server.url, "qdrant_api_key": _key(), "local_embeddings": False}
        )
        run(named, asked)
        assert server.client().get_collections().collections == []
    finally:
        server.stop()


def test_files_that_cannot_be_used_are_named(settings, asked) -> None:
    asked.queries.write_text('{"id": "q1"}\n')
    with pytest.raises(Unprocessable, match=r"queries\.jsonl"):
        run(settings, asked)


def test_accents_go_and_letters_stay() -> None:
    assert fold_accents("Sofá AÇÚCAR ñ") == "Sofa ACUCAR n"


def _key():
    from pydantic import SecretStr

    from tests.vectors_process import KEY

    return SecretStr(KEY)
