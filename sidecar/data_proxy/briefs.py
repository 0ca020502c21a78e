"""What the writer of product texts may use, read live (docs/studio.md)."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import structlog

from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.methods import call_of
from sidecar.errors import NotOffered, SidecarError
from sidecar.llm.sentences import number, translations

log = structlog.get_logger(__name__)

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


def writing_brief(proxy: DataProxyAgent, product_id: int, language: str) -> dict[str, Any]:
    """The brief of one product; of its plain facts where the ERP has no briefs.

    NotFound or Unprocessable for a product the tenant does not have.
    """
    try:
        return proxy.house.read(call_of("writing_brief", product_id, language), fresh=True).value
    except NotOffered:  # an Odoo without our studio, or another ERP
        pass
    return brief_of(proxy.product(product_id, language), language)


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
