"""A request after the middleware: it knows whom it speaks to and who speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from beffroi.base.authorities.models import Authority

from .actor import Actor

if TYPE_CHECKING:
    from beffroi.base.people.models import Account


class Request(HttpRequest):
    """What views receive; for type checking only, the object itself is Django's."""

    authority: Authority
    actor: Actor
    user: Account  # anonymous visitors never pass the pages that read it
