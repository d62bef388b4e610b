"""Publish on the hub over its private socket. Standard library only."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

HUB_PATH = "/.well-known/mercure"


class PublishError(OSError):
    """The event is not on the hub, as far as is known. Publishing it again with its id is safe."""


class HubUnreachable(PublishError):
    """The hub does not answer: it restarts, or is busy. Try again later."""


class HubRefused(PublishError):
    """The hub answered no; `status` below 500 means that trying again is useless."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def publish(
    socket_path: Path | str,
    topics: Iterable[str],
    data: str,
    id: str,
    private: bool = False,
    token: str | None = None,
    timeout: float = 5.0,
) -> str:
    """Publish one event and return its id once the hub has made it durable.

    Without a `token` the private socket itself is what is trusted. The same `id` is stored
    once, however often it is published. Raises HubUnreachable or HubRefused.
    """
    fields = [("topic", topic) for topic in topics]
    fields += [("data", data), ("id", id)]
    if private:
        fields.append(("private", "on"))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = _UnixConnection(str(socket_path), timeout)
    try:
        connection.request("POST", HUB_PATH, urlencode(fields).encode(), headers)
        response = connection.getresponse()
        text = response.read().decode("utf-8", "replace").strip()
    except (OSError, http.client.HTTPException) as error:
        raise HubUnreachable(f"{socket_path}: {error}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise HubRefused(response.status, text)
    return text
