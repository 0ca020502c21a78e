"""The OpenAI double, asked by OpenAI's own client."""

import json

import openai
import pytest

from tests.doubles.openai_api import OpenAIDouble, embed

ASK = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Olá, tudo bem?"}]}


@pytest.fixture
def double():
    with OpenAIDouble() as running:
        yield running


@pytest.fixture
def client(double):
    with openai.OpenAI(base_url=double.url, api_key="test-key", max_retries=0, timeout=2.0) as it:
        yield it


def test_without_facts_it_repeats_the_message_and_counts_tokens(client):
    answer = client.chat.completions.create(**ASK)
    assert answer.choices[0].message.content == "Olá, tudo bem?"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens == 8
    assert answer.usage.total_tokens == 8 + answer.usage.completion_tokens


def test_it_answers_from_the_facts_of_the_prompt(client):
    prompt = "Rules.\n\nFACTS (read now):\n- Mesa Ipê: R$ 900\n- Sofá Jacarandá: R$ 2.790"
    messages = [
        {"role": "system", "content": prompt},
        {"role": "user", "content": "quanto custa o sofá?"},
    ]
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=messages)
    assert answer.choices[0].message.content.startswith("Sofá Jacarandá: R$ 2.790")


def test_a_description_is_composed_of_the_products_facts(client):
    facts = {
        "facts": [
            {"label": "Nome", "value": "Sofá <3"},
            {"label": "Descrição", "value": "Largo & macio, para a sala"},
            {"label": "Cor", "value": "Azul, Cinza"},
        ]
    }
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": f"FATOS:\n{json.dumps(facts, indent=1)}"}],
        response_format={"type": "json_object"},
    )
    texts = json.loads(answer.choices[0].message.content)
    assert texts["description"] == "<p>Largo &amp; macio, para a sala</p>"
    assert "Cor: Azul, Cinza" in texts["key_features"]


def test_a_scripted_tool_call_then_a_scripted_text(client, double):
    call = {"name": "search", "arguments": {"q": "sofá"}}
    double.script({"tool_calls": [call]}, "pronto")
    tool = {"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}
    first = client.chat.completions.create(**ASK, tools=[tool]).choices[0]
    assert first.finish_reason == "tool_calls"
    assert json.loads(first.message.tool_calls[0].function.arguments) == {"q": "sofá"}
    assert client.chat.completions.create(**ASK).choices[0].message.content == "pronto"


@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_embeddings_are_the_same_in_every_encoding(client, encoding):
    more = {"encoding_format": encoding} if encoding else {}
    answer = client.embeddings.create(
        model="text-embedding-3-small", input=["sofá azul", "mesa"], dimensions=64, **more
    )
    vector = answer.data[0].embedding
    if encoding == "base64":
        assert isinstance(vector, str)
        return
    assert vector == pytest.approx(embed("sofá azul", 64), abs=1e-6)
    assert len(answer.data) == 2


def test_alike_texts_are_near_and_the_default_size_is_the_models(client):
    def vector(text):
        answer = client.embeddings.create(model="text-embedding-3-small", input=text)
        return answer.data[0].embedding

    sofa, sofas, lamp = vector("sofá azul"), vector("sofás azuis"), vector("luminária")
    assert len(sofa) == 1536

    def near(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))

    assert near(sofa, sofa) == pytest.approx(1.0, abs=1e-5)
    assert near(sofa, sofas) > near(sofa, lamp) + 0.2


def test_an_empty_text_is_refused_as_openai_does(client):
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="text-embedding-3-small", input="")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, openai.AuthenticationError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
    ],
)
def test_failures_on_demand_pass(client, double, status, error):
    double.fail(status)
    with pytest.raises(error):
        client.chat.completions.create(**ASK)
    assert client.chat.completions.create(**ASK).choices


def test_failures_of_one_path_leave_the_others_alone(client, double):
    double.fail(500, path="/embeddings")
    assert client.chat.completions.create(**ASK).choices
    with pytest.raises(openai.InternalServerError):
        client.embeddings.create(model="text-embedding-3-small", input="a")


def test_silence_is_a_timeout(client, double):
    double.fail(0, seconds=0.6)
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.2).chat.completions.create(**ASK)
    double.fail(0)
    with pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(**ASK)


def test_a_wrong_key_is_refused(double):
    with (
        openai.OpenAI(base_url=double.url, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.models.list()


def test_requests_are_logged_and_control_works_over_http(client, double):
    control = double.url.removesuffix("/v1") + "/double"
    http = client._client
    assert http.post(f"{control}/script", json={"responses": ["um"]}).json() == {"queued": 1}
    assert http.post(f"{control}/fail", json={"status": 429, "count": 2}).json() == {"queued": 2}
    assert http.post(f"{control}/reset", json={}).status_code == 200
    client.chat.completions.create(**ASK)
    log = http.get(f"{control}/requests").json()
    assert [entry["path"] for entry in log] == ["/v1/chat/completions"]
    assert log[0]["body"]["model"] == "gpt-4o-mini"
