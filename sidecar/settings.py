"""Every setting of the sidecar: typed, described, and the only reader of the environment.

Sources, later wins: defaults, `<.local>/sidecar.env` (written by `make up`), `./.env`, the
environment. Each variable is `CHATWOOTAI_` + the field's name in upper case. `docs/settings.md`
lists them all; a test fails when one is missing there.
"""

import sys
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_FILES = (Path(sys.prefix).parent / "sidecar.env", Path(".env"))


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="CHATWOOTAI_", env_file=ENV_FILES, extra="ignore", frozen=True
    )

    # -- where things are ---------------------------------------------------------------------
    local_dir: Path = Field(Path(".local"), description="Folder of everything written at run time.")
    config_dir: Path = Field(
        Path(".local/config"), description="Tenants' YAML tree, written by one process."
    )
    bind: str = Field("127.0.0.1", description="Address every server of the sidecar listens on.")
    port_base: int = Field(8000, description="Web listens here; mcp +1, playground +5, vectors +6.")
    public_url: str = Field(
        "", description="URL others reach the web process at; empty = http://<bind>:<port_base>."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe level that is logged."
    )

    # -- stores -------------------------------------------------------------------------------
    state_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:8009/0"), description="Redis that must not lose data (AOF)."
    )
    cache_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:8009/1"), description="Redis whose loss only costs time."
    )
    broker_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:8009/2"),
        description="Dramatiq's broker: redis:// or amqp:// (RabbitMQ).",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Base64 of 32 bytes that encrypts tenants' secrets at rest; a comma-separated"
        " list rotates: the first encrypts, all decrypt.",
    )
    environment: Literal["production", "development"] = Field(
        "production", description="`development` accepts plain-text values in credentials.yaml."
    )
    signing_overlap: int = Field(
        86_400, ge=0, description="Seconds a former signing key is accepted after the new one held."
    )
    qdrant_url: str = Field(
        "", description="Qdrant server; empty = the embedded `sidecar vectors` at port_base + 6."
    )
    qdrant_api_key: SecretStr = Field(SecretStr(""), description="Key for Qdrant or for vectors.")
    vectors_dir: Path = Field(
        Path(".local/data/vectors"), description="Folder of `sidecar vectors`."
    )

    # -- models -------------------------------------------------------------------------------
    llm_base_url: str = Field("", description="OpenAI-compatible API; empty = api.openai.com.")
    llm_api_key: SecretStr = Field(
        SecretStr(""), description="Key of that API; empty = work without an LLM (extractive)."
    )
    chat_model: str = Field("gpt-4o-mini", description="Chat completion model.")
    fallback_chat_model: str = Field(
        "", description="Model of the same API that answers where the chat model fails."
    )
    embedding_model: str = Field("text-embedding-3-small", description="Embedding model.")
    embedding_base_url: str = Field("", description="API of embeddings; empty = llm_base_url.")
    embedding_api_key: SecretStr = Field(
        SecretStr(""), description="Key of that API; empty = llm_api_key."
    )
    local_embeddings: bool = Field(
        True, description="Without an API, use the packaged English model for English tenants."
    )
    sparse_model: Literal["bm25", "bm42"] = Field(
        "bm25",
        description="How words are weighed: by their counts, or by the local model's attention"
        " (bm42, English tenants).",
    )
    llm_timeout: float = Field(30.0, description="Seconds one LLM call may take.")
    llm_max_output_tokens: int = Field(1200, description="Tokens one LLM answer may have.")
    turn_timeout: float = Field(60.0, description="Seconds one crew run may take, calls included.")
    turn_max_llm_calls: int = Field(6, description="LLM calls one crew run may make.")
    turn_max_tokens: int = Field(
        60_000, ge=1000, description="Tokens, read and written, after which a run asks no more."
    )
    turn_max_tool_calls: int = Field(8, ge=0, description="Tools one crew run may call.")
    prefetch_timeout: float = Field(
        8.0, gt=0, description="Seconds the reads before an answer may take together."
    )
    llm_prices: str = Field(
        "",
        description="File of model prices; empty = the sidecar's own (`sidecar/llm/prices.yaml`).",
    )
    description_max_tokens: int = Field(
        2500, description="Tokens one answer with a product's texts may have."
    )
    bulk_threads: int = Field(
        4, ge=1, le=20, description="Descriptions of one bulk job that are written at once."
    )

    # -- web ----------------------------------------------------------------------------------
    web_workers: int = Field(2, description="gunicorn worker processes.")
    web_threads: int = Field(8, description="Threads per gunicorn worker.")
    max_body_bytes: int = Field(1_048_576, description="Largest accepted request body.")
    webhook_skew: int = Field(300, description="Seconds a signature's timestamp may be off.")
    nonce_ttl: int = Field(900, ge=600, description="Seconds a nonce is remembered; at least 600.")
    trusted_proxies: str = Field(
        "",
        description="Comma-separated addresses or networks of proxies whose X-Forwarded-For is"
        " believed; empty = the peer's own address stands in the audit.",
    )

    # -- work ---------------------------------------------------------------------------------
    worker_processes: int = Field(2, description="Dramatiq worker processes.")
    worker_threads: int = Field(
        16, description="Threads per worker process: a turn mostly waits for its model."
    )
    debounce: float = Field(3.0, description="Seconds to wait for the customer's next message.")
    debounce_cap: float = Field(
        15.0, description="Seconds a burst can postpone the answer at most."
    )
    lease_ttl: float = Field(15.0, description="Seconds a worker's lease lives without renewal.")
    sweep_interval: float = Field(1.0, description="Seconds between two sweeps of due work.")
    turn_attempts: int = Field(5, description="Failed tries of a turn before it is handed off.")
    job_attempts: int = Field(3, description="Failed tries of a job before it is reported failed.")
    retry_backoff: float = Field(2.0, description="Seconds before the first retry; doubles.")
    history_days: int = Field(30, description="Days a conversation's history is kept.")
    history_messages: int = Field(20, description="Most recent messages given to a crew.")
    history_tokens: int = Field(
        1500, description="Tokens of history a crew is given; older messages are summarized."
    )
    history_summaries: bool = Field(
        True, description="A model summarizes what no longer fits, after the answer is posted."
    )
    reconcile_interval: float = Field(
        300.0, description="Seconds between two looks into Chatwoot for messages that were missed."
    )
    reconcile_hours: float = Field(
        24.0, description="Hours a missed message is still answered; older ones are people's."
    )
    attachment_max_bytes: int = Field(
        5_242_880, description="Largest file of a customer's that is fetched."
    )
    transcript_wait: float = Field(
        8.0, description="Seconds a voice message waits for Chatwoot's transcript."
    )
    vision: bool = Field(
        False,
        description="The chat model sees: pictures of customers and products are shown to it.",
    )
    job_days: int = Field(7, description="Days a finished job's state answers repeats.")

    # -- tools --------------------------------------------------------------------------------
    tool_rows: int = Field(20, ge=1, description="Entries a list in a tool's answer may have.")
    tool_characters: int = Field(
        6000, ge=500, description="Characters of JSON a tool's answer may have, roughly."
    )
    person_ttl: int = Field(
        3600, ge=60, description="Seconds a conversation's proven customer is remembered."
    )

    # -- MCP clients --------------------------------------------------------------------------
    mcp_workers: int = Field(1, ge=1, description="Processes of `sidecar mcp`.")
    mcp_threads: int = Field(8, ge=1, description="Tools that one of them runs at once.")
    mcp_rate: int = Field(
        300, ge=1, description="Requests a minute that one MCP client's key may make."
    )
    mcp_hosts: str = Field(
        "",
        description="Comma-separated names, beside loopback and those of `bind` and `public_url`,"
        " that MCP clients may call the server by.",
    )
    mcp_origins: str = Field(
        "",
        description="Comma-separated origins (https://app.example.com) whose pages may be MCP"
        " clients; empty = none, programs only.",
    )

    # -- ERPs that send their data --------------------------------------------------------------
    push_rate: int = Field(
        120, ge=1, description="Requests a minute that one key of an ERP may make."
    )
    push_body_bytes: int = Field(
        5_242_880, ge=1024, description="Largest body that an ERP may send, also unpacked."
    )
    push_at_once: int = Field(
        1,
        ge=1,
        description="Requests of ERPs that one web process reads at once; others are told to come"
        " back.",
    )
    push_rows: int = Field(1000, ge=1, description="Records that one request may have.")
    push_row_bytes: int = Field(65_536, ge=256, description="Largest record, as JSON.")
    push_records: int = Field(
        200_000,
        ge=1,
        description="Records of one kind that are kept of a tenant, removed included.",
    )

    # -- outside ------------------------------------------------------------------------------
    http_timeout: float = Field(10.0, description="Seconds a call to Odoo or Chatwoot may take.")
    odoo_transport: Literal["xmlrpc", "json2"] = Field(
        "xmlrpc", description="Protocol spoken to Odoo; a tenant's ERP may name its own."
    )
    breaker_failures: int = Field(
        5,
        ge=1,
        description="Calls in a row an Odoo or a model leaves unanswered until it is left alone.",
    )
    breaker_pause: float = Field(
        5.0, gt=0, description="Seconds it is left alone before one call tries again."
    )
    allow_private_urls: str = Field(
        "127.0.0.1,localhost,::1",
        description="Comma-separated hosts that tenant-set URLs may reach although private.",
    )
    playground_admin_token: SecretStr = Field(
        SecretStr(""), description="Administrator's API token of the playground."
    )
    playground_dir: Path = Field(
        Path(".local/data/playground"), description="Folder of the playground's state."
    )

    def private_hosts(self) -> frozenset[str]:
        """Hosts and addresses that tenant-set URLs may reach although they are private."""
        named = (host.strip().lower() for host in self.allow_private_urls.split(","))
        return frozenset(filter(None, named))

    def url_of_web(self) -> str:
        """Base URL of the web process, without a trailing slash."""
        return (self.public_url or f"http://{self.bind}:{self.port_base}").rstrip("/")

    def url_of_mcp(self) -> str:
        """Address MCP clients on this machine are given."""
        return f"http://{self.bind}:{self.port_base + 1}/mcp"

    def url_of_vectors(self) -> str:
        """Base URL of Qdrant: the configured server, or the embedded one."""
        return (self.qdrant_url or f"http://{self.bind}:{self.port_base + 6}").rstrip("/")

    def url_of_playground(self) -> str:
        """Base URL of the playground."""
        return f"http://{self.bind}:{self.port_base + 5}"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
