"""Who may do what: the contract's table, cell by cell."""

import pytest

from console.errors import NotAllowed, NotSignedIn
from console.people.permissions import PERSONAL, READING, Permission, may, require
from console.people.who import OPERATOR, Principal, Role, Scope

TABLE = {
    Permission.TELL_CALLS: "t",
    Permission.CHANGE_CASES: "a s m",
    Permission.SEE_CASES: "a s m",
    Permission.HAVE_PREFERENCES: "a s k m",
    Permission.HAVE_PRESENCE: "a s",
    Permission.SERVE: "a",
    Permission.HANDLE_WORK: "a s",
    Permission.SEE_WORK: "a s m",
    Permission.SUPERVISE: "s m",
    Permission.SEE_CENTRE: "s m",
    Permission.READ_ARTICLES: "a s k m",
    Permission.WRITE_ARTICLES: "k m",
    Permission.RUN_SCRIPTS: "a s",
    Permission.WRITE_SCRIPTS: "k m",
    Permission.KEEP_CONTRACTS: "s m",
    Permission.CONFIGURE: "m",
    Permission.MANAGE_PEOPLE: "m",
    Permission.LISTEN: "a s m",
}
"""By the letters of the contract's section 3."""

WHO = {
    "a": Principal(username="x", name="X", roles=frozenset({Role.AGENT.value})),
    "s": Principal(username="x", name="X", roles=frozenset({Role.SUPERVISOR.value})),
    "k": Principal(username="x", name="X", roles=frozenset({Role.AUTHOR.value})),
    "m": Principal(username="x", name="X", roles=frozenset({Role.ADMIN.value})),
    "t": Principal(integration="x", name="X", scopes=frozenset({Scope.TELEPHONY.value})),
}
READER = Principal(integration="x", name="X")


def test_the_table_has_every_permission() -> None:
    assert set(TABLE) == set(Permission)


@pytest.mark.parametrize("letter", WHO)
@pytest.mark.parametrize("permission", Permission)
def test_each_role_may_what_the_contract_says(permission: Permission, letter: str) -> None:
    assert may(WHO[letter], permission) == (letter in TABLE[permission].split())


@pytest.mark.parametrize("permission", Permission)
def test_an_integration_without_a_scope_may_read(permission: Permission) -> None:
    assert may(READER, permission) == (permission in READING)


@pytest.mark.parametrize("permission", Permission)
def test_the_operator_may_all_but_what_is_a_persons_own(permission: Permission) -> None:
    assert may(OPERATOR, permission) == (permission not in PERSONAL)


@pytest.mark.parametrize("permission", Permission)
def test_nobody_may_anything(permission: Permission) -> None:
    assert not may(None, permission)
    with pytest.raises(NotSignedIn):
        require(None, permission)


def test_several_roles_add_up() -> None:
    both = Principal(username="x", name="X", roles=frozenset({"agent", "author"}))

    assert may(both, Permission.SERVE)
    assert may(both, Permission.WRITE_ARTICLES)
    assert not may(both, Permission.CONFIGURE)


def test_a_user_has_no_scopes_and_an_integration_no_roles() -> None:
    assert not may(Principal(username="x", name="X", scopes=frozenset({"telephony"})), Permission.TELL_CALLS)
    assert not may(Principal(integration="x", name="X", roles=frozenset({"admin"})), Permission.CONFIGURE)


def test_a_user_who_is_called_operator_is_no_operator() -> None:
    assert not may(Principal(username="operator", name="operator"), Permission.CONFIGURE)


def test_whoever_may_is_told_by_name() -> None:
    assert require(WHO["a"], Permission.SERVE) == "x"
    assert require(OPERATOR, Permission.CONFIGURE) == "operator"


def test_a_refusal_says_what_it_takes() -> None:
    with pytest.raises(NotAllowed, match="This takes the role supervisor or admin"):
        require(WHO["a"], Permission.SUPERVISE)
    with pytest.raises(NotAllowed, match="This takes a token of scope telephony"):
        require(WHO["m"], Permission.TELL_CALLS)
