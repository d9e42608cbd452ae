"""
Publishing Celery tasks within a bounded time. The module imports without Kombu and then is empty.

Celery's own connections wait without end for a broker that takes the connection and then falls
silent. So tasks are published over connections of their own, whose every wait lasts
``HIPCHAT_BROKER_TIMEOUT`` at most, and with one more try: twice that time is what a caller can
lose, and once more where all connections of its process are in use. A broker that has failed is
then left alone for some seconds, so that not every caller, nor every room of a transaction, loses
it again.
"""

from __future__ import annotations

import time
from typing import Any

from ..conf import settings
from ..forks import after_fork

#: One more try at once, which a connection that went stale needs, and then an error. Kombu's own
#: default, also for ``retry=False``, waits seconds for a broker that refuses connections.
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
#: Seconds that a broker is left alone after it failed.
PAUSE = 5.0


class BrokerAway(Exception):
    """The broker failed some seconds ago and is not asked again yet."""


try:
    from kombu.exceptions import OperationalError
    from kombu.pools import ProducerPool
    from kombu.transport import pyamqp
    from kombu.utils.collections import eqhash
except ImportError:
    pass
else:

    class BoundedTransport(pyamqp.Transport):
        """
        AMQP whose every wait is bounded, not only those for the connection.

        The library's own ``read_timeout`` does not do it: it reads again when that is over.
        """

        def establish_connection(self) -> Any:
            connection = super().establish_connection()
            client: Any = self.client
            connection.transport.sock.settimeout(client.connect_timeout)
            return connection

    class BoundedTlsTransport(BoundedTransport, pyamqp.SSLTransport):
        """The same, encrypted."""

    class Broker:
        """This process's connections to the brokers that tasks are published to."""

        def __init__(self) -> None:
            self._pools: dict[Any, Any] = {}
            self._paused_until: dict[Any, float] = {}
            # A forked worker must not speak on its parent's sockets.
            after_fork(self._pools.clear)

        def publish(
            self, task: Any, args: tuple[str, ...], kwargs: dict[str, Any], *, delay: float = 0
        ) -> None:
            """
            Send a task to its broker, to be run in so many seconds.

            Raise BrokerAway shortly after a failure, and what Kombu raises for a broker that
            refuses or does not answer.
            """
            if task.app.conf.task_always_eager:
                task.apply_async(args, kwargs)  # runs it here and now, whatever the delay
                return
            seconds = settings.broker_timeout
            connection = _connection(task.app, seconds)
            key = eqhash(connection)
            pool = self._pool(key, connection, task.app.conf.broker_pool_limit)
            self._require_no_pause(key)
            with pool.acquire(block=True, timeout=seconds) as producer:
                self._require_no_pause(key)  # it may have failed while others had all connections
                try:
                    task.apply_async(
                        args,
                        kwargs,
                        countdown=delay or None,
                        producer=producer,
                        retry=True,
                        retry_policy=ONE_TRY,
                    )
                except OperationalError:
                    self._paused_until[key] = time.monotonic() + PAUSE
                    raise

        def _require_no_pause(self, key: Any) -> None:
            if time.monotonic() < self._paused_until.get(key, 0):
                raise BrokerAway

        def _pool(self, key: Any, connection: Any, limit: int | None) -> Any:
            """Return the producers for a connection, which this process's threads share."""
            if key not in self._pools:
                self._pools.setdefault(key, ProducerPool(connection.Pool(limit), limit=limit))
            return self._pools[key]

    def _connection(app: Any, seconds: float) -> Any:
        """Return a connection that is not open yet and whose waits are bounded."""
        plain = app.connection_for_write(connect_timeout=seconds)
        transport = plain.get_transport_cls()
        if transport.driver_name == "redis":
            bounds = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
            return app.connection_for_write(transport_options=bounds)
        if issubclass(transport, pyamqp.Transport):
            # Confirmed: a connection that RabbitMQ has closed takes what is written to it, once.
            plain.transport_options = {**plain.transport_options, "confirm_publish": True}
            encrypted = issubclass(transport, pyamqp.SSLTransport)
            plain.transport_cls = BoundedTlsTransport if encrypted else BoundedTransport
        return plain

    broker = Broker()
