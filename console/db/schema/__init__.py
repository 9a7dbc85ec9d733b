"""Every table, by the room that keeps it. Each has one writer, named beside it; migrations are held equal to this by a test.

Ids are uuid columns read as text; instants are timestamptz. The engine's rows (`routing_…`) are written
by the router alone; what a room's use cases know of the same work stands in their own tables.
"""

from __future__ import annotations

from console.db.schema.base import At, Id, metadata
from console.db.schema.cases import (
    activity,
    call,
    call_event,
    case,
    case_number,
    customer,
    customer_email,
    customer_phone,
    note_draft,
    work,
)
from console.db.schema.facts import inbox, inbox_refused, lease, node, outbox, verdict
from console.db.schema.handover import handover
from console.db.schema.kb import (
    article,
    article_change,
    article_feedback,
    article_image,
    article_number,
    article_review,
    article_revision,
    article_step,
    article_tally,
    article_use,
    topic,
)
from console.db.schema.matters import (
    account,
    attachment,
    case_link,
    case_viewing,
    contract,
    contract_use,
    task,
    time_spent,
)
from console.db.schema.people import (
    access_token,
    configuration,
    idempotent_request,
    sign_in,
    sign_in_attempt,
    user_account,
)
from console.db.schema.routing import (
    assignment,
    decision,
    decision_row,
    routing_agent,
    routing_item,
    routing_meta,
    routing_offer,
)
from console.db.schema.scripts import (
    script,
    script_answer,
    script_draft,
    script_effect,
    script_event,
    script_run,
    script_version,
)
from console.db.schema.sla import sla_clock, sla_event, sla_watch
from console.db.schema.telling import audit, notice

__all__ = [
    "At",
    "Id",
    "access_token",
    "account",
    "activity",
    "article",
    "article_change",
    "article_feedback",
    "article_image",
    "article_number",
    "article_review",
    "article_revision",
    "article_step",
    "article_tally",
    "article_use",
    "assignment",
    "attachment",
    "audit",
    "call",
    "call_event",
    "case",
    "case_link",
    "case_number",
    "case_viewing",
    "configuration",
    "contract",
    "contract_use",
    "customer",
    "customer_email",
    "customer_phone",
    "decision",
    "decision_row",
    "handover",
    "idempotent_request",
    "inbox",
    "inbox_refused",
    "lease",
    "metadata",
    "node",
    "note_draft",
    "notice",
    "outbox",
    "routing_agent",
    "routing_item",
    "routing_meta",
    "routing_offer",
    "script",
    "script_answer",
    "script_draft",
    "script_effect",
    "script_event",
    "script_run",
    "script_version",
    "sign_in",
    "sign_in_attempt",
    "sla_clock",
    "sla_event",
    "sla_watch",
    "task",
    "time_spent",
    "topic",
    "user_account",
    "verdict",
    "work",
]
