"""What the writer of product texts may use, read live (docs/studio.md)."""

import base64
import binascii
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog

from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.methods import call_of
from sidecar.errors import NotOffered, SidecarError
from sidecar.llm.sentences import number, translations

log = structlog.get_logger(__name__)

_TOGETHER = 10  # briefs of one call: they come with whole documents
_FRESH = 10.0  # seconds that a brief may wait for its text to be begun
_LARGEST = 500_000  # bytes of a picture
_BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n", "image/webp": b"RIFF"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A product's picture, small enough to be shown to a model. data: base64."""

    mimetype: str
    data: str = field(repr=False)

    @property
    def url(self) -> str:
        """As a `data:` URL."""
        return f"data:{self.mimetype};base64,{self.data}"


BriefReader = Callable[[DataProxyAgent, int, str], dict[str, Any]]
"""As `writing_brief`."""


def writing_brief(proxy: DataProxyAgent, product_id: int, language: str) -> dict[str, Any]:
    """The brief of one product; of its plain facts where the ERP has no briefs.

    NotFound or Unprocessable for a product the tenant does not have.
    """
    try:
        (answer,) = _asked(proxy, [product_id], language)
    except NotOffered:  # an Odoo without our studio, or another ERP
        return brief_of(proxy.product(product_id, language), language)
    if isinstance(answer, SidecarError):
        raise answer
    return answer


class BriefsAhead:
    """The briefs of many texts, several read by one call when the first of them is needed.

    What waits longer than `_FRESH` is read again, so a text is always written from what the product
    is now. Safe to share between threads. texts: (product id, language) of each, in the order they
    are written in.
    """

    def __init__(
        self, texts: Iterable[tuple[int, str]], clock: Callable[[], float] = time.monotonic
    ):
        self.clock = clock
        self._next = dict.fromkeys(texts)
        self._held: dict[tuple[int, str], tuple[Any, float]] = {}
        self._alone: set[tuple[int, str]] = set()
        self._lock = threading.Lock()

    def read(self, proxy: DataProxyAgent, product_id: int, language: str) -> dict[str, Any]:
        """As `writing_brief`. Where a call for several fails, each of them is asked by itself."""
        text = (product_id, language)
        with self._lock:
            self._next.pop(text, None)
            answer = self._fresh(text)
            if answer is None and text not in self._alone:
                self._read_ahead(proxy, text)
                answer = self._fresh(text)
        if answer is None:
            return writing_brief(proxy, product_id, language)
        if isinstance(answer, SidecarError):
            raise answer
        return answer

    def _fresh(self, text: tuple[int, str]) -> Any:
        answer, at = self._held.pop(text, (None, 0.0))
        return answer if self.clock() - at <= _FRESH else None

    def _read_ahead(self, proxy: DataProxyAgent, text: tuple[int, str]) -> None:
        language = text[1]
        others = [one for one in self._next if one[1] == language and one not in self._alone]
        together = [text, *others[: _TOGETHER - 1]]
        if len(together) == 1:
            return
        at = self.clock()
        try:
            answers = _asked(proxy, [one for one, _language in together], language)
        except SidecarError as error:
            log.warning("briefs.one_by_one", code=error.code)
            self._alone.update(together)
        else:
            self._held |= {one: (answer, at) for one, answer in zip(together, answers, strict=True)}


def _asked(proxy: DataProxyAgent, product_ids: list[int], language: str) -> list[Any]:
    """The brief of each product, or its SidecarError; NotOffered where there are none."""
    return proxy.house.read(call_of("writing_briefs", product_ids, language), fresh=True).value


def product_picture(proxy: DataProxyAgent, brief: dict[str, Any]) -> Picture | None:
    """The picture of a brief's product; None where it has none, or none that can be shown.

    Raises nothing: a text can be written without it.
    """
    if not brief.get("image"):
        return None
    try:
        told = proxy.house.read(call_of("product_image", brief["product_id"]), fresh=True).value
    except NotOffered:  # an older studio
        return None
    except SidecarError as error:
        log.warning("picture.not_read", code=error.code)
        return None
    return _checked(told) if told else None


def _checked(told: Any) -> Picture | None:
    """What the ERP sent, if it is a picture within the limits."""
    try:
        mimetype, data = told["mimetype"], told["data"]
        begins, content = _BEGINNINGS[mimetype], base64.b64decode(data, validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        log.warning("picture.not_shown", reason="not a picture")
        return None
    if not content.startswith(begins) or len(content) > _LARGEST:
        log.warning("picture.not_shown", reason="of another kind or too large")
        return None
    return Picture(mimetype, data)


def brief_of(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """A brief from a product's facts (`docs/contracts.md`): no voice, nothing asked for."""
    _ = translations(language).gettext
    weight = f"{number(facts['weight'], language)} kg" if facts["weight"] else ""
    told = [
        ("field:name", _("Name"), facts["name"]),
        ("field:description_sale", _("Description"), facts["sale_text"]),
        ("field:weight", _("Weight"), weight),
        ("category", _("Category"), facts["category"]),
        *(
            (f"attribute:{a['name']}", a["name"], ", ".join(a["values"]))
            for a in facts["attributes"]
        ),
        ("tags", _("Tags"), ", ".join(facts["tags"])),
    ]
    return {
        "product_id": facts["id"],
        "language": language,
        "facts": [
            {"source": source, "label": label, "value": value}
            for source, label, value in told
            if value
        ],
        "missing": [],
        "voice": {},
        "glossary": [],
        "siblings": [],
        "image": False,
    }
