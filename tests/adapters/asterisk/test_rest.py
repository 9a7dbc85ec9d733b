"""ARI's REST side: what its answers mean."""

from __future__ import annotations

import pytest

from adapters.telephony.asterisk.rest import Rest
from console.telephony import PhoneSystemUnreachable
from tests.adapters.asterisk.ari_server import SECRET, USER, Switch


async def test_a_refusal_is_an_answer_with_its_reason() -> None:
    async with Switch() as switch:
        rest = Rest(switch.url, USER, SECRET)
        reply = await rest.ask("DELETE", "channels", "no-such")
        await rest.close()

    assert (reply.ok, reply.status) == (False, 404)
    assert "Channel not found" in reply.detail


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_switch_that_says_it_is_not_there_is_unreachable(status: int) -> None:
    async with Switch() as switch:
        switch.answer_next("GET", "/channels", status)
        rest = Rest(switch.url, USER, SECRET)
        with pytest.raises(PhoneSystemUnreachable, match=str(status)):
            await rest.ask("GET", "channels")
        assert (await rest.ask("GET", "channels")).ok
        await rest.close()


async def test_a_secret_that_the_switch_does_not_know_makes_it_unreachable() -> None:
    async with Switch() as switch:
        rest = Rest(switch.url, USER, "wrong")
        with pytest.raises(PhoneSystemUnreachable, match="401"):
            await rest.ask("GET", "channels")
        await rest.close()


async def test_an_id_with_strange_signs_stays_one_part_of_the_path() -> None:
    async with Switch() as switch:
        rest = Rest(switch.url, USER, SECRET)
        await rest.ask("DELETE", "channels", "../bridges/A?x=1#y")
        await rest.close()

        [request] = switch.requests
    assert (request.path, request.query) == ("/channels/../bridges/A?x=1#y", {})


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "not a url", ""])
async def test_nobody_at_the_address_is_unreachable(url: str) -> None:
    rest = Rest(url, USER, SECRET)
    with pytest.raises(PhoneSystemUnreachable):
        await rest.ask("GET", "channels")
    await rest.close()
