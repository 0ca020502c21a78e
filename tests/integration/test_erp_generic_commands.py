"""`sidecar erp`: keys, files, and what is kept, from the command line."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from sidecar import __main__ as program
from sidecar.app import create_app
from sidecar.erp.generic.store import PushedRecords
from sidecar.settings import Settings
from sidecar.web.state import WebState
from tests.erp_rows import customer_row, product_row
from tests.pushing import Erp, pushing_document

CSV = """CODIGO;DESCRICAO;PRECO;SALDO;GRUPO;COR;ALTERADO
0001;Sofá Jacarandá;2.790,00;4;Sala / Sofás;Azul|Cinza;23/11/2026 09:00
0002;Mesa Ipê;1.190,50;;Sala / Mesas;;23/11/2026 09:00
0003;Cadeira;abc;1;Sala;;23/11/2026 09:00
"""
RULES: dict[str, Any] = {
    "id": "CODIGO",
    "name": "DESCRICAO",
    "price": {"path": "PRECO", "number": ","},
    "stock": {"path": "SALDO", "number": ","},
    "category": "GRUPO",
    "attributes": {"fields": {"Cor": {"path": "COR", "split": "|"}}},
    "updated_at": {"path": "ALTERADO", "date": "%d/%m/%Y %H:%M"},
}


@pytest.fixture
def web(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> WebState:
    monkeypatch.setattr(program, "get_settings", lambda: settings)
    here: WebState = create_app(settings).extensions["sidecar"]
    here.tenants.apply(pushing_document(mapping={"totvs": {"products": RULES}}))
    return here


def run(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[int, str, str]:
    code = program.main(["erp", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_csv_of_a_brazilian_erp_is_read_by_its_mapping(
    web: WebState, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "produtos.csv"
    file.write_bytes(CSV.encode("cp1252"))
    words = ("import", "account_1", "products", file, "--mapping", "totvs")
    code, out, err = run(capsys, *words, "--encoding", "cp1252")
    assert (code, out) == (1, "2 accepted, 0 unchanged, 0 outdated, 1 rejected\n")
    assert err == "row 4 (0003, price): must be a number, with a decimal point\n"
    records = PushedRecords.of(settings, "account_1")
    kept = records.records("products", [1, 2])
    assert (kept[1]["price"], kept[1]["name"]) == (2790.0, "Sofá Jacarandá")
    assert kept[1]["attributes"] == [{"name": "Cor", "values": ["Azul", "Cinza"]}]
    assert (kept[2]["price"], kept[2]["stock"], kept[2]["attributes"]) == (1190.5, None, [])
    assert run(capsys, *words, "--encoding", "cp1252")[1].startswith("0 accepted, 2 unchanged")
    assert records.waiting() == 2


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".ndjson.gz"])
def test_json_files_are_read_packed_or_not(
    web: WebState,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    ending: str,
) -> None:
    rows = [product_row(id=i) for i in range(3)]
    lined = "\n".join(map(json.dumps, rows))
    body = (json.dumps(rows) if ending == ".json" else lined).encode()
    file = tmp_path / f"products{ending}"
    file.write_bytes(gzip.compress(body) if ending.endswith("gz") else body)
    assert run(capsys, "import", "account_1", "products", file)[0] == 0
    assert PushedRecords.of(settings, "account_1").count("products") == 3


def test_a_file_of_many_rows_is_read_in_batches(
    web: WebState,
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    small = settings.model_copy(update={"push_rows": 7})
    monkeypatch.setattr(program, "get_settings", lambda: small)
    file = tmp_path / "c.csv"
    lines = ["id,name", *(f"{i},Customer {i}" for i in range(100)), *(f",x{i}" for i in range(60))]
    file.write_text("\n".join(lines))
    code, out, err = run(capsys, "import", "account_1", "customers", file)
    assert (code, out) == (1, "100 accepted, 0 unchanged, 0 outdated, 60 rejected\n")
    assert len(err.splitlines()) == 51
    assert err.splitlines()[0] == "row 102 (id): Field required"
    assert err.splitlines()[-1] == "and 10 more"


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("p.xls", "x", "must end in"),
        ("p.json", "{", "is not JSON"),
        ("p.csv", "id;id\n1;2\n", "same name"),
        ("p.csv.gz", "id\n", "not gzip"),
        ("p.csv", "id;name\n1;\udce9\n", "not UTF-8"),
        ("none/p.csv", None, "cannot be read"),
    ],
)
def test_a_file_that_is_none(
    web: WebState,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    text: str | None,
    error: str,
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
    code, _out, err = run(capsys, "import", "account_1", "products", file)
    assert code == 1
    assert error in err
    assert len(err.splitlines()) == 1


def test_a_key_is_printed_once_listed_and_revoked(
    web: WebState, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("key", "create", "account_1", "--scopes", "products,orders", "--name", "Totvs ETL")
    code, out, _err = run(capsys, *words, "--days", "30")
    assert code == 0
    key = re.search(r"erp_\S+", out)
    number = re.search(r"key (\w+) of account_1: products, orders, until 20", out)
    assert key
    assert number
    erp = Erp(create_app(settings))
    erp.key = key.group()
    assert erp.send("products", product_row()).status_code == 200
    assert erp.send("customers", customer_row()).status_code == 403
    listed = run(capsys, "key", "list", "account_1")[1]
    assert "Totvs ETL" in listed
    assert key.group() not in listed
    assert run(capsys, "key", "revoke", "account_1", number.group(1))[0] == 0
    assert erp.send("products", product_row()).status_code == 401
    assert run(capsys, "key", "revoke", "account_1", number.group(1))[0] == 1


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("account_1", "--scopes", "everything"), "Scopes are"),
        (("account_1", "--scopes", ""), "Scopes are"),
        (("account_1", "--scopes", "products", "--days", "0"), "1 to 3650"),
        (("account_1", "--scopes", "products", "--name", "a\nb"), "one line"),
        (("account_9", "--scopes", "products"), "No tenant"),
        (("../x", "--scopes", "products"), "account_id must be"),
    ],
)
def test_a_key_that_cannot_be(
    web: WebState, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], error: str
) -> None:
    code, _out, err = run(capsys, "key", "create", *words)
    assert code == 1
    assert error in err


def test_what_is_kept_is_counted_indexed_anew_and_forgotten(
    web: WebState, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    erp = Erp(create_app(settings))
    erp.take("products", [product_row(id=i) for i in range(3)])
    erp.records.indexed(erp.records.changed(10))
    assert "products   3\n" in run(capsys, "status", "account_1")[1]
    assert erp.records.waiting() == 0
    assert "3 products are due for the search\n" in run(capsys, "reindex", "account_1")[1]
    assert erp.records.waiting() == 3
    code, _out, err = run(capsys, "forget", "account_1")
    assert (code, "is published" in err) == (1, True)
    web.tenants._withdraw("account_1")
    assert erp.send("products", product_row()).status_code == 401
    assert run(capsys, "forget", "account_1")[0] == 0
    left = [k for k in web.store.keys("*erp*") if not k.startswith("account_1:erp:sent:")]
    assert left == []
