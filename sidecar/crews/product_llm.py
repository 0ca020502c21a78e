"""A model that hands in JSON of a given shape: by schema where its API can, else as plain JSON.

A picture joins the messages here, behind CrewAI, which keeps only the text of what is asked.
"""

import weakref
from typing import Any

from pydantic import PrivateAttr

from sidecar.crews.llm import GatewayLLM
from sidecar.data_proxy.briefs import Picture
from sidecar.errors import UpstreamError
from sidecar.llm.gateway import Budget, LlmGateway

# APIs that refused a schema once; a gateway that is made anew is asked anew
_WITHOUT_SCHEMA: "weakref.WeakSet[LlmGateway]" = weakref.WeakSet()


class JsonLLM(GatewayLLM):
    """One per crew run, as GatewayLLM. Its calls may be longer than a message to a customer."""

    _max_tokens: int = PrivateAttr(default=0)
    _picture: Picture | None = PrivateAttr(default=None)

    @classmethod
    def shaped(
        cls,
        gateway: LlmGateway,
        budget: Budget,
        schema: dict[str, Any],
        max_tokens: int,
        picture: Picture | None = None,
    ) -> "JsonLLM":
        """A model for one run. schema: a `response_format` of type `json_schema`.

        picture: shown with the first of the user's messages.
        """
        llm = cls(model=gateway.model)
        llm._gateway, llm._budget = gateway, budget
        llm._response_format, llm._max_tokens, llm._picture = schema, max_tokens, picture
        return llm

    def call(self, messages: Any, tools: Any = None, *_args: Any, **_more: Any) -> Any:
        """The JSON text. Raises sidecar errors."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        if self._picture is not None:
            messages = _with_picture(messages, self._picture)
        if self._gateway not in _WITHOUT_SCHEMA:
            try:
                return self._complete(messages, self._response_format)
            except UpstreamError as error:
                if type(error) is not UpstreamError:
                    raise  # the key was refused: nothing to do with the schema
        text = self._complete(messages, {"type": "json_object"})
        _WITHOUT_SCHEMA.add(self._gateway)
        return text

    def _complete(self, messages: Any, shape: dict[str, Any] | None) -> str:
        message = self._gateway.complete(
            messages, self._budget, None, shape, max_tokens=self._max_tokens
        )
        return message.content or ""


def _with_picture(messages: list[dict[str, Any]], picture: Picture) -> list[dict[str, Any]]:
    first = next(n for n, message in enumerate(messages) if message["role"] == "user")
    # colors and shapes are seen in a few tokens too
    shown = {"type": "image_url", "image_url": {"url": picture.url, "detail": "low"}}
    told = {"type": "text", "text": messages[first]["content"]}
    asked = messages[first] | {"content": [told, shown]}
    return [*messages[:first], asked, *messages[first + 1 :]]
