"""Descriptions in bulk: the items of one job side by side, each kept as soon as it is written.

A job that is repeated after a crash writes only what is not kept yet, so nothing is paid twice.
"""

import contextvars
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog

from sidecar.crews.product_management import ProductManagementCrew
from sidecar.data_proxy.briefs import BriefsAhead
from sidecar.errors import SidecarError, Unprocessable
from sidecar.hub.products import Progress
from sidecar.hub.services import Services
from sidecar.store import keys
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

MOST_ITEMS = 20
_LARGEST_ID = 2**31
_TRIES = "tries"  # beside the items, which are named by their position


class DescriptionDesk:
    """The texts of many products of one tenant, for one job.

    crew: makes a crew with a proxy of its own, for one item.
    """

    def __init__(
        self, services: Services, tenant: Tenant, crew: Callable[[], ProductManagementCrew]
    ):
        self.services = services
        self.tenant = tenant
        self.crew = crew

    def write_all(
        self, job_id: str, params: dict[str, Any], progress: Progress | None = None
    ) -> dict[str, Any]:
        """The result of `generate_descriptions` (docs/studio.md).

        Unprocessable for wrong parameters. What fails for a passing reason is raised, so that the
        job is tried again for those items; in its last try it is told per item.
        """
        items = _items_of(params)
        kept, tries = self._kept(job_id)
        written = {int(index): json.loads(text) for index, text in kept.items()}
        done = _Counted(len(items), len(written), progress)
        texts = [self._text_of(item) for index, item in enumerate(items) if index not in written]
        briefs = BriefsAhead(filter(None, texts))
        with ThreadPoolExecutor(
            self.services.settings.bulk_threads, thread_name_prefix="descriptions"
        ) as pool:
            futures = {
                index: pool.submit(
                    contextvars.copy_context().run, self._one, job_id, index, item, briefs, done
                )
                for index, item in enumerate(items)
                if index not in written
            }
        outcomes = written | {index: future.result() for index, future in futures.items()}
        passing = [o for o in outcomes.values() if isinstance(o, SidecarError) and _passes(o)]
        if passing and tries < self.services.settings.job_attempts:
            raise passing[0]
        return {
            "results": [_named(item) | _told(outcomes[index]) for index, item in enumerate(items)]
        }

    def _one(
        self,
        job_id: str,
        index: int,
        item: dict[str, Any],
        briefs: BriefsAhead,
        done: "_Counted",
    ) -> dict[str, Any] | SidecarError:
        """The item's result, kept; or what failed."""
        try:
            result = self.crew().generate_description(item, read=briefs.read)
        except SidecarError as error:
            log.warning("description.failed", id=item.get("product_id"), code=error.code)
            return error
        except Exception:  # one product must not cost the others their texts
            log.exception("description.crashed", id=item.get("product_id"))
            return SidecarError()
        if job_id:
            self._keep(job_id, index, result)
        done.one_more()
        return result

    def _text_of(self, item: dict[str, Any]) -> tuple[int, str] | None:
        """Product and language of an item; None where the crew will refuse it."""
        product_id, language = item.get("product_id"), item.get("language")
        if type(product_id) is not int or not 0 < product_id < _LARGEST_ID:
            return None
        if language is not None and not isinstance(language, str):
            return None
        return product_id, language or self.tenant.language

    def _kept(self, job_id: str) -> tuple[dict[str, str], int]:
        """What earlier tries of the job have written, and the number of this one."""
        if not job_id:
            return {}, self.services.settings.job_attempts
        key = keys.job_items(self.tenant.account_id, job_id)
        with self.services.store.pipeline() as pipe:
            pipe.hincrby(key, _TRIES, 1)
            pipe.expire(key, self._days())
            pipe.hgetall(key)
            tries, _set, kept = pipe.execute()
        kept.pop(_TRIES)
        return kept, tries

    def _keep(self, job_id: str, index: int, result: dict[str, Any]) -> None:
        key = keys.job_items(self.tenant.account_id, job_id)
        with self.services.store.pipeline() as pipe:
            pipe.hsetnx(key, str(index), json.dumps(result))  # the first was paid for
            pipe.expire(key, self._days())
            pipe.execute()

    def _days(self) -> int:
        return self.services.settings.job_days * 86400


class _Counted:
    """Tells how many items have their text; safe to share between threads."""

    def __init__(self, total: int, done: int, progress: Progress | None):
        self.total, self.done, self.progress = total, done, progress
        self._lock = threading.Lock()
        self._tell()

    def one_more(self) -> None:
        with self._lock:
            self.done += 1
            self._tell()

    def _tell(self) -> None:
        if self.progress is not None:
            self.progress(self.done, self.total)


def _items_of(params: dict[str, Any]) -> list[dict[str, Any]]:
    items = params.get("items")
    if (
        set(params) != {"items"}
        or not isinstance(items, list)
        or not 0 < len(items) <= MOST_ITEMS
        or not all(isinstance(item, dict) for item in items)
    ):
        raise Unprocessable(
            f'generate_descriptions needs params.items: 1 to {MOST_ITEMS} of {{"product_id",'
            ' "language", "parts"}.'
        )
    return items


def _named(item: dict[str, Any]) -> dict[str, Any]:
    return {"product_id": item.get("product_id"), "language": item.get("language")}


def _told(outcome: dict[str, Any] | SidecarError) -> dict[str, Any]:
    if isinstance(outcome, SidecarError):
        return {"error": {"code": outcome.code, "message": outcome.message}}
    return {"language": outcome["language"], "result": outcome}


def _passes(error: SidecarError) -> bool:
    """Whether trying again may help; 4xx is an answer."""
    return error.status >= 500 or error.status == 429
