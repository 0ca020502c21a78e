"""`sidecar search`: measure it on a catalog, and remove what it keeps of a tenant that has gone.

`eval` asks any catalog and questions through the search of production, as a run.

The catalog is indexed as a tenant of its own that is removed in the end. Without a Qdrant server
named, `sidecar vectors` is started on a free port over a folder that goes with it.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from qdrant_client import QdrantClient

from sidecar.context import TenantContext, check_account_id
from sidecar.errors import Conflict, Unavailable, Unprocessable
from sidecar.search.catalog import facts_of, outer_id, read_lines
from sidecar.search.client import qdrant_client
from sidecar.search.embeddings.choice import attention_for, embedder_for
from sidecar.search.embeddings.disk import DiskCache
from sidecar.search.hybrid import HybridSearch
from sidecar.search.indexer import Indexer
from sidecar.search.service import SearchService
from sidecar.search.store import ProductStore
from sidecar.search.word_store import Lexicons, WordStore
from sidecar.settings import Settings
from sidecar.tenants.registry import TenantRegistry

# its settings come through a pipe: a key on a command line is seen by everybody
_SERVE = """
import json, sys
from sidecar.search.edge_server import serve
from sidecar.settings import Settings
serve(Settings(**json.load(sys.stdin)))
"""
_START_SECONDS = 60
_REQUEST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Evaluation:
    """products, queries: JSON lines (also .gz). run: the file that is written. top: its depth.

    folded: questions lose their accents, as people type them on telephones. anew: nothing that was
    embedded before is used, so that indexing is timed as on the first day.
    """

    products: Path
    queries: Path
    language: str
    run: Path
    top: int = 50
    folded: bool = False
    anew: bool = False


def run(settings: Settings, asked: Evaluation) -> int:
    """Index, ask, write; 0. Unprocessable for files that cannot be used."""
    products, queries = read_lines(asked.products), read_lines(asked.queries)
    outer = [outer_id(product) for product in products]
    if any("text" not in query or "id" not in query for query in queries):
        raise Unprocessable(f"{asked.queries.name}: every query needs an id and a text.")
    account = f"evaluation_{secrets.token_hex(4)}"
    context = TenantContext(account, None, asked.language, "UTC", "EUR", collection=account)
    cache = None if asked.anew else DiskCache(settings.local_dir / "cache/embeddings")
    embedder = embedder_for(settings, context, cache)
    model = embedder.model if embedder else "words only"
    print(f"{len(products)} products, {len(queries)} queries, {asked.language}: {model}")
    with qdrant(settings) as client:
        store = ProductStore(client, context, embedder.dimension if embedder else None)
        words = WordStore(client, context)
        try:
            started = time.monotonic()
            attention = attention_for(settings, context)
            indexer = Indexer(store, embedder, context, words=words, attention=attention)
            indexer.sync(facts_of(products, context.currency), complete=True, progress=bar)
            spent = time.monotonic() - started
            each = len(products) / max(spent, 1e-9)
            busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            print(f"indexed in {spent:.1f} s ({each:.0f}/s), {busy}")
            search = HybridSearch(store, embedder, context, (words, Lexicons()))
            _ask(search, queries, outer, asked)
        finally:
            for collection in (store.collection, words.collection):
                client.delete_collection(collection)
    return 0


def forget(settings: Settings, account_id: str, prefix: str | None) -> int:
    """Remove what search keeps of a tenant that is no longer published; 0.

    prefix: of its derived keys, where it was not the account id. BadRequest for names that are
    none, Conflict for those of a tenant that still is published.
    """
    prefix = check_account_id(prefix or check_account_id(account_id))
    registry = TenantRegistry.from_settings(settings)
    accounts = registry.accounts()
    if {account_id, prefix} & {*accounts, *(registry.get(one).prefix for one in accounts)}:
        raise Conflict(
            "A published tenant has this name: take it out of the mapping and run"
            " `sidecar tenants publish` first."
        )
    points, kept = SearchService(settings).forget(account_id, prefix)
    print(f"{account_id}: {points} points and {kept} kept keys removed")
    return 0


def _ask(search: HybridSearch, queries: list, outer: list[str], asked: Evaluation) -> None:
    taken, lines = [], []
    for query in queries:
        text = str(query["text"] or "")
        text = fold_accents(text) if asked.folded else text
        started = time.perf_counter()
        hits = search.search(text, asked.top)
        taken.append(time.perf_counter() - started)
        lines += [
            f"{query['id']}\t{outer[hit.product_id - 1]}\t{rank}\t{hit.score:.6f}\n"
            for rank, hit in enumerate(hits, 1)
        ]
    asked.run.write_text("".join(lines), encoding="utf-8")
    taken.sort()
    if taken:
        middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.95)]
        print(f"asked in p50 {middle * 1000:.1f} ms, p95 {late * 1000:.1f} ms: {asked.run}")


def fold_accents(text: str) -> str:
    """The text without its accents; letters keep their case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def bar(done: int, total: int) -> None:
    """A progress bar on standard error, where a person looks."""
    if sys.stderr.isatty():
        filled = 40 * done // max(total, 1)
        end = "\n" if done == total else ""
        print(f"\r[{'#' * filled:<40}] {done}/{total}", end=end, file=sys.stderr, flush=True)


@contextmanager
def qdrant(settings: Settings) -> Iterator[QdrantClient]:
    """A client of the configured Qdrant, or of `sidecar vectors` started for the while."""
    if settings.qdrant_url:
        key = settings.qdrant_api_key.get_secret_value()
        yield qdrant_client(settings.qdrant_url, key, _REQUEST_SECONDS)
        return
    with tempfile.TemporaryDirectory(prefix="sidecar-vectors-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        key = secrets.token_urlsafe(24)
        given = {"port_base": port - 6, "vectors_dir": folder, "qdrant_api_key": key}
        given |= {"bind": "127.0.0.1", "log_level": "warning"}
        command = [sys.executable, "-c", _SERVE]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own words
        assert process.stdin
        process.stdin.write(json.dumps(given).encode())
        process.stdin.close()
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            yield qdrant_client(url, key, _REQUEST_SECONDS)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/readyz", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise Unavailable("`sidecar vectors` did not start.")
