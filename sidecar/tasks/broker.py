"""The broker, chosen by its URL: redis:// by default, amqp:// (RabbitMQ) at scale."""

from functools import lru_cache

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, ShutdownNotifications
from redis.backoff import NoBackoff
from redis.retry import Retry

from sidecar.errors import NotConfigured
from sidecar.settings import Settings
from sidecar.tasks.messages import ACTORS


@lru_cache(maxsize=4)
def broker_for(settings: Settings, patience: float | None = None) -> dramatiq.Broker:
    """The process's broker with all queues declared. Retries are ours (due queues), not its.

    patience: seconds a hint may take, for who must answer somebody; None for who works by it.
    """
    url = settings.broker_url.get_secret_value()
    middleware = [AgeLimit(max_age=3_600_000), ShutdownNotifications(), Callbacks()]
    broker: dramatiq.Broker
    if url.startswith(("redis://", "rediss://", "unix://")):
        broker = RedisBroker(
            client=_client(url, patience),
            middleware=middleware,
            heartbeat_timeout=5000,
            maintenance_chance=1_000_000,
        )
    elif url.startswith(("amqp://", "amqps://")):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        confirmed = patience is None  # who cannot wait does not: the sweeper finds the item
        broker = RabbitmqBroker(url=url, middleware=middleware, confirm_delivery=confirmed)
    else:
        raise NotConfigured("CHATWOOTAI_BROKER_URL must start with redis:// or amqp://.")
    for queue in ACTORS:
        broker.declare_queue(queue)
    return broker


def _client(url: str, patience: float | None) -> redis.Redis:
    if patience is None:
        return redis.Redis.from_url(url)
    return redis.Redis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )
