"""Every Redis key the sidecar writes, in one place.

Per tenant (`{account}:…`):

| key | type | life | holds |
|---|---|---|---|
| `{a}:config` | string | rebuilt from YAML | the published tenant document, JSON |
| `{a}:published` | string | rebuilt from YAML | doors, inboxes, prefix published, JSON |
| `{prefix}:crew:{crew}` | string | the tenant's `ttl` | a crew's definition, JSON |
| `{prefix}:index` | counter | forever | (cache) version of the tenant's search index |
| `{prefix}:search:{sha256}` | string | 5 minutes | (cache) answer of a search, JSON |
| `{prefix}:stock` | string | a minute | (cache) share of indexed products in stock |
| `{prefix}:chosen` | zset | 90 days after the last | (cache) what people chose after a question |
| `{prefix}:chooser:{hash}` | counter | a day | (cache) how much a person chose |
| `{prefix}:told:{sha256}` | string | 90 days | (cache) search text a model wrote of a product |
| `{a}:inbox:{conversation}` | string | 1 day | inbox of a conversation, as Chatwoot said |
| `{a}:binding` | string | until unbound | uuid of the control database that enrolled the account |
| `{a}:secrets` | hash | until replaced | ref → ciphertext |
| `{a}:signing` | hash | until enrolled anew | signing keys, ciphertext: current, pending, former |
| `{a}:epoch` | counter | forever | raised by pushes and revocations: ends what was leased |
| `{a}:trail` | zset | until Odoo has it | rows for Odoo's audit, by when they may be sent |
| `{a}:trail:rows` | hash | until Odoo has it | those rows, JSON, and how often each happened |
| `{a}:trail:fold:{hash}` | string | a minute | row that equal refusals are added to |
| `{a}:nonce:{n}` | string | `nonce_ttl` | a nonce that was used |
| `{a}:seen:{hash}` | string | 3 days | a webhook event that was stored |
| `{a}:mbx:{conversation}` | list | until answered | messages not yet answered, JSON |
| `{a}:changed:{conversation}:{message}` | string | 5 minutes | a change that came first, JSON |
| `{a}:turn:{conversation}` | hash | `history_days` | ledger of the conversation's last turn |
| `{a}:talk:{conversation}` | hash | `history_days` | crew, menu, greeting, failures, shown |
| `{a}:silence:{conversation}` | hash | a year | a person took over, and when that ended |
| `{a}:summary:{conversation}` | string | `history_days` | what was said before the history begins |
| `{a}:contact:{channel}-{contact}` | set | a year | conversations of a contact |
| `{a}:forgotten:{conversation}` | string | a year | when its contact was erased, and ids around |
| `{a}:erasing:{channel}-{contact}` | hash | until its receipt | what an erasure removed so far |
| `{a}:trace:{uuid}` | string | 14 days | trace of a turn, JSON |
| `{a}:traces` | zset | until Odoo has it | traces to bring to Odoo, by time |
| `{a}:hist:{conversation}` | list | `history_days` | messages said, JSON |
| `{a}:person:{conversation}` | string | `person_ttl` | whom a conversation has proven to be, JSON |
| `{a}:customers:{conversation}` | set | a year | customers of an ERP that sends whom it proved |
| `{a}:code:{conversation}` | hash | 10 minutes | HMAC of a one-time code, its address, its tries |
| `{a}:codes:{hash}` | counter | an hour | one-time codes asked for (conversation, address, key) |
| `{a}:confirm:{scope}` | hash | 10 minutes | a preview waiting for a yes (conversation or token) |
| `{a}:mcp:{key}:{minute}` | counter | 2 minutes | requests of an MCP client's key |
| `{a}:job:{uuid}` | hash | `job_days` after it ended | envelope, state, progress, result |
| `{a}:job:{uuid}:items` | hash | until the job ended | texts a bulk job has written, its tries |
| `{a}:alerts` | list | newest 100 | what an operator must look at |
| `{a}:erp:{kind}:{part}` | several | until forgotten | what an ERP has sent (below) |
| `{a}:erp:keys` | hash | until revoked | keys of an ERP that sends: hash, scopes, end, JSON |
| `{a}:erp:sent:{key}:{minute}` | counter | 2 minutes | requests of such a key |
| `{a}:erp:once:{sha256}` | string | a day | the answer to an Idempotency-Key, JSON |
| `{a}:erp:called:{minute}` | counter | 2 minutes | calls of an ERP's callback |
| `{a}:erp:done:{sha256}` | string | a day | the order that a write to the ERP made, our number |
| `{a}:circuits` | hash | a minute after the last call | Odoos left alone, since when |

Kinds are products, customers and orders. Parts: `known` (hash: the ERP's id → how new, hash, number
and index entries), `rows` (hash: number → compressed JSON), `live` (zset: numbers of active ones),
`index` (zset: what they are found by), `last` (counter: the last number), `changed` (zset: products
that the search does not know yet, by change) and `changes` (counter: the last change); of customers
also `erased` (set: hashes of the ids whose rows are refused).

Global:

| key | type | life | holds |
|---|---|---|---|
| `accounts` | set | rebuilt from YAML | account ids |
| `route:webhook:{sha256}` | string | rebuilt from YAML | door behind a webhook URL token, JSON |
| `route:inbox:{chatwoot}:{inbox}` | set | rebuilt from YAML | account ids that name the inbox |
| `route:mcp:{sha256}` | string | rebuilt from YAML | account id behind an MCP client's key |
| `route:erp:{sha256}` | string | until revoked | account id behind the key of an ERP that sends |
| `prefixes` | hash | rebuilt from YAML | prefix of derived keys → account id |
| `config:errors` | hash | until published well | tenants whose YAML could not be published |
| `job:owner:{uuid}` | string | `job_days` after its last use | account a job id belongs to |
| `trail:unknown` | zset | newest 1,000 | refusals of nobody's account, for `sidecar doctor` |
| `trail:unknown:rows` | hash | newest 1,000 | those rows |
| `trail:unknown:fold:{hash}` | string | a minute | row that equal refusals are added to |
| `domain:account:{a}` | string | rebuilt from YAML | the tenant's domain folder |
| `enroll:{sha256}` | string | 15 minutes | a one-time enrolment token |
| `emb:{model}:{language}:{sha256}` | string | 90 days | (cache) an embedding |
| `due:{kind}` | zset | until done | work not finished yet, by the time it is due |
| `lease:{kind}:{item}` | string | `lease_ttl` | who works on it, fenced |
| `hint:{kind}:{item}` | string | seconds | the broker was told about it |
| `fence` | counter | forever | gives each lease a larger number than the last |
| `scheduler:leader` | string | seconds | the one scheduler that sweeps |
| `beat:{process}` | string | seconds | a process's sign of life |
"""

