"""Who may do what at the playground: tokens, other sites, other addresses, failures on demand."""

import pytest
import requests

from sidecar.errors import BadRequest, NotConfigured
from sidecar.playground import create_app
from sidecar.settings import Settings
from tests.doubles.playground import ADMIN_TOKEN, HookReceiver, RunningPlayground

START = {"inbox_id": 1, "name": "Ana", "phone": "+5511987654321", "content": "Oi"}


@pytest.fixture
def playground(tmp_path):
    with RunningPlayground(tmp_path / "p") as running:
        yield running


@pytest.fixture
def bot(playground):
    with HookReceiver() as hook:
        made = playground.enroll_bot(hook.url)
        playground.act("POST", "conversations", START)
        yield made


def post(playground, path, headers=None, **kw):
    url = playground.url + path
    return requests.post(url, headers=headers, timeout=10, **kw)


@pytest.mark.parametrize("bind", ["0.0.0.0", "192.168.0.9", "::", "example.com"])
def test_only_loopback_is_served(tmp_path, bind):
    with pytest.raises(BadRequest):
        create_app(
            Settings(_env_file=None, bind=bind, playground_dir=tmp_path, playground_admin_token="t")
        )


def test_no_administrators_token_no_playground(tmp_path):
    settings = Settings(_env_file=None, playground_dir=tmp_path, playground_admin_token="")
    with pytest.raises(NotConfigured):
        create_app(settings)


def test_the_state_file_is_private(playground, tmp_path):
    assert (tmp_path / "p" / "playground.db").stat().st_mode & 0o077 == 0


def test_two_shops_are_there_from_the_start(playground):
    shops = playground.act("GET", "shops")
    assert [(s["id"], s["name"], s["inboxes"][0]["id"]) for s in shops] == [
        (1, "Casa Ipê Móveis", 1),
        (2, "Luma Cosmetics", 2),
    ]
    assert [s["inboxes"][0]["name"] for s in shops] == ["WhatsApp", "Website"]
    assert requests.get(f"{playground.url}/playground/api/health", timeout=5).ok


def test_both_spellings_of_the_token_header_work(playground):
    url = f"{playground.url}/api/v1/accounts/1/agent_bots"
    for name in ("api_access_token", "api-access-token"):
        assert requests.get(url, headers={name: ADMIN_TOKEN}, timeout=5).status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", "ação"])
def test_a_wrong_token_is_refused(playground, token):
    answer = requests.get(
        f"{playground.url}/api/v1/accounts/1/agent_bots",
        headers={"api_access_token": token.encode()},
        timeout=5,
    )
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid Access Token"})


def test_a_bot_may_only_do_what_chatwoot_lets_bots_do(playground, bot):
    token = bot["access_token"]
    refused = {"error": "Access to this endpoint is not authorized for bots"}
    for path in ("1/conversations", "1/conversations/1/messages", "1/agent_bots", "1/teams"):
        answer = playground.api("GET", path, token=token)
        assert (answer.status_code, answer.json()) == (401, refused)
    elsewhere = playground.api("GET", "2/conversations/1", token=token)
    assert elsewhere.json() == {"error": "Bot is not authorized to access this account"}


def test_an_agent_is_no_administrator_and_stays_in_the_account(playground):
    token = playground.agent_token(1)
    words = {"error": "You are not authorized to do this action"}
    for path in ("1/agent_bots", "2/conversations"):
        answer = playground.api("GET", path, token=token)
        assert (answer.status_code, answer.json()) == (401, words)


def test_tokens_of_agents_are_for_the_administrator(playground):
    url = f"{playground.url}/playground/api/agents"
    assert requests.get(url, timeout=5).status_code == 401
    assert len({playground.agent_token(1), playground.agent_token(2)}) == 2


def test_secrets_are_the_servers_own(playground):
    wanted = {"name": "B", "outgoing_url": "", "secret": "mine", "access_token": "mine"}
    made = playground.api("POST", "1/agent_bots", wanted).json()
    assert "mine" not in (made["secret"], made["access_token"])
    again = playground.api("POST", f"1/agent_bots/{made['id']}/reset_secret").json()
    assert again["secret"] != made["secret"]


