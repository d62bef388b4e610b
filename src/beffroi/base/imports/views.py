from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.base.access.public import Request, door, follow, page, visible

from . import actions
from .forms import UploadForm
from .importers import importer, importers
from .models import ImportRun


@require_GET
@page("imports.run")
def runs(request: Request) -> HttpResponse:
    """What can be imported, and the imports of the last year."""
    actor = request.actor
    kinds = [kind for kind in importers().values() if actor.may(kind.permission)]
    found = Paginator(visible(ImportRun.objects.all(), actor), 30)
    context = {"kinds": kinds, "page": found.get_page(request.GET.get("page"))}
    return render(request, "imports/list.html", context)


@require_http_methods(["GET", "POST"])
@page("imports.run")
def new(request: Request, name: str) -> HttpResponse:
    actor = request.actor
    kind = importer(name)
    if kind is None or not actor.may(kind.permission):
        raise Http404(name)
    posted = request.method == "POST"
    form = UploadForm(kind, *(request.POST, request.FILES) if posted else ())
    if posted and form.is_valid():
        run = actions.ask(
            actor, kind, form.cleaned_data["source"], form.texts(), form.files_by_option()
        )
        return redirect("imports:run", run.ref)
    status = 422 if posted else 200
    return render(request, "imports/new.html", {"kind": kind, "form": form}, status=status)


@require_GET
@page("imports.run")
def run(request: Request, ref: str) -> HttpResponse:
    """How far an import is: the page follows it by itself."""
    found = door(ImportRun, request.actor, ref=ref)
    response = render(request, "imports/run.html", _context(request, found))
    follow(request, response, [found.topic])
    return response


@require_GET
@page("imports.run")
def state(request: Request, ref: str) -> HttpResponse:
    """The part of the page that changes while the import runs."""
    found = door(ImportRun, request.actor, ref=ref)
    return render(request, "imports/_state.html", _context(request, found))


@require_POST
@page("imports.run")
def cancel(request: Request, ref: str) -> HttpResponse:
    actor = request.actor
    found = door(ImportRun, actor, ref=ref)
    actions.cancel(actor, found)
    messages.info(request, _("L’arrêt est demandé. L’import s’arrête dans un instant."))
    return redirect("imports:run", found.ref)


def _context(request: Request, found: ImportRun) -> dict[str, object]:
    kind = importer(found.importer)
    lines = Paginator(found.refused_lines.all(), 100)
    return {
        "run": found,
        "title": kind.title if kind else found.importer,
        "lines": lines.get_page(request.GET.get("page")),
    }