SEEN_TTL = 3 * 24 * 3600
ALERTS_KEPT = 100
EMBEDDING_TTL = 90 * 24 * 3600
SEARCH_TTL = 300
STOCK_SHARE_TTL = 60
CHOICES_TTL = 90 * 24 * 3600
CHOOSER_TTL = 24 * 3600
SEARCH_TEXT_TTL = 90 * 24 * 3600
INBOX_TTL = 24 * 3600
CHANGED_TTL = 300
SILENCE_TTL = 365 * 24 * 3600
CONTACT_TTL = 365 * 24 * 3600
FORGOTTEN_TTL = 365 * 24 * 3600
ERASING_TTL = 7 * 24 * 3600
TRACE_TTL = 14 * 24 * 3600

ACCOUNTS = "accounts"
PREFIXES = "prefixes"
CONFIG_ERRORS = "config:errors"
UNKNOWN_TRAIL = "trail:unknown"
UNKNOWN_TRAIL_ROWS = "trail:unknown:rows"
FENCE = "fence"
LEADER = "scheduler:leader"


def config(account: str) -> str:
    return f"{account}:config"


def published(account: str) -> str:
    return f"{account}:published"


def crew(prefix: str, name: str) -> str:
    return f"{prefix}:crew:{name}"


def inbox(account: str, conversation: str) -> str:
    return f"{account}:inbox:{conversation}"


def binding(account: str) -> str:
    return f"{account}:binding"


def secrets(account: str) -> str:
    return f"{account}:secrets"


def signing(account: str) -> str:
    return f"{account}:signing"


def lease_epoch(account: str) -> str:
    return f"{account}:epoch"


def trail(account: str) -> str:
    return f"{account}:trail"


def trail_rows(account: str) -> str:
    return f"{account}:trail:rows"


def trail_fold(account: str, digest: str) -> str:
    return f"{account}:trail:fold:{digest}"


def nonce(account: str, value: str) -> str:
    return f"{account}:nonce:{value}"


def seen(account: str, digest: str) -> str:
    return f"{account}:seen:{digest}"


