"""Events of the workshops, told to other rooms once the change is committed."""

from beffroi.base.outbox.public import declare_event

declare_event("workshop_proposed", "A partner proposes a workshop; an agent decides.")
declare_event("workshop_decided", "An agent accepted or refused a proposed workshop (`accepted`).")
declare_event("workshop_registered", "Somebody has a seat in a session, or waits (`state`).")
declare_event("workshop_seat_offered", "A freed seat is offered to the next who waits (`until`).")
declare_event("workshop_left", "Somebody gives up a seat or a place in the waiting list.")
declare_event("workshop_session_cancelled", "A session does not take place; all are told.")
