"""A raw WSGI application: what web would be, reduced to what the tests of the front look at."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

BLOCK = bytes(range(256)) * 256


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/echo":
        body = json.dumps({key: value for key, value in environ.items() if isinstance(value, str)})
        return _plain(start_response, body.encode())
    if path == "/hash":
        return _plain(start_response, _hash(environ["wsgi.input"]).encode())
    if path == "/body":
        return _plain(start_response, environ["wsgi.input"].read())
    if path == "/pid":
        return _plain(start_response, str(os.getpid()).encode())
    if path == "/blocks":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return _blocks(int(environ["QUERY_STRING"]))
    if path == "/sized":
        count = int(environ["QUERY_STRING"])
        start_response("200 OK", [("Content-Length", str(count * len(BLOCK)))])
        return _blocks(count)
    if path == "/slow":
        time.sleep(float(environ["QUERY_STRING"]))
        return _plain(start_response, b"at last")
    if path == "/empty":
        start_response("204 No Content", [])
        return []
    return _plain(start_response, b"page " + path.encode("latin-1"))


def _plain(start_response: Callable[..., Any], body: bytes) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def _hash(stream: Any) -> str:
    digest = hashlib.sha256()
    while part := stream.read(65536):
        digest.update(part)
    return digest.hexdigest()


def _blocks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield BLOCK
