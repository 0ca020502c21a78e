"""The product-management crew: writes the texts of products from their briefs (docs/studio.md)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.claims.orders import without_orders
from sidecar.crews.definition import CrewDefinition
from sidecar.crews.llm import ExtractiveLLM
from sidecar.crews.product_texts import PARTS
from sidecar.crews.product_writer import ProductWriter, Written
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.briefs import BriefReader, product_picture, writing_brief
from sidecar.errors import Unprocessable
from sidecar.llm.descriptions import describe
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.llm.prices import cost_of
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Told how many of how many steps are done: read, written, checked."""

_STEPS = 3
Part = Literal[
    "short_description",
    "description",
    "key_features",
    "use_cases",
    "tags",
    "seo_title",
    "meta_description",
    "image_alt",
]


class DescriptionParams(BaseModel):
    """Parameters of `generate_description`."""

    model_config = ConfigDict(extra="forbid")

    product_id: int = Field(gt=0, lt=2**31)
    language: str | None = Field(None, pattern=r"^[a-z]{2,3}(_[A-Za-z0-9]{2,8})?(@[a-z]+)?$")
    parts: list[Part] | None = Field(None, min_length=1)


@dataclass(frozen=True, slots=True)
class ProductManagementCrew:
    """Works on one tenant's products. `gateway` is None where no LLM is configured."""

    definition: CrewDefinition
    tenant: Tenant
    proxy: DataProxyAgent
    gateway: LlmGateway | None
    settings: Settings

    def generate_description(
        self,
        params: dict[str, Any],
        progress: Progress | None = None,
        read: BriefReader = writing_brief,
    ) -> dict[str, Any]:
        """The result of `generate_description` (docs/studio.md).

        Unprocessable for wrong parameters, NotFound or Unprocessable for a product the tenant does
        not have. A model that fails is replaced by the extractive writer; `writer` says so. What a
        model claims without a fact is handed in, marked.
        """
        try:
            wanted = DescriptionParams.model_validate(params)
        except ValidationError:
            raise Unprocessable(
                "generate_description needs params.product_id; params.language is a language code,"
                f" params.parts names some of {', '.join(PARTS)}."
            ) from None

        def tell(done: int) -> None:
            if progress is not None:
                progress(done, _STEPS)

        tell(0)
        language = wanted.language or self.tenant.language
        brief = without_orders(read(self.proxy, wanted.product_id, language))
        tell(1)
        return self._written(wanted, language, brief, lambda: tell(2))

    def _written(
        self,
        wanted: DescriptionParams,
        language: str,
        brief: dict[str, Any],
        step: Callable[[], None],
    ) -> dict[str, Any]:
        writer = ProductWriter(
            self.definition.first,
            self.tenant.name,
            language,
            tuple(part for part in PARTS if wanted.parts is None or part in wanted.parts),
            self.settings.description_max_tokens,
        )
        if self.gateway is not None and self.settings.vision:
            writer = replace(writer, picture=product_picture(self.proxy, brief))
        budget = Budget.for_run(self.settings)
        written, by = None, "llm"
        if self.gateway is not None:
            written = writer.by_model(self.gateway, budget, brief, step)
        if written is None:
            by = "extractive"
            written = self._extractive(replace(writer, picture=None), brief)
        model = self.gateway.model if self.gateway else ""
        cost = cost_of(self.settings, model, budget.input_tokens, budget.output_tokens)
        return {
            "product_id": wanted.product_id,
            "language": language,
            **written.texts,
            "claims": [claim.as_dict() for claim in written.claims],
            "missing": brief["missing"],
            "writer": by,
            "model": model if by == "llm" else "",
            "prompt_version": written.version if by == "llm" else "",
            "input_tokens": budget.input_tokens,
            "output_tokens": budget.output_tokens,
            "cost": cost.amount,
            "currency": cost.currency,
        }

    def _extractive(self, writer: ProductWriter, brief: dict[str, Any]) -> Written:
        llm = ExtractiveLLM.of(
            lambda: json.dumps(describe(brief, self.tenant.name), ensure_ascii=False)
        )
        told = json.loads(writer.run(llm, "extractive writer", [{"role": "user", "content": "–"}]))
        return writer.judged({part: told[part] for part in writer.parts}, brief)
