"""
A chat server that costs next to nothing, in a process of its own.

It reads requests as far as it must to answer them and counts them. ``/v1/rooms/message`` answers
as HipChat v1 does, ``/slack`` as Slack's webhooks do, after a chosen time. ``/count`` says how many
were answered, ``/peak`` how many were under way at once at most since it was last asked.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from functools import partial
from typing import cast

LOOPBACK = "127.0.0.1"
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _answer(kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


SENT = _answer("application/json", b'{"status": "sent"}')
SLACK = _answer("text/plain", b"ok")


class Chat(asyncio.Protocol):
    """One kept-alive connection."""

    answered = 0
    under_way = 0
    peak = 0
    delay = 0.0

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(_END)) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            end += len(_END) + (int(length[1]) if length else 0)
            if len(self._buffer) < end:
                return
            request, self._buffer = self._buffer[:end], self._buffer[end:]
            self._take(request)

    def _take(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1]
        if path == b"/count":
            self._tell(Chat.answered)
        elif path == b"/peak":
            self._tell(Chat.peak)
            Chat.peak = 0
        else:
            self._promise(SLACK if path.startswith(b"/slack") else SENT)

    def _tell(self, number: int) -> None:
        self._transport.write(_answer("text/plain", str(number).encode()))

    def _promise(self, answer: bytes) -> None:
        Chat.under_way += 1
        Chat.peak = max(Chat.peak, Chat.under_way)
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, partial(self._reply, answer))
        else:
            self._reply(answer)

    def _reply(self, answer: bytes) -> None:
        Chat.answered += 1
        Chat.under_way -= 1
        self._transport.write(answer)


async def serve(port: int, delay: float) -> None:
    """Serve until the standard input is closed; print the address first."""
    Chat.delay = delay
    loop = asyncio.get_running_loop()
    closed = asyncio.Event()
    # Whoever has started the server may be killed and must not leave it behind.
    loop.add_reader(sys.stdin, closed.set)
    server = await loop.create_server(Chat, LOOPBACK, port)
    print(f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await closed.wait()


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one.")
    parser.add_argument("--delay", type=float, default=0, help="Seconds before each answer.")
    options = parser.parse_args()
    try:
        from uvloop import run
    except ImportError:
        from asyncio import run
    run(serve(options.port, options.delay))


if __name__ == "__main__":
    main()
