from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from beffroi.base.access.public import Request, page

from .actions import choose_duration
from .rules import all_rules, durations_of


@page("retention.read")
@require_http_methods(["GET", "POST"])
def durations(request: Request) -> HttpResponse:
    actor = request.actor
    error = ""
    if request.method == "POST":
        try:
            choose_duration(actor, request.POST.get("kind", ""), int(request.POST.get("days", "")))
        except ValidationError as refused:
            error = " ".join(refused.messages)
        except ValueError:
            error = _("Donnez un nombre de jours entre 1 et 36 500. Rien n’a été changé.")
        else:
            messages.success(request, _("La durée est enregistrée."))
            return redirect("retention:durations")
    chosen = durations_of(actor.authority)
    rows = [(rule, rule.model._meta.verbose_name, chosen[rule.kind]) for rule in all_rules()]
    context = {"rows": rows, "error": error, "may_edit": actor.may("retention.edit")}
    return render(request, "retention/durations.html", context, status=422 if error else 200)
