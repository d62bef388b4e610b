"""One door per object: nobody fetches a tenant's object by its bare id."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Manager, Model, Q, QuerySet
from django.http import Http404

from beffroi.base.authorities.models import ShareLevel
from beffroi.base.authorities.queries import shared_with

from .actor import Actor

M = TypeVar("M", bound=Model)


def _has_domain(model: type[Model]) -> bool:
    return any(field.name == "domain" for field in model._meta.get_fields())


def visible(objects: QuerySet[M], actor: Actor, level: str = ShareLevel.SEE) -> QuerySet[M]:
    """The rows of the actor's authority and, for a model with a `domain`, those shared with it."""
    allowed = Q(authority=actor.authority)
    if _has_domain(objects.model):
        for share in shared_with(actor.authority, level):
            allowed |= Q(authority=share.holder_id, domain=share.domain)
    return objects.filter(allowed)


def door(
    source: type[M] | QuerySet[M] | Manager[M],
    actor: Actor,
    domain_level: str = ShareLevel.SEE,
    **lookup: Any,
) -> M:
    """The one object that the lookup names, if the actor's authority may see it.

    Raises Http404 both for what does not exist and for what belongs to others: an outsider
    must not learn which.
    """
    if isinstance(source, type):
        objects: QuerySet[M] = source._default_manager.all()
    else:
        objects = source.all()
    try:
        return visible(objects, actor, domain_level).get(**lookup)
    except (objects.model.DoesNotExist, ValueError, OverflowError) as missing:  # type: ignore[attr-defined]
        raise Http404(f"{objects.model._meta.label} {lookup}") from missing
