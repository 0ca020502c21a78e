"""Jobs asked for by Odoo: kept under their id, run once, their result kept until Odoo has it."""

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

import redis

from sidecar.errors import Conflict, NotFound
from sidecar.settings import Settings
from sidecar.store import keys
from sidecar.store.work import WorkQueue

KIND = "jobs"
OWN = "scheduler"  # the source of jobs that nobody outside asked for

# KEYS: job, due, owner   ARGV: fingerprint, envelope, item, now, account, the owner's seconds
_ACCEPT = """
local owner = redis.call('GET', KEYS[3])
if owner and owner ~= ARGV[5] then return 'another account' end
redis.call('SET', KEYS[3], ARGV[5], 'EX', ARGV[6])
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('HGET', KEYS[1], 'fingerprint') end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'envelope', ARGV[2], 'state', 'queued',
  'attempts', '0', 'created_at', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
return ''
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A job's stored state. state: queued, running, done or failed.

    progress: {"done", "total"} of work that tells how far it is.
    """

    account_id: str
    job_id: str
    envelope: dict[str, Any]
    state: str
    attempts: int
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    progress: dict[str, int] | None = None

    def public(self) -> dict[str, Any]:
        """What a caller is told."""
        told: dict[str, Any] = {"job_id": self.job_id, "state": self.state}
        if self.result is not None:
            told["result"] = self.result
        if self.error is not None:
            told["error"] = self.error
        if self.progress is not None and self.state == "running":
            told["progress"] = self.progress
        return told


class JobStore:
    """Jobs of all tenants; each call names the account."""

    def __init__(self, store: redis.Redis, settings: Settings):
        self.store = store
        self.settings = settings
        self._accept = store.register_script(_ACCEPT)

    def accept(self, account_id: str, job_id: str, envelope: dict[str, Any]) -> Job:
        """Store a new job, due now, or return what is stored under its id.

        Conflict when that id was used by another account, or for another action or parameters.
        """
        what = json.dumps([envelope["metadata"]["action"], envelope["params"]], sort_keys=True)
        fingerprint = hashlib.sha256(what.encode()).hexdigest()
        stored = self._accept(
            keys=[keys.job(account_id, job_id), keys.due(KIND), keys.job_owner(job_id)],
            args=[
                fingerprint,
                json.dumps(envelope),
                f"{account_id}|{job_id}",
                time.time(),
                account_id,
                self.settings.job_days * 86400,
            ],
        )
        if stored and stored != fingerprint:
            raise Conflict("This job_id was used for another request.", job_id=job_id)
        return self.get(account_id, job_id)

    def ask(self, account_id: str, action: str, job_id: str) -> Job:
        """`accept` a job of the house's own, without parameters; its end is told to nobody."""
        metadata = {"source": OWN, "account_id": account_id, "action": action}
        return self.accept(account_id, job_id, {"metadata": metadata, "params": {}})

    def get(self, account_id: str, job_id: str) -> Job:
        """The job's state; NotFound for an unknown id."""
        raw = self.store.hgetall(keys.job(account_id, job_id))
        if not raw:
            raise NotFound("There is no such job.", job_id=job_id)
        return Job(
            account_id=account_id,
            job_id=job_id,
            envelope=json.loads(raw["envelope"]),
            state=raw["state"],
            attempts=int(raw["attempts"]),
            result=json.loads(raw["result"]) if "result" in raw else None,
            error=json.loads(raw["error"]) if "error" in raw else None,
            progress=json.loads(raw["progress"]) if "progress" in raw else None,
        )

    def start(self, job: Job) -> int:
        """Mark as running; the number of this attempt, from 1."""
        key = keys.job(job.account_id, job.job_id)
        with self.store.pipeline() as pipe:
            pipe.hset(key, "state", "running")
            pipe.hincrby(key, "attempts", 1)
            pipe.hdel(key, "progress")
            return pipe.execute()[1]

    def tell_progress(self, job: Job, done: int, total: int) -> None:
        """Keep how far the running job is, for whoever asks."""
        told = json.dumps({"done": done, "total": total})
        self.store.hset(keys.job(job.account_id, job.job_id), "progress", told)

    def requeue(self, job: Job) -> None:
        """The attempt failed and will be repeated."""
        self.store.hset(keys.job(job.account_id, job.job_id), "state", "queued")

    def delivery_failed(self, job: Job) -> int:
        """Odoo could not be told; how often that happened."""
        return self.store.hincrby(keys.job(job.account_id, job.job_id), "undelivered", 1)

    def end(
        self, job: Job, result: dict[str, Any] | None = None, error: dict[str, Any] | None = None
    ) -> Job:
        """Keep the job's end (exactly one of `result` and `error`); it expires after `job_days`."""
        key = keys.job(job.account_id, job.job_id)
        told = {"result": json.dumps(result)} if error is None else {"error": json.dumps(error)}
        with self.store.pipeline() as pipe:
            pipe.hset(key, mapping={"state": "failed" if error else "done", **told})
            pipe.expire(key, self.settings.job_days * 86400)
            pipe.delete(keys.job_items(job.account_id, job.job_id))  # the result has them
            pipe.execute()
        return self.get(job.account_id, job.job_id)


def job_queue(store: redis.Redis, settings: Settings) -> WorkQueue:
    """The due queue of jobs."""
    return WorkQueue(store, KIND, settings.lease_ttl)
