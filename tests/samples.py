"""One object of every kind, in one authority, and the page addresses that show it.

The walks of the suite (tenants, accessibility) open every page with these; a page that needs
an object and has none here fails them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from beffroi.accessible.inclusion.workshops import models as workshops
from beffroi.accessible.information.assistant import actions as assistant
from beffroi.accessible.information.assistant.models import Conversation
from beffroi.accessible.information.broadcast import actions as broadcast
from beffroi.accessible.information.signage.models import Screen
from beffroi.accessible.reception.appointments import models as appointments
from beffroi.base.access.models import Grant
from beffroi.base.access.public import Actor, actor_of_account
from beffroi.base.imports.models import ImportRun
from beffroi.base.notify.models import Consent
from beffroi.base.people.actions import invitation_path
from beffroi.sustainable.territory.insights.models import Insight, Rule
from beffroi.sustainable.territory.interventions import models as interventions
from beffroi.sustainable.territory.objects import actions as territory

from .conftest import World

#: Stands in every text: a foreign page that shows it has leaked.
SECRET = "Zanzibar"


@dataclass
class Samples:
    """Parameters by page name, `*` for all pages of a room, most precise first."""

    parameters: dict[str, dict[str, object]] = field(default_factory=dict)

    def of(self, page_name: str, needed: frozenset[str]) -> dict[str, object] | None:
        """What the page needs, or None when nothing here fits it."""
        room = page_name.partition(":")[0]
        for key in (page_name, f"{room}:*"):
            known = self.parameters.get(key, {})
            if needed <= set(known):
                return {name: known[name] for name in needed}
        return None


def plant(world: World) -> Samples:
    """Fill the commune with one object of each kind, through the rooms' actions where people would."""
    commune = world.commune
    agent = actor_of_account(world.accounts["agent"], commune)
    now = timezone.now().replace(microsecond=0)
    street = world.streets["quai-foch"]

    notice = broadcast.propose(
        agent,
        commune,
        broadcast.Content(f"Travaux {SECRET}", "Le quai est fermé.", 2, "roads", [street]),
    )
    shown = broadcast.propose(
        agent,
        commune,
        broadcast.Content("Marché déplacé", "Le marché se tient place du Puits.", 1, "general"),
    )
    broadcast.publish(actor_of_account(world.accounts["head"], commune), shown)
    screen = Screen.objects.create(authority=commune, name=f"Hall {SECRET}")

    conversation = assistant.ask(Actor.anonymous(commune), f"Où est la girafe {SECRET} ?")
    hand_over = assistant.ask_for_an_agent(
        Actor.anonymous(commune), conversation, name="Paul", contact=""
    )
    turn = Conversation.objects.get(pk=conversation.pk).turns.order_by("-pk").first()

    reason = appointments.Reason.objects.create(
        authority=commune, service=world.services["etat-civil"], label="Passeport", duration=20
    )
    clerk = appointments.Agent.objects.create(
        authority=commune,
        service=world.services["etat-civil"],
        site=world.site,
        name=f"Guichet {SECRET}",
    )
    opening = appointments.Opening.objects.create(
        authority=commune, agent=clerk, site=world.site, weekday=1, starts=dt.time(9), ends=dt.time(12),
        first_day=now.date(),
    )  # fmt: skip
    opening.reasons.add(reason)
    absence = appointments.Absence.objects.create(
        authority=commune,
        agent=clerk,
        starts_at=now + dt.timedelta(days=9),
        ends_at=now + dt.timedelta(days=10),
    )
    start = (now + dt.timedelta(days=3)).replace(hour=10, minute=0, second=0)
    appointment = appointments.Appointment.objects.create(
        authority=commune, reason=reason, agent=clerk, site=world.site, starts_at=start,
        ends_at=start + dt.timedelta(minutes=20), status=appointments.Status.CONFIRMED,
        person=world.accounts["resident"].person, answers={"documents": [], "note": SECRET},
    )  # fmt: skip

    admin = actor_of_account(world.accounts["admin"], commune)
    thing = territory.create_thing(
        admin, domain="waste", name=f"Conteneur {SECRET}", device_id="bin-1", street=street
    )
    stream = territory.create_datastream(
        admin, thing, "fill", territory.property_named("fill", "Remplissage", "%")
    )
    crew = interventions.Crew.objects.create(
        authority=commune, name=f"Propreté {SECRET}", domain="waste"
    )
    rule = Rule.objects.create(
        authority=commune, domain="waste", name=f"Plein {SECRET}", on_level=90, off_level=50,
        message="Conteneur plein", crew=crew,
    )  # fmt: skip
    rule.datastreams.add(stream)
    insight = Insight.objects.create(
        authority=commune, domain="waste", rule=rule, datastream=stream, title=f"Conteneur {SECRET} plein",
        onset=now, opened_at=now, peak=96, peak_at=now, held=0,
    )  # fmt: skip
    intervention = interventions.Intervention.objects.create(
        authority=commune,
        domain="waste",
        title=f"Vider {SECRET}",
        crew=crew,
        state=interventions.State.SENT,
    )
    workshop = workshops.Workshop.objects.create(
        authority=commune, title="Premiers pas en ligne", summary=f"Avec {SECRET}",
        state=workshops.ProposalState.APPROVED,
    )  # fmt: skip
    session = workshops.Session.objects.create(
        authority=commune, workshop=workshop, starts_at=start, ends_at=start + dt.timedelta(hours=2),
        site=world.site, seats=12,
    )  # fmt: skip
    registration = workshops.Registration.objects.create(
        authority=commune, session=session, person=world.accounts["resident"].person,
        state=workshops.RegistrationState.REGISTERED,
    )  # fmt: skip
    run = ImportRun.objects.create(
        authority=commune, importer="articles", source_name=f"{SECRET}.md"
    )
    consent = Consent.objects.create(
        authority=commune, kind="street", scope="quai-foch", title="quai Foch", recipient="ana@example.org",
        recipient_hash="0" * 64, asked_at=now,
    )  # fmt: skip
    uid, token = invitation_path(world.accounts["partner"])
    return Samples(
        {
            "people:revoke": {"pk": Grant.objects.filter(authority=commune).first().pk},
            "people:choose_password": {"uid": uid, "token": token},
            "broadcast:notice": {"ref": shown.ref},
            "broadcast:notice_live": {"ref": shown.ref},
            "broadcast:*": {"ref": notice.ref},
            "signage:*": {"ref": screen.ref},
            "assistant:*": {"ref": conversation.ref, "pk": hand_over.pk, "turn_id": turn.pk},
            "appointments:*": {"reason_id": reason.pk, "ref": appointment.ref},
            "appointments:edit_opening": {"pk": opening.pk},
            "appointments:end_opening": {"pk": opening.pk},
            "appointments:end_absence": {"pk": absence.pk},
            "appointments:edit_reason": {"pk": reason.pk},
            "objects:series": {"pk": stream.pk},
            "objects:series_chart": {"pk": stream.pk},
            "objects:series_csv": {"pk": stream.pk},
            "objects:share": {"pk": stream.pk},
            "objects:*": {"pk": thing.pk},
            "insights:*": {"ref": insight.ref, "line": rule.line, "version": rule.version},
            "interventions:*": {"ref": intervention.ref, "pk": intervention.pk},
            "notify:*": {"ref": consent.ref},
            "imports:new": {"name": "articles"},
            "imports:*": {"ref": run.ref},
            "workshops:*": {"ref": session.ref},
            **{
                f"workshops:{page}": {"ref": workshop.ref}
                for page in ("decide", "edit_workshop", "add_session")
            },
            **{
                f"workshops:{page}": {"ref": registration.ref}
                for page in ("registration", "accept", "leave", "calendar_file", "desk_act")
            },
        }
    )
