"""What one address may send to the forms that anyone may fill in without an account.

The front process paces all requests alike; a form that takes something scarce (a slot, a seat,
an agent's time, a mail) needs far fewer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from beffroi.base.live.limits import Addresses, AddressLimits, networks

from .middleware import client_address
from .views import too_many

View = Callable[..., HttpResponseBase]


def paced(most: int, seconds: float) -> Callable[[View], View]:
    """At most `most` POSTs at once of one address, given back evenly over `seconds`.

    Agents who are signed in are not counted, nor is the key of another system on the API. Counted
    by each process of web on its own, in memory: an address is personal data.
    """
    unlimited = Addresses(networks(settings.UNLIMITED_ADDRESSES))
    limits = AddressLimits(0, most / seconds, most, unlimited)
    tidied = time.monotonic()

    def mark(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            nonlocal tidied
            if request.method == "POST" and not _is_known(request):
                now = time.monotonic()
                if now - tidied > seconds:
                    limits.forget_idle(now)
                    tidied = now
                wait = limits.wait_before_request(client_address(request), now)
                if wait:
                    return too_many(request, math.ceil(wait))
            return view(request, *args, **kwargs)

        return counted

    return mark


def _is_known(request: HttpRequest) -> bool:
    # On the API a wrong key is refused later; pages do not read keys.
    has_key = request.path_info.startswith("/api/") and "Authorization" in request.headers
    return has_key or request.actor.is_agent  # type: ignore[attr-defined]
