from __future__ import annotations

import pytest

from console.errors import FieldError
from console.web.errors import field_error


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Expected `str`, got `int` - at `$.subject`", FieldError("subject", "Expected str, got int.")),
        ("Object missing required field `text`", FieldError("text", "Required, and missing.")),
        (
            "Object contains unknown field `phon` - at `$.customer`",
            FieldError("customer.phon", "There is no such field here."),
        ),
        ("Expected `int` <= 10 - at `$.requires[...]`", FieldError("requires", "Expected int <= 10.")),
        (
            "Expected `str` of length <= 3 - at `key` in `$.requires`",
            FieldError("requires", "Expected str of length <= 3."),
        ),
        ("Expected `object`, got `array`", FieldError("body", "Expected object, got array.")),
        (
            "Expected `str` matching regex '^[^\\\\x00]*$' - at `$.subject`",
            FieldError("subject", "Not in the form that is asked for here; control characters are never taken."),
        ),
    ],
)
def test_a_fault_in_a_body_is_told_by_field_in_plain_words(said: str, found: FieldError) -> None:
    assert field_error(said) == found
