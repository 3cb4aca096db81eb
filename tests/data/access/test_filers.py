"""填报人员: several people file for one enterprise, and hand over, without anybody else's help or reach."""

import pytest

from core.base.errors import Forbidden, Refused
from data.access import credentials, filers, sessions
from data.access.visit import Visit
from data.filing import filings
from tests.world import PASSWORD_HASH, World, save


def enter(world: World, account: str) -> Visit:
    token = sessions.start(world.store, account, way="test", address=None, agent=None)
    visit = sessions.visit_of(world.store, sessions.token_id(token))
    assert visit is not None
    return visit


def add(world: World, username: str, name: str = "李四", by: Visit | None = None) -> str:
    return filers.add(by or world.visit("enterprise"), username=username, name=name, password_hash=PASSWORD_HASH)


def test_an_added_filer_files_for_the_same_enterprise_in_his_own_name(world: World) -> None:
    draft = world.save("enterprise")
    visit = enter(world, add(world, "LiSi"))
    assert (visit.role, visit.enterprise_id) == ("enterprise", world.visit("enterprise").enterprise_id)
    mine = filings.mine(visit)
    assert mine is not None
    assert (mine.id, mine.content) == (draft.id, draft.content)
    save(visit, mine, {"basic.contact_name": "李四"})
    assert filings.timeline(visit, mine.id)[0].who == "李四"
    known = credentials.local_credentials(world.store, "ma0dem013.lisi")
    assert known is not None
    assert known["must_change"]


def test_the_list_shows_one_s_own_enterprise_only(world: World) -> None:
    add(world, "lisi")
    filers.add(world.visit("other"), username="zhao", name="赵六", password_hash=PASSWORD_HASH)
    assert [row.username for row in filers.listing(world.visit("enterprise"))] == [
        "91420199ma0dem013c",
        "ma0dem013.lisi",
    ]
    assert [row.username for row in filers.listing(world.visit("other"))] == ["91420199ma0dem0217", "ma0dem021.zhao"]


@pytest.mark.parametrize("persona", ["district", "city", "administrator"])
def test_staff_have_no_part_in_it(world: World, persona: str) -> None:
    visit = world.visit(persona)
    for deed in (
        lambda: filers.listing(visit),
        lambda: add(world, "x1", by=visit),
        lambda: filers.set_active(visit, "local-x", False),
        lambda: filers.reset(visit, "local-x", "h"),
        lambda: filers.hand_over(visit, "local-x", leave=False),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_another_enterprise_reaches_nobody_here(world: World) -> None:
    account, stranger = add(world, "lisi"), world.visit("other")
    before = world.store.data_version
    for deed in (
        lambda: filers.set_active(stranger, account, False),
        lambda: filers.reset(stranger, account, "h"),
        lambda: filers.hand_over(stranger, account, leave=False),
        lambda: filers.set_active(stranger, "local-officer", False),
    ):
        with pytest.raises(Forbidden):
            deed()
    assert world.store.data_version == before
    known = credentials.local_credentials(world.store, "ma0dem013.lisi")
    assert known is not None
    assert known["password_hash"] == PASSWORD_HASH


def test_a_plain_filer_manages_nobody(world: World) -> None:
    visit, other = enter(world, add(world, "lisi")), add(world, "wangwu")
    assert not filers.may_manage(visit)
    for deed in (
        lambda: add(world, "x1", by=visit),
        lambda: filers.set_active(visit, other, False),
        lambda: filers.reset(visit, other, "h"),
        lambda: filers.hand_over(visit, other, leave=False),
    ):
        with pytest.raises(Forbidden, match="负责人"):
            deed()


def test_stopping_ends_the_sessions_at_once_and_starting_lets_in_again(world: World) -> None:
    account = add(world, "lisi")
    visit = enter(world, account)
    assert filers.set_active(world.visit("enterprise"), account, False) == 1
    assert sessions.visit_of(world.store, visit.session_id) is None
    filers.set_active(world.visit("enterprise"), account, True)
    assert enter(world, account)


def test_handing_over_and_leaving(world: World) -> None:
    first, second = add(world, "lisi"), add(world, "wangwu")
    draft = world.save("enterprise")
    filers.hand_over(world.visit("enterprise"), first, leave=False)
    leaving = enter(world, first)
    assert filers.may_manage(leaving)
    filers.hand_over(leaving, second, leave=True)
    assert sessions.visit_of(world.store, leaving.session_id) is None
    heir = enter(world, second)
    assert filers.may_manage(heir)
    standing = {row.username: (row.active, row.principal) for row in filers.listing(heir)}
    assert standing == {
        "91420199ma0dem013c": (True, False),
        "ma0dem013.lisi": (False, False),
        "ma0dem013.wangwu": (True, True),
    }
    mine = filings.mine(heir)
    assert mine is not None
    assert mine.content == draft.content
    with pytest.raises(Refused, match="停用"):
        filers.hand_over(heir, first, leave=False)


def test_who_signs_in_for_the_legal_person_can_always_take_it_back(world: World) -> None:
    account, visit = add(world, "lisi"), world.visit("enterprise")
    with pytest.raises(Refused, match="法人"):
        filers.hand_over(visit, account, leave=True)
    filers.hand_over(visit, account, leave=False)
    assert filers.may_manage(visit)
    assert filers.set_active(visit, account, False) == 0
    assert [row.principal for row in filers.listing(visit)] == [False, False]


def test_there_is_a_bound(world: World) -> None:
    for number in range(filers.MOST - 1):
        add(world, f"filer{number}")
    with pytest.raises(Refused, match="最多"):
        add(world, "onemore")


def test_adding_a_filer_does_not_tell_which_names_the_staff_or_others_have(world: World) -> None:
    filers.add(world.visit("other"), username="zhao", name="赵六", password_hash=PASSWORD_HASH)
    free, staff, others = (add(world, name) for name in ("nobody", "officer", "zhao"))
    assert [free, staff, others] == [f"local-ma0dem013.{name}" for name in ("nobody", "officer", "zhao")]
    with pytest.raises(Refused, match="已被使用"):  # of one's own enterprise it may say so
        add(world, "officer")
