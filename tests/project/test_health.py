"""The figures are for this machine, not for whom a front server on it speaks for."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_figures_are_for_this_machine_only(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


@pytest.mark.parametrize("path", ["/metrics", "/%6detrics", "/a/vernay/metrics"])
def test_what_a_neighbour_forwards_is_not_of_this_machine(
    town: object, client: Client, path: str
) -> None:
    assert client.get(path, headers={"x-forwarded-for": "127.0.0.1"}).status_code == 200
    forwarded = client.get(path, headers={"x-forwarded-for": "unknown, 127.0.0.1"})
    assert forwarded.status_code == 404
