"""Names for ids, so that no id is taken for another, and the one way to make one.

Every id but the centre's own names (agents, queues, skills) is a UUIDv7 in text form.
"""

from typing import NewType

import uuid_utils

AgentName = NewType("AgentName", str)
QueueName = NewType("QueueName", str)
ItemId = NewType("ItemId", str)
OfferId = NewType("OfferId", str)
CallId = NewType("CallId", str)
"""The console's own id of a call; the phone system's is `ExternalCallId`."""
ExternalCallId = NewType("ExternalCallId", str)
CaseId = NewType("CaseId", str)
CustomerId = NewType("CustomerId", str)
FactId = NewType("FactId", str)
NodeId = NewType("NodeId", str)


def new_id() -> str:
    """A UUIDv7: unique, and ordered by the millisecond in which it was made."""
    return str(uuid_utils.uuid7())
