"""A follower of the hub: one open stream of Server-Sent Events, read in a thread of its own."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from urllib.parse import quote

from benchmarks._visitor import Visitor

HUB = "/.well-known/mercure"


class Stream:
    """Events of some topics, with the moment (perf_counter) each arrived."""

    def __init__(self, visitor: Visitor, topics: Sequence[str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=120)
        query = "&".join(f"topic={quote(topic, safe='')}" for topic in topics)
        headers = {"Accept": "text/event-stream", "Cookie": visitor.cookie(HUB)}
        self._connection.request("GET", f"{HUB}?{query}", headers=headers)
        self._response = self._connection.getresponse()
        if self._response.status != 200:
            raise LookupError(f"the hub answered {self._response.status} for {topics}")
        self._arrived: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def _read(self) -> None:
        data: list[str] = []
        try:
            while line := self._response.readline():
                text = line.decode("utf-8").rstrip("\r\n")
                if text.startswith("data:"):
                    data.append(text[5:].strip())
                elif not text and data:
                    with self._news:
                        self._arrived.append((time.perf_counter(), "\n".join(data)))
                        self._news.notify_all()
                    data = []
        except (OSError, ValueError, http.client.HTTPException, AttributeError):
            return  # closed by us

    def after(self, moment: float, patience: float = 20.0) -> float:
        """When the first event after a moment arrived. Raises TimeoutError."""
        end = time.perf_counter() + patience
        with self._news:
            while True:
                for arrived, _data in self._arrived:
                    if arrived > moment:
                        return arrived
                left = end - time.perf_counter()
                if left <= 0:
                    raise TimeoutError("nothing came by the stream")
                self._news.wait(left)
