"""The administrator's pages: accounts, roles, and the authority's own sheet."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from beffroi.base.access.models import Grant
from beffroi.base.access.public import Request, Role, door, page
from beffroi.base.audit.public import record

from . import actions
from .forms import AuthorityForm, InviteForm
from .views import sent


@page("people.manage")
@require_http_methods(["GET", "POST"])
def accounts(request: Request) -> HttpResponse:
    actor = request.actor
    form = InviteForm(sent(request), authority=actor.authority)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        account, is_new = actions.invite(
            actor,
            given["email"],
            given["given_name"],
            given["family_name"],
            Role(given["role"]),
            given["service"],
        )
        if is_new:
            uid, token = actions.invitation_path(account)
            link = request.build_absolute_uri(reverse("people:choose_password", args=[uid, token]))
            actions.send_invitation(actor, account, link)
            messages.success(request, _("Le compte est créé. L’invitation part par courriel."))
        else:
            messages.success(request, _("Ce compte existait déjà : le rôle lui est donné."))
        return redirect("people:accounts")
    grants = (
        Grant.objects.filter(authority=actor.authority)
        .select_related("account__person", "service")
        .order_by("account__person__family_name", "role")
    )
    context = {"form": form, "grants": grants}
    return render(request, "people/accounts.html", context, status=422 if form.errors else 200)


@page("people.manage")
@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    actor = request.actor
    actions.revoke(actor, door(Grant, actor, pk=pk))
    messages.success(request, _("Le rôle est retiré."))
    return redirect("people:accounts")


@page("authorities.edit")
@require_http_methods(["GET", "POST"])
def authority(request: Request) -> HttpResponse:
    actor = request.actor
    form = AuthorityForm(sent(request), instance=actor.authority)
    if request.method == "POST" and form.is_valid():
        form.save()
        record(actor, "authority.edited", actor.authority, fields=form.changed_data)
        messages.success(request, _("La fiche est enregistrée."))
        return redirect("people:authority")
    return render(
        request, "people/authority.html", {"form": form}, status=422 if form.errors else 200
    )