def mailbox(account: str, conversation: str) -> str:
    return f"{account}:mbx:{conversation}"


def changed(account: str, conversation: str, message: int | str) -> str:
    return f"{account}:changed:{conversation}:{message}"


def turn(account: str, conversation: str) -> str:
    return f"{account}:turn:{conversation}"


def talk(account: str, conversation: str) -> str:
    return f"{account}:talk:{conversation}"


def silence(account: str, conversation: str) -> str:
    return f"{account}:silence:{conversation}"


def summary(account: str, conversation: str) -> str:
    return f"{account}:summary:{conversation}"


def contact(account: str, channel: int | str, number: int | str) -> str:
    return f"{account}:contact:{channel}-{number}"


def forgotten(account: str, conversation: str) -> str:
    return f"{account}:forgotten:{conversation}"


def erasing(account: str, channel: int | str, number: int | str) -> str:
    return f"{account}:erasing:{channel}-{number}"


def trace(account: str, identity: str) -> str:
    return f"{account}:trace:{identity}"


def traces(account: str) -> str:
    return f"{account}:traces"


def history(account: str, conversation: str) -> str:
    return f"{account}:hist:{conversation}"


def person(account: str, conversation: str) -> str:
    return f"{account}:person:{conversation}"


def customers(account: str, conversation: str) -> str:
    return f"{account}:customers:{conversation}"


def identity_code(account: str, conversation: str) -> str:
    return f"{account}:code:{conversation}"


def identity_count(account: str, digest: str) -> str:
    return f"{account}:codes:{digest}"


def confirmation(account: str, scope: str) -> str:
    return f"{account}:confirm:{scope}"


def mcp_requests(account: str, key: str, minute: int | str) -> str:
    return f"{account}:mcp:{key}:{minute}"


def pushed(account: str, kind: str, part: str) -> str:
    return f"{account}:erp:{kind}:{part}"


def push_keys(account: str) -> str:
    return f"{account}:erp:keys"


def push_requests(account: str, key: str, minute: int | str) -> str:
    return f"{account}:erp:sent:{key}:{minute}"


def push_answer(account: str, sha256: str) -> str:
    return f"{account}:erp:once:{sha256}"


def job(account: str, job_id: str) -> str:
    return f"{account}:job:{job_id}"


def job_items(account: str, job_id: str) -> str:
    return f"{account}:job:{job_id}:items"


def job_owner(job_id: str) -> str:
    return f"job:owner:{job_id}"


def circuits(account: str) -> str:
    return f"{account}:circuits"


def alerts(account: str) -> str:
    return f"{account}:alerts"


def unknown_trail_fold(digest: str) -> str:
    return f"trail:unknown:fold:{digest}"


def webhook_route(token_sha256: str) -> str:
    return f"route:webhook:{token_sha256}"


def inbox_route(chatwoot: str, inbox_id: int | str) -> str:
    return f"route:inbox:{chatwoot}:{inbox_id}"


def mcp_route(key_sha256: str) -> str:
    return f"route:mcp:{key_sha256}"


def push_calls(account: str, minute: int | str) -> str:
    return f"{account}:erp:called:{minute}"


def push_done(account: str, sha256: str) -> str:
    return f"{account}:erp:done:{sha256}"


def push_route(key_sha256: str) -> str:
    return f"route:erp:{key_sha256}"


def domain(account: str) -> str:
    return f"domain:account:{account}"


def enrollment(token_sha256: str) -> str:
    return f"enroll:{token_sha256}"


def index_version(prefix: str) -> str:
    return f"{prefix}:index"


def search_result(prefix: str, sha256: str) -> str:
    return f"{prefix}:search:{sha256}"


def stock_share(prefix: str) -> str:
    return f"{prefix}:stock"


def choices(prefix: str) -> str:
    return f"{prefix}:chosen"


def chooser(prefix: str, who: str) -> str:
    return f"{prefix}:chooser:{who}"


def search_text(prefix: str, sha256: str) -> str:
    return f"{prefix}:told:{sha256}"


def embedding(model: str, language: str, text_sha256: str) -> str:
    return f"emb:{model}:{language}:{text_sha256}"


def due(kind: str) -> str:
    return f"due:{kind}"


def lease(kind: str, item: str) -> str:
    return f"lease:{kind}:{item}"


def hint(kind: str, item: str) -> str:
    return f"hint:{kind}:{item}"


def beat(process: str) -> str:
    return f"beat:{process}"
