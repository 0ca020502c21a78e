"""Connections to Redis, one pool per URL and process."""

from functools import lru_cache

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from sidecar.errors import Unavailable
from sidecar.settings import Settings

__all__ = ["RedisError", "cache_store", "connect", "state_store", "unavailable"]


@lru_cache(maxsize=8)
def connect(url: str, decode: bool = True) -> redis.Redis:
    """A client of the Redis at `url`. One retry covers a server that restarted under the pool."""
    return redis.Redis.from_url(
        url,
        decode_responses=decode,
        socket_timeout=5,
        socket_connect_timeout=2,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 1),
        retry_on_error=[redis.ConnectionError],
    )


def state_store(settings: Settings) -> redis.Redis:
    """The Redis that must not lose data."""
    return connect(settings.state_url.get_secret_value())


def cache_store(settings: Settings) -> redis.Redis:
    """The Redis whose loss only costs time; values are bytes."""
    return connect(settings.cache_url.get_secret_value(), decode=False)


def unavailable(error: RedisError) -> Unavailable:
    """The error a caller sees when the store cannot be reached; the cause stays in the log."""
    cause = type(error).__name__
    return Unavailable("The sidecar's store cannot be reached; try again.", store=cause)
