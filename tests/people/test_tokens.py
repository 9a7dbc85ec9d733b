"""What tokens look like, and what is kept of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BadInput
from console.people.tokens import CHANCE_BYTES, checked_scopes, cookie, is_token, kept, written

chance = st.binary(min_size=CHANCE_BYTES, max_size=CHANCE_BYTES)


@given(chance)
def test_a_token_is_known_for_what_it_is(secret: bytes) -> None:
    token = written(secret)

    assert token.startswith("ctk_")
    assert is_token(token)
    assert cookie(secret) in token


@given(chance, chance)
def test_two_tokens_are_kept_as_two_hashes(one: bytes, other: bytes) -> None:
    assert (kept(written(one)) == kept(written(other))) == (one == other)
    assert len(kept(written(one))) == 32


@pytest.mark.parametrize(
    "text", ["", "ctk_", "ctk_" + "x" * 42, "ctk_" + "x" * 44, "CTK_" + "x" * 43, "ctk_" + "é" * 43]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_token(text)


def test_scopes_are_those_there_are() -> None:
    assert checked_scopes(["telephony", "telephony"]) == ("telephony",)
    assert checked_scopes([]) == ()
    with pytest.raises(BadInput, match="there is telephony"):
        checked_scopes(["admin"])
