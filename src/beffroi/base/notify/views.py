from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from beffroi.base.access.public import Request, page, public_page, visible

from .actions import give_consent, withdraw_consent
from .models import Consent, ConsentState, Mail, MailState
from .queries import mails_by_state
from .server import server_state


@public_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request, ref: str) -> HttpResponse:
    """The link of the first mail. Opening it changes nothing: mail scanners open links too."""
    consent = get_object_or_404(Consent, ref=ref, authority=request.authority)
    if request.method == "POST":
        give_consent(consent)
        consent.refresh_from_db()
    return render(request, "notify/confirm.html", {"consent": consent, "states": ConsentState})


@csrf_exempt  # RFC 8058: the mail provider posts without cookies; the reference is the proof
@public_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Request, ref: str) -> HttpResponse:
    """One click from the mail program (POST), or the page with its one button (GET)."""
    consent = get_object_or_404(Consent, ref=ref, authority=request.authority)
    if request.method == "POST":
        withdraw_consent(consent)
        consent.refresh_from_db()
    return render(request, "notify/unsubscribe.html", {"consent": consent, "states": ConsentState})


@page("notify.log")
@require_safe
def log(request: Request) -> HttpResponse:
    """What became of each mail: state and reason, never the address or the content."""
    actor = request.actor
    mails = visible(Mail.objects.all(), actor)
    wanted = request.GET.get("etat", "")
    if wanted in MailState.values:
        mails = mails.filter(state=wanted)
    counts = mails_by_state(actor.authority)
    return render(
        request,
        "notify/log.html",
        {
            "page": Paginator(mails.defer("text", "html"), 50).get_page(request.GET.get("page")),
            "states": [(s.value, s.label, counts.get(s.value, 0)) for s in MailState],
            "wanted": wanted,
            "server_missing": server_state().server is None,
        },
    )
