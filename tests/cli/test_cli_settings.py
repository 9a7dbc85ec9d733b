"""`console settings`."""

from click.testing import CliRunner

from console.cli import console
from console.cli.settings import every_setting


def test_every_setting_has_a_default_a_unit_and_a_sentence() -> None:
    found = {setting.variable: setting for setting in every_setting()}

    assert found["CONSOLE_DATABASE_URL"].default == "absent"
    assert found["CONSOLE_DATA_DIR"].unit == "path"
    assert found["CONSOLE_LOG"].unit == "json|text"
    assert (found["CONSOLE_JOURNAL_MONTHS"].default, found["CONSOLE_JOURNAL_MONTHS"].unit) == ("24", "months")
    assert all(setting.default and setting.unit and setting.description for setting in found.values())


def test_they_are_printed_one_a_line() -> None:
    lines = CliRunner().invoke(console, ["settings"]).stdout.splitlines()

    assert [line.split()[0] for line in lines] == [setting.variable for setting in every_setting()]
