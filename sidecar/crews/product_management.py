"""The product-management crew: writes descriptions, keeps the search index true."""

import json
import re
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from sidecar.crews import prompt
from sidecar.crews.definition import CrewDefinition
from sidecar.crews.llm import ExtractiveLLM, GatewayLLM
from sidecar.crews.quiet import Agent, BaseLLM, silence
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.evidence import unsupported_figures
from sidecar.errors import SidecarError, Unprocessable
from sidecar.llm import extractive
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant

log = structlog.get_logger(__name__)

_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")


class DescriptionParams(BaseModel):
    """Parameters of `generate_description`."""

    model_config = ConfigDict(extra="forbid")

    product_id: int
    language: str | None = None


class Texts(BaseModel):
    """What the writer hands in."""

    short_description: str
    description: str
    key_features: list[str] = []
    use_cases: list[str] = []
    tags: list[str] = []


@dataclass(frozen=True, slots=True)
class ProductManagementCrew:
    """Works on one tenant's products. `gateway` is None where no LLM is configured."""

    definition: CrewDefinition
    tenant: Tenant
    proxy: DataProxyAgent
    gateway: LlmGateway | None
    settings: Settings

    def generate_description(self, params: dict[str, Any]) -> dict[str, Any]:
        """The result of `generate_description` (`docs/contracts.md`).

        Unprocessable for wrong parameters, NotFound for a product the tenant does not have. An
        LLM that fails, or writes figures the product does not have, is replaced by the
        extractive writer; the result's `writer` says so.
        """
        try:
            wanted = DescriptionParams.model_validate(params)
        except ValidationError:
            raise Unprocessable("generate_description needs params.product_id.") from None
        language = wanted.language or self.tenant.language
        facts = self.proxy.product(wanted.product_id, language)
        loaded = prompt.load("product_description", language.split("_")[0])
        budget = Budget.for_run(self.settings)
        texts, writer = None, "llm"
        if self.gateway is not None:
            texts = self._by_model(self.gateway, budget, facts, language, loaded)
        if texts is None:
            writer = "extractive"
            texts = self._extractive(facts, language)
        return {
            "product_id": wanted.product_id,
            "language": language,
            **texts.model_dump(),
            "writer": writer,
            "model": self.gateway.model if self.gateway and writer == "llm" else "",
            "prompt_version": loaded.version,
            "input_tokens": budget.input_tokens,
            "output_tokens": budget.output_tokens,
        }

    def _by_model(
        self,
        gateway: LlmGateway,
        budget: Budget,
        facts: dict[str, Any],
        language: str,
        loaded: prompt.Prompt,
    ) -> Texts | None:
        told = {
            key: facts[key]
            for key in ("name", "category", "default_code", "sale_text", "attributes", "tags")
        }
        told["weight_kg"] = facts["weight"] or None
        instructions = loaded.fill(
            shop=self.tenant.name,
            backstory=self.definition.first.backstory,
            language=language,
            facts=json.dumps(told, ensure_ascii=False, indent=1),
        )
        llm = GatewayLLM.of(gateway, budget, {"type": "json_object"})
        try:
            texts = _read_texts(self._run(llm, instructions, facts["name"]))
        except SidecarError as error:
            log.warning("llm.failed", account=self.tenant.account_id, code=error.code)
            return None
        if texts is None or unsupported_figures(
            json.dumps(texts.model_dump(), ensure_ascii=False), self.proxy.evidence, []
        ):
            log.warning("description.refused", account=self.tenant.account_id, id=facts["id"])
            return None
        return texts

    def _extractive(self, facts: dict[str, Any], language: str) -> Texts:
        llm = ExtractiveLLM.of(
            lambda: json.dumps(extractive.description(facts, language), ensure_ascii=False)
        )
        return Texts.model_validate_json(self._run(llm, "extractive writer", facts["name"]))

    def _run(self, llm: BaseLLM, instructions: str, product: str) -> str:
        silence()
        told = self.definition.first
        agent = Agent(
            role=told.role,
            goal=told.goal,
            backstory=instructions,
            llm=llm,
            verbose=False,
            max_retry_limit=0,
            max_iter=2,
        )
        return str(agent.kickoff(product).raw)


def _read_texts(answer: str) -> Texts | None:
    try:
        return Texts.model_validate_json(_FENCE.sub("", answer.strip()))
    except ValidationError:
        return None
