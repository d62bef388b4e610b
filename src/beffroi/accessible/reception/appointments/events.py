"""Events of the reception, told to other rooms once the change is committed."""

from beffroi.base.outbox.public import declare_event

declare_event("appointment_confirmed", "An appointment is booked (`starts_at`).")
declare_event("appointment_moved", "An appointment has another time, site or agent (`starts_at`).")
declare_event("appointment_cancelled", "An appointment is cancelled; its slot is free (`by`).")
declare_event("appointment_attended", "An agent noted whether the person came (`came`).")
