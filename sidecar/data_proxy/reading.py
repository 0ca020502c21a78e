"""One piece of work's reads of an ERP: from memory where it may be believed, else asked once."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from sidecar.context import TenantContext
from sidecar.data_proxy.memory import LIVES, Key, ReadMemory, Told
from sidecar.erp.base import ErpAdapter
from sidecar.erp.methods import METHODS, Call
from sidecar.errors import SidecarError, Unavailable

PREFETCH_LIMIT = 3.0  # seconds

# methods whose answer is one row per id, remembered by id
_BY_ID = frozenset({"product_facts", "product_details", "stock_levels"})
_ABSENT = {"id": None}  # in memory: the tenant has no such record


class Reading:
    """Reads of one adapter for one tenant. `memory` is the process's; what is about a person is
    remembered here only, as long as this piece of work lasts.
    """

    def __init__(self, context: TenantContext, erp: ErpAdapter, memory: ReadMemory):
        self.context = context
        self.erp = erp
        self.memory = memory
        self._mine: dict[Key, Told] = {}

    def read(self, call: Call, fresh: bool = False) -> Told:
        """The answer of a reading method. fresh: ask the ERP, whatever is remembered."""
        call = self._complete(call)
        key = self._key(call)
        if not fresh and (known := self._known(key, call.method)):
            return known
        told = self.memory.once(key, lambda: getattr(self.erp, call.method)(**call.arguments))
        self._remember(key, call.method, told)
        return told

    def rows(self, call: Call, fresh: bool = False) -> list[Told]:
        """The rows of a method with `ids`, in that order: each from memory, or asked together."""
        call = self._complete(call)
        keys = self._keys(call)
        known = {} if fresh else self._known_rows(call, keys)
        if missing := [one for one in keys if one not in known]:
            asked = Call(call.method, call.arguments | {"ids": missing})
            told = self.memory.once(
                self._key(asked), lambda: getattr(self.erp, call.method)(**asked.arguments)
            )
            known |= self._keep_rows(asked, keys, told)
        return _in_order(keys, known)

    def prefetch(self, calls: Sequence[Call]) -> list[Any]:
        """What `read` or `rows` give for each call, or its SidecarError; all asked together."""
        begun = [self._begun(self._complete(call)) for call in calls]
        asked = [one.missing for one in begun if one.missing is not None]
        try:
            answers = iter(self.erp.batch(asked) if asked else ())
        except SidecarError as error:
            answers = iter([error] * len(asked))
        now = self.memory.clock()
        return [self._ended(one, next(answers) if one.missing else None, now) for one in begun]

    def forget(self) -> None:
        """Something was written."""
        self._mine.clear()
        self.memory.forget(self.context.account_id)

    def _begun(self, call: Call) -> "_Begun":
        # keys are made before the call: a write meanwhile ends what it answers
        if call.method not in _BY_ID:
            key = self._key(call)
            known = self._known(key, call.method)
            return _Begun(call, None if known else call, key, known)
        keys = self._keys(call)
        rows = self._known_rows(call, keys)
        missing = [one for one in keys if one not in rows]
        asked = Call(call.method, call.arguments | {"ids": missing}) if missing else None
        return _Begun(call, asked, keys, rows)

    def _ended(self, begun: "_Begun", answer: Any, now: float) -> Any:
        if isinstance(answer, SidecarError):
            return answer
        if isinstance(begun.keys, dict):
            rows = begun.known
            if begun.missing is not None:
                rows |= self._keep_rows(begun.missing, begun.keys, Told(answer, now))
            return _in_order(begun.keys, rows)
        if begun.missing is None:
            return begun.known
        told = Told(answer, now)
        self._remember(begun.keys, begun.call.method, told)
        return told

    def _known_rows(self, call: Call, keys: dict[int, Key]) -> dict[int, Told]:
        found = ((one, self._known(key, call.method)) for one, key in keys.items())
        return {one: told for one, told in found if told is not None}

    def _complete(self, call: Call) -> Call:
        """The call with its language named: answers in two languages are two answers."""
        if "lang" not in METHODS[call.method].arguments or call.arguments.get("lang"):
            return call
        return Call(call.method, call.arguments | {"lang": self.context.language})

    def _key(self, call: Call) -> Key:
        return (*self._begin(call.method), json.dumps(call.arguments, sort_keys=True))

    def _keys(self, call: Call) -> dict[int, Key]:
        """The key of each id's row, in the order of the ids."""
        others = {name: value for name, value in call.arguments.items() if name != "ids"}
        begin = (*self._begin(call.method), json.dumps(others, sort_keys=True))
        return {one: (*begin, one) for one in call.arguments["ids"]}

    def _begin(self, method: str) -> Key:
        return (
            self.context.account_id,
            self.memory.moment(self.context.account_id),
            getattr(self.erp, "origin", ""),
            self.context.company_id,
            self.context.include_shared_records,
            method,
        )

    def _known(self, key: Key, method: str) -> Told | None:
        life = LIVES.get(METHODS[method].kind)
        return self._mine.get(key) if life is None else self.memory.get(key, life)

    def _remember(self, key: Key, method: str, told: Told) -> None:
        if METHODS[method].kind in LIVES:
            self.memory.put(key, told)
        else:
            self._mine[key] = told

    def _keep_rows(self, call: Call, keys: dict[int, Key], told: Told) -> dict[int, Told]:
        found = {row["id"]: Told(row, told.at) for row in told.value}
        rows = {one: found.get(one, Told(_ABSENT, told.at)) for one in call.arguments["ids"]}
        for one, row in rows.items():
            self._remember(keys[one], call.method, row)
        return rows


@dataclass(frozen=True, slots=True)
class _Begun:
    """A call of a prefetch: what of it has to be asked, where answers go, what is known."""

    call: Call
    missing: Call | None
    keys: Any
    known: Any


def _in_order(keys: dict[int, Key], rows: dict[int, Told]) -> list[Told]:
    return [rows[one] for one in keys if rows[one].value != _ABSENT]


def side_by_side(works: Sequence[Callable[[], Any]], limit: float) -> list[Any]:
    """What each work gives, or its SidecarError; Unavailable for those that take too long."""
    # a pool of its own: what hangs keeps no other turn waiting
    pool = ThreadPoolExecutor(max(1, len(works)), thread_name_prefix="prefetch")
    try:
        futures = [pool.submit(work) for work in works]
        wait(futures, limit)
        return [_outcome(future) for future in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _outcome(future: Any) -> Any:
    if not future.done():
        return Unavailable("The data did not come in time.")
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, SidecarError):
        return error
    raise error
