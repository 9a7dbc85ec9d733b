"""Takes this node's frames from the outbox and gives them to the sockets.

They are deleted as they are taken: frames are for sockets of this process, and die with it. A client that
comes back begins with its whole desk.
"""

from __future__ import annotations

import msgspec

from console.db import outbox
from console.errors import NotReady
from console.services.context import Context
from console.services.telling import Told

POLL_S = 0.1
TOGETHER_MAX = 1000
"""Frames taken at once."""


class Frames:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                more = await self.run_once()
            except NotReady:
                more = False
            if not more:
                await self._ctx.nudges.wait("frames", timeout=POLL_S)

    async def run_once(self) -> bool:
        """Everything that is there. True: there may be more at once.

        Raises NotReady when the database is away.
        """
        asked = False
        try:
            async with self._ctx.db.statement() as db:
                asked = True
                rows = await outbox.take_frames(db, f"node:{self._ctx.node}", TOGETHER_MAX)
        except NotReady:
            if asked:
                # Deleted or not, nobody knows: let every socket begin anew rather than miss one frame.
                self._ctx.hub.reset()
            raise
        for _, body in rows:
            told = msgspec.json.decode(body, type=Told)
            self._ctx.hub.tell(told.agent, told.message, told.decision)
        return len(rows) == TOGETHER_MAX
