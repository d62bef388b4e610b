from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from beffroi.base.access.public import Request, page
from beffroi.base.people.models import Person

from .models import Entry
from .public import record
from .words import say_kind, say_verb


@page("audit.read")
def journal(request: Request) -> HttpResponse:
    """The journal of the authority. Reading it is itself written down."""
    actor = request.actor
    entries = Entry.objects.filter(authority=actor.authority)
    verb = request.GET.get("verb", "")[:80]
    if verb:
        entries = entries.filter(verb=verb)
    page_of_entries = Paginator(entries, 50).get_page(request.GET.get("page"))
    keys = {entry.person_key for entry in page_of_entries if entry.person_key}
    names = {person.key: str(person) for person in Person.objects.filter(key__in=keys)}
    rows = [
        {
            "entry": entry,
            "name": names.get(entry.person_key) if entry.person_key else None,
            "action": say_verb(entry.verb),
            "kind": say_kind(entry.object_kind),
        }
        for entry in page_of_entries
    ]
    known = Entry.objects.filter(authority=actor.authority).order_by()
    verbs = sorted(
        ((code, say_verb(code)) for code in known.values_list("verb", flat=True).distinct()),
        key=lambda one: one[1],
    )
    record(actor, "journal.read")
    context = {"page": page_of_entries, "rows": rows, "verbs": verbs, "verb": verb}
    return render(request, "audit/journal.html", context)
