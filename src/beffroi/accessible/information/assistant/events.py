from beffroi.base.outbox.public import declare_event

declare_event("conversation_handed_over", "A resident asked for an agent in a conversation.")
declare_event("conversation_answered", "An agent answered a resident in a conversation.")
