"""The broker, chosen by its URL: redis:// by default, amqp:// (RabbitMQ) at scale."""

from functools import lru_cache

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, ShutdownNotifications

from sidecar.errors import NotConfigured
from sidecar.settings import Settings
from sidecar.tasks.messages import ACTORS


@lru_cache(maxsize=4)
def broker_for(settings: Settings) -> dramatiq.Broker:
    """The process's broker with all queues declared. Retries are ours (due queues), not its."""
    url = settings.broker_url.get_secret_value()
    middleware = [AgeLimit(max_age=3_600_000), ShutdownNotifications(), Callbacks()]
    broker: dramatiq.Broker
    if url.startswith(("redis://", "rediss://", "unix://")):
        broker = RedisBroker(
            url=url, middleware=middleware, heartbeat_timeout=5000, maintenance_chance=1_000_000
        )
    elif url.startswith(("amqp://", "amqps://")):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        broker = RabbitmqBroker(url=url, middleware=middleware, confirm_delivery=True)
    else:
        raise NotConfigured("CHATWOOTAI_BROKER_URL must start with redis:// or amqp://.")
    for queue in ACTORS:
        broker.declare_queue(queue)
    return broker