def test_other_sites_cannot_write(playground):
    path = "/playground/api/conversations"
    foreign = {"Origin": "https://evil.example"}
    assert post(playground, path, json=START, headers=foreign).status_code == 403
    crossed = {"Sec-Fetch-Site": "cross-site"}
    assert post(playground, path, json=START, headers=crossed).status_code == 403
    assert post(playground, path, data=START).status_code == 415
    plain = {"Content-Type": "text/plain"}
    assert post(playground, path, data="{}", headers=plain).status_code == 415
    url = f"{playground.url}/playground/api/failures"
    assert requests.delete(url, headers=foreign, timeout=5).status_code == 403
    own = {"Origin": playground.url}
    assert post(playground, path, json=START, headers=own).status_code == 201


def test_a_name_that_was_rebound_to_loopback_is_refused(playground):
    answer = requests.get(playground.url, headers={"Host": "evil.example"}, timeout=5)
    assert answer.status_code == 403


def test_the_page_brings_its_own_strict_policy(playground):
    answer = requests.get(playground.url, timeout=5)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_a_body_without_end_is_refused(playground):
    big = post(playground, "/playground/api/conversations", json={"name": "x" * 1_100_000})
    assert big.status_code == 413


def test_429_is_plain_text_as_the_rate_limiter_writes_it(playground, bot):
    playground.act("POST", "failures", {"posts": {"count": 1, "mode": "refuse", "status": 429}})
    answer = playground.api(
        "POST", "1/conversations/1/messages", {"content": "a"}, bot["access_token"]
    )
    assert answer.status_code == 429
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert playground.act("GET", "failures")["posts"]["count"] == 0


def test_the_201st_message_of_a_minute_is_too_many(playground, bot):
    desk = playground.app.extensions["playground"]
    conversation = desk.find(1, 1)
    with desk.happening():
        for _ in range(199):
            desk.add_message(conversation, 1, "x", sender=("AgentBot", bot["id"]))
    answer = playground.api(
        "POST", "1/conversations/1/messages", {"content": "a"}, bot["access_token"]
    )
    words = {"error": "Validation failed: Too many messages"}
    assert (answer.status_code, answer.json()) == (422, words)


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "11987654321"},
        {"phone": None},
        {"phone": 5},
        {"name": " "},
        {"name": None},
        {"inbox_id": "1"},
        {"inbox_id": 99},
    ],
)
def test_a_customer_needs_a_name_an_inbox_and_a_phone(playground, change):
    answer = post(playground, "/playground/api/conversations", json=START | change)
    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["message"]


def test_new_shops_and_inboxes_can_be_made_by_the_administrator(playground):
    token = {"api_access_token": ADMIN_TOKEN}
    body = {"name": "Terceira", "locale": "pt_BR", "agent": "Rui Paz"}
    assert post(playground, "/playground/api/accounts", json=body).status_code == 401
    made = post(playground, "/playground/api/accounts", json=body, headers=token).json()["data"]
    inbox = {"account_id": made["id"], "name": "Loja", "channel": "Channel::Whatsapp"}
    made = post(playground, "/playground/api/inboxes", json=inbox, headers=token).json()["data"]
    state = playground.act("POST", "conversations", START | {"inbox_id": made["id"]})
    assert (state["account_id"], state["display_id"], state["status"]) == (3, 1, "open")


def test_a_customer_comes_back_to_the_open_conversation(playground):
    first = playground.act("POST", "conversations", START)
    again = playground.act("POST", "conversations", START)
    assert again["display_id"] == first["display_id"]
    playground.act("POST", "conversations/1/1/actions", {"action": "resolve"})
    assert playground.act("POST", "conversations", START)["display_id"] == 2


def test_polling_tells_when_nothing_changed(playground):
    state = playground.act("POST", "conversations", START)
    path = f"conversations/1/1?version={state['version']}"
    assert playground.act("GET", path) == {"unchanged": True}
    playground.act("POST", "conversations/1/1/messages", {"content": "mais"})
    assert [m["content"] for m in playground.act("GET", path)["messages"]] == ["Oi", "mais"]
