from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from beffroi.base.access.public import Actor, Request, door, follow, page, public_page
from beffroi.base.authorities.models import Domain, Street
from beffroi.base.design.charts import Chart
from beffroi.base.design.maps import Layer, Map, Mark
from beffroi.base.design.maps import Street as DrawnStreet
from beffroi.base.design.words import say_moment

from . import actions
from .annotations import annotations_of
from .export import csv_rows
from .forms import DatastreamForm, ThingForm
from .models import Datastream, Thing
from .queries import chart_of_stream, last_stretch, quarantine_for, series_for, things_of_territory
from .templatetags.objects import say_latest
from .units import spoken_unit

#: Seconds; a late reading or a new rule may be missing from a drawing for that long.
CHART_KEPT = 10
PERIODS = {
    "1": timedelta(days=1),
    "7": timedelta(days=7),
    "30": timedelta(days=30),
    "365": timedelta(days=365),
}
ICONS = {
    Domain.WATER: "water", Domain.ENERGY: "energy", Domain.LIGHTING: "lamp", Domain.WASTE: "waste",
    Domain.FIRE: "fire", Domain.ROADS: "road",
}  # fmt: skip
MOST_STREETS = 400


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor
    return actor


@public_page
@require_GET
def territory(request: Request) -> HttpResponse:
    """The things of the territory: a map, and the same in words."""
    domain = request.GET.get("domaine", "")
    if domain and domain not in Domain.values:
        raise Http404
    found = things_of_territory(_actor(request), domain)
    groups = [
        (Domain(name), list(things))
        for name, things in groupby(found, key=lambda thing: thing.domain)
    ]
    return render(
        request,
        "objects/territory.html",
        {"groups": groups, "map": _map(request, groups), "domains": Domain, "domain": domain},
    )


def _map(request: Request, groups: list[tuple[Domain, list[Thing]]]) -> Map:
    layers = [
        Layer(
            str(domain.label),
            ICONS.get(domain, "gauge"),
            marks=[_mark(thing) for thing in things if thing.latitude is not None],
        )
        for domain, things in groups
    ]
    streets = Street.objects.filter(authority=_actor(request).authority).exclude(geometry=None)[
        :MOST_STREETS
    ]
    return Map(
        _("Objets du territoire"),
        [layer for layer in layers if layer.marks],
        [
            DrawnStreet(
                [(point[0], point[1]) for point in street.geometry["coordinates"]], street.name
            )
            for street in streets
            if street.geometry
        ],
    )


def _mark(thing: Thing) -> Mark:
    first: Datastream = thing.shown[0]  # type: ignore[attr-defined]
    return Mark(
        lon=thing.longitude or 0.0,
        lat=thing.latitude or 0.0,
        label=thing.name,
        detail=say_latest(first),
        url=reverse("objects:series", args=[first.pk]),
        key=f"objet-{thing.pk}",
    )


