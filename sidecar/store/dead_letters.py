"""Hints that the broker gave up on: where they are, and how those about an item are removed.

A hint names an item and holds nothing else; the names of a contact's conversations go with it.
"""

import json
from collections.abc import Iterable

import pika
import redis
from pika.exceptions import AMQPError, ChannelClosedByBroker

from sidecar.errors import Unavailable
from sidecar.settings import Settings
from sidecar.store.connection import connect

_NAMESPACE = "dramatiq"


def remove(settings: Settings, queue: str, items: Iterable[str]) -> int:
    """Remove the dead letters of `queue` about `items`; how many there were.

    Unavailable when the broker cannot be asked.
    """
    wanted = frozenset(items)
    url = settings.broker_url.get_secret_value()
    if not wanted:
        return 0
    if url.startswith(("amqp://", "amqps://")):
        return _from_rabbitmq(url, f"{queue}.XQ", wanted)
    return _from_redis(connect(url), f"{_NAMESPACE}:{queue}.XQ", wanted)


def _from_redis(broker: redis.Redis, name: str, wanted: frozenset[str]) -> int:
    try:
        dead = [
            identity
            for identity, message in broker.hscan_iter(f"{name}.msgs", count=500)
            if _is_about(message, wanted)
        ]
        if dead:
            with broker.pipeline() as pipe:
                pipe.hdel(f"{name}.msgs", *dead)
                pipe.zrem(name, *dead)
                pipe.execute()
    except redis.RedisError:
        raise Unavailable("The broker cannot be reached; try again.") from None
    return len(dead)


def _from_rabbitmq(url: str, name: str, wanted: frozenset[str]) -> int:
    """Every dead letter is looked at once; the others go back when the connection ends."""
    removed = 0
    try:
        connection = pika.BlockingConnection(pika.URLParameters(url))
        try:
            channel = connection.channel()
            waiting = channel.queue_declare(name, passive=True).method.message_count
            for _ in range(waiting):
                frame, _properties, body = channel.basic_get(name)
                if frame is None:
                    break
                if _is_about(body, wanted):
                    channel.basic_ack(frame.delivery_tag)
                    removed += 1
        except ChannelClosedByBroker:  # nothing ever died there
            return removed
        finally:
            if connection.is_open:
                connection.close()
    except (AMQPError, OSError):
        raise Unavailable("The broker cannot be reached; try again.") from None
    return removed


def _is_about(message: str | bytes, wanted: frozenset[str]) -> bool:
    try:
        return not wanted.isdisjoint(json.loads(message)["args"])
    except (ValueError, KeyError, TypeError):
        return False