def _series_or_404(request: Request, pk: int) -> Datastream:
    found = series_for(_actor(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _drawn(request: Request, stream: Datastream, period: str) -> dict[str, object]:
    """The chart for `_chart.html`, and what its drawing may be kept under.

    Drawing two thousand points costs more than all the rest of the page, and many people look at
    one series: the drawing is kept for CHART_KEPT seconds, until the next reading at most.
    """
    actor = _actor(request)
    key = (
        stream.pk,
        stream.latest_time,
        stream.latest_value,
        period,
        actor.authority.pk,
        sorted(actor.roles),
    )
    return {
        "chart": SimpleLazyObject(lambda: _chart(request, stream, period)),
        "chart_key": (*key, get_language()),
        "chart_kept": CHART_KEPT,
    }


def _chart(request: Request, stream: Datastream, period: str) -> Chart:
    start, end = last_stretch(stream, PERIODS[period])
    levels, events = annotations_of(stream, start, end, _actor(request))
    return chart_of_stream(stream, start, end, _answer(stream), levels, events)


def _answer(stream: Datastream) -> str:
    """The title of a chart is what it says."""
    if stream.latest_value is None or stream.latest_time is None:
        return _("%(name)s : aucune mesure reçue") % {"name": stream}
    return _("%(value)s, %(when)s") % {
        "value": say_latest(stream),
        "when": say_moment(
            stream.latest_time, stream.authority.zone, get_language() or "fr", now=timezone.now()
        ),
    }


def _period(request: Request) -> str:
    asked = request.GET.get("jours", "7")
    if asked not in PERIODS:
        raise Http404
    return asked


@public_page
@require_GET
def series(request: Request, pk: int) -> HttpResponse:
    """One series: its chart, its table, its file."""
    stream, period = _series_or_404(request, pk), _period(request)
    actor = _actor(request)
    response = render(
        request,
        "objects/series.html",
        {
            "stream": stream,
            "unit": spoken_unit(stream.unit),
            **_drawn(request, stream, period),
            "period": period,
            "periods": [
                ("1", _("un jour")),
                ("7", _("7 jours")),
                ("30", _("30 jours")),
                ("365", _("un an")),
            ],
            "topic": f"/series/{stream.pk}",
            "may_manage": actor.may("objects.manage") and stream.authority_id == actor.authority.pk,
        },
    )
    if not stream.public:
        follow(request, response, [f"/series/{stream.pk}"])
    return response


@public_page
@require_GET
def series_chart(request: Request, pk: int) -> HttpResponse:
    """The part of the page that open pages fetch again when readings come."""
    stream = _series_or_404(request, pk)
    return render(request, "objects/_chart.html", _drawn(request, stream, _period(request)))


@public_page
@require_GET
def series_csv(request: Request, pk: int) -> StreamingHttpResponse:
    """The readings as a file: French spreadsheet (`;`, decimal comma, local time) or `forme=iso`."""
    stream, period = _series_or_404(request, pk), _period(request)
    start, end = last_stretch(stream, PERIODS[period])
    rows: Iterator[str] = csv_rows(stream, start, end, iso=request.GET.get("forme") == "iso")
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="mesures-{stream.pk}-{period}j.csv"'
    return response


@page("objects.see")
@require_GET
def quarantine(request: Request) -> HttpResponse:
    """What devices sent and no series received."""
    pages = Paginator(quarantine_for(_actor(request)), 50)
    return render(
        request, "objects/quarantine.html", {"page_obj": pages.get_page(request.GET.get("page"))}
    )


@page("objects.manage")
@require_GET
def things(request: Request) -> HttpResponse:
    """The authority's own things, in service or not."""
    own = Thing.objects.filter(authority=_actor(request).authority).select_related("street")
    text = request.GET.get("q", "").strip()[:120]
    if text:
        own = own.filter(name__icontains=text)
    pages = Paginator(own.prefetch_related("datastreams"), 50)
    return render(
        request,
        "objects/things.html",
        {"page_obj": pages.get_page(request.GET.get("page")), "text": text},
    )


@page("objects.manage")
@require_http_methods(["GET", "POST"])
def new_thing(request: Request) -> HttpResponse:
    actor = _actor(request)
    form = ThingForm(request.POST or None, authority=actor.authority)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_thing(actor, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("L’objet est créé. Ajoutez-lui une série."))
            return redirect("objects:thing", pk=made.pk)
    return render(
        request, "objects/new_thing.html", {"form": form}, status=422 if form.errors else 200
    )


def _own_thing(request: Request, pk: int) -> Thing:
    actor = _actor(request)
    return door(
        Thing.objects.select_related("street", "authority").filter(authority=actor.authority),
        actor,
        pk=pk,
    )


@page("objects.manage")
@never_cache
@require_http_methods(["GET", "POST"])
def thing(request: Request, pk: int) -> HttpResponse:
    """A thing, its series, and (POST) a new series."""
    found, actor = _own_thing(request, pk), _actor(request)
    form = DatastreamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            actions.create_datastream(
                actor, found, fields["key"], fields["observed_property"],
                fields["unit"], fields["step"], fields["public"],
            )  # fmt: skip
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(
                request, _("La série est créée : elle reçoit les mesures dès maintenant.")
            )
            return redirect("objects:thing", pk=found.pk)
    return _thing_page(request, found, form=form)


def _thing_page(
    request: Request, found: Thing, form: DatastreamForm, token: str = ""
) -> HttpResponse:
    return render(
        request,
        "objects/thing.html",
        {
            "thing": found,
            "streams": found.datastreams.select_related("observed_property"),
            "form": form,
            "token": token,
        },
        status=422 if form.errors else 200,
    )


@page("objects.manage")
@never_cache
@require_POST
def new_token(request: Request, pk: int) -> HttpResponse:
    """The token is on this page and nowhere else: it cannot be read again."""
    found = _own_thing(request, pk)
    try:
        token = actions.create_device_token(_actor(request), found)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("objects:thing", pk=found.pk)
    return _thing_page(request, found, DatastreamForm(), token)


@page("objects.manage")
@require_POST
def retire(request: Request, pk: int) -> HttpResponse:
    found = actions.retire_thing(_actor(request), _own_thing(request, pk))
    messages.success(
        request, _("L’objet est retiré : ses mesures restent, son appareil n’est plus écouté.")
    )
    return redirect("objects:thing", pk=found.pk)


@page("objects.manage")
@require_POST
def share(request: Request, pk: int) -> HttpResponse:
    """Show a series to everybody, or to agents only."""
    actor = _actor(request)
    stream = door(
        Datastream.objects.select_related("thing", "authority").filter(authority=actor.authority),
        actor,
        pk=pk,
    )
    actions.publish_datastream(actor, stream, request.POST.get("public") == "1")
    return redirect("objects:series", pk=stream.pk)
