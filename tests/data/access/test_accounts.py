"""Accounts and sessions: who is it, for how long, and nothing kept that would let another in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from core.access.roles import SHIPPED
from core.base.dictionaries import DISTRICTS
from core.base.errors import Forbidden, Refused
from data.access import accounts, credentials, sessions
from data.filing import filings
from data.review import decisions
from data.rule import parameters
from data.store.store import SYSTEM, Transaction
from tests.world import NAMES, PASSWORD_HASH, USCC, World

ISSUER = "https://id.test"


def sign_in(world: World, name: str = "新名（虚构）", *, issuer: str = ISSUER, uscc: str = USCC["enterprise"]) -> str:
    return accounts.enterprise_account(world.store, issuer=issuer, uscc=uscc, enterprise_name=name, contact="张三")


def change(world: World, account: str, **changes: object) -> None:
    world.store.write(lambda t: t.append(SYSTEM, "account.changed", f"account:{account}", dict(changes)))


# --- sessions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["enterprise", "district", "city", "administrator"])
def test_a_session_s_visit_carries_the_person_and_the_scope(world: World, persona: str) -> None:
    visit = world.visit(persona)
    role = {"district": "district_reviewer", "city": "city_officer"}.get(persona, persona)
    assert visit.account_id == world.account(persona)
    assert (visit.role, visit.permissions) == (role, SHIPPED[role].permissions)
    assert visit.session_id == sessions.token_id(world.token(persona))
    assert visit.organisation_id == ("GX" if persona == "district" else None)
    words = {"enterprise": "本企业", "district": DISTRICTS["GX"]}
    assert visit.scope.words == words.get(persona, "全市")
    expected = accounts.enterprise_id(USCC["enterprise"]) if persona == "enterprise" else None
    assert visit.enterprise_id == expected
    assert (visit.actor.account_id, visit.actor.session_id) == (visit.account_id, visit.session_id)


@pytest.mark.parametrize("identity", [None, "", "unknown", "0" * 64])
def test_an_unknown_session_is_nobody(world: World, identity: str | None) -> None:
    assert sessions.visit_of(world.store, identity) is None


def test_the_token_itself_is_not_the_session_s_name(world: World) -> None:
    """Who reads the sessions table can not sign in with what stands there, and the token alone names no row."""
    token = world.token("city")
    assert sessions.visit_of(world.store, token) is None
    assert sessions.visit_of(world.store, sessions.token_id(sessions.token_id(token))) is None


def test_an_ended_session_is_nobody_from_then_on_and_others_stay(world: World) -> None:
    first = sessions.token_id(world.token("city"))
    second = sessions.token_id(sessions.start(world.store, world.account("city"), way="test", address=None, agent=None))
    visit = world.visit("city")
    sessions.end(world.store, first, reason="退出", actor=visit.actor)
    assert sessions.visit_of(world.store, first) is None
    assert sessions.visit_of(world.store, second) is not None
    facts = world.store.facts(f"session:{first}")
    assert [(fact.kind, fact.account_id) for fact in facts] == [
        ("session.opened", visit.account_id),
        ("session.ended", visit.account_id),
    ]
    sessions.end(world.store, first, reason="退出", actor=visit.actor)
    sessions.end(world.store, "unknown", reason="退出", actor=visit.actor)
    assert world.store.facts(f"session:{first}") == facts


def test_a_session_in_use_ends_after_twelve_hours_by_the_clock(world: World) -> None:
    identity = sessions.token_id(world.token("city"))
    opened = world.store.rows("SELECT opened_at FROM sessions WHERE id = $1", [identity])[0]["opened_at"]
    for quarters in range(1, 48):
        world.clock.now = opened + timedelta(minutes=15 * quarters)
        assert sessions.visit_of(world.store, identity) is not None
        sessions.use(world.store, identity)
    world.clock.now = opened + timedelta(hours=12) - timedelta(seconds=1)
    assert sessions.visit_of(world.store, identity) is not None
    world.clock.now = opened + timedelta(hours=12)
    assert sessions.visit_of(world.store, identity) is None
    world.clock.now = opened + timedelta(days=400)
    assert sessions.visit_of(world.store, identity) is None


def test_a_session_left_alone_ends_after_thirty_minutes_and_looking_at_it_is_no_use_of_it(world: World) -> None:
    identity = sessions.token_id(world.token("city"))
    sessions.use(world.store, identity)
    used = world.clock.now
    for minute in range(1, 30):
        world.clock.now = used + timedelta(minutes=minute)
        assert sessions.visit_of(world.store, identity) is not None
    world.clock.now = used + timedelta(minutes=30)
    assert sessions.visit_of(world.store, identity) is None
    assert sessions.remaining(world.store, identity) == timedelta(0)


@pytest.mark.parametrize("minutes", [10, 120])
def test_the_administrator_sets_how_long_a_session_may_be_left_alone(world: World, minutes: int) -> None:
    parameters.put(world.visit("administrator"), "idle_minutes", 0, str(minutes))
    identity = sessions.token_id(world.token("city"))
    sessions.use(world.store, identity)
    world.clock.now += timedelta(minutes=minutes, seconds=-1)
    assert sessions.visit_of(world.store, identity) is not None
    world.clock.now += timedelta(seconds=1)
    assert sessions.visit_of(world.store, identity) is None


def test_the_last_use_outlives_a_restart_to_the_minute(world: World) -> None:
    identity = sessions.token_id(world.token("city"))
    world.clock.now += timedelta(minutes=25)
    sessions.use(world.store, identity)
    world.close()
    again = World(world.folder, clock=world.clock)
    try:
        world.clock.now += timedelta(minutes=28)
        assert sessions.visit_of(again.store, identity) is not None
        world.clock.now += timedelta(minutes=2)
        assert sessions.visit_of(again.store, identity) is None
    finally:
        again.close()


def test_ending_all_ends_also_what_was_opened_in_the_same_batch(world: World) -> None:
    kept, other = (
        sessions.token_id(sessions.start(world.store, "local-officer", way="test", address=None, agent=None))
        for _ in "ab"
    )
    visit = sessions.visit_of(world.store, kept)
    assert visit is not None
    assert {row.id for row in sessions.mine(visit)} == {kept, other}

    def job(transaction: Transaction) -> int:
        row = transaction.get("sessions", other)
        assert row is not None
        transaction.put("sessions", {**row, "id": "new"})
        return sessions.end_all(transaction, "local-officer", reason="试", actor=visit.actor, but=kept)

    assert world.store.write(job) == 2
    assert sessions.visit_of(world.store, other) is None
    assert [row.id for row in sessions.mine(visit)] == [kept]


def test_nobody_ends_another_s_session(world: World) -> None:
    identity = sessions.token_id(world.token("city"))
    with pytest.raises(Forbidden):
        sessions.end_mine(world.visit("administrator"), identity)
    assert sessions.visit_of(world.store, identity) is not None
    assert sessions.end_mine(world.visit("city"), identity) == 1
    assert sessions.visit_of(world.store, identity) is None


def test_the_provider_s_token_leaves_with_the_session(world: World) -> None:
    account = world.account("enterprise")
    identity = sessions.token_id(
        sessions.start(world.store, account, way="统一登录", address=None, agent=None, id_token="t")
    )
    assert sessions.id_token(world.store, identity) == "t"
    sessions.end(world.store, identity, reason="退出登录", actor=SYSTEM)
    assert sessions.id_token(world.store, identity) is None
    assert world.store.rows("SELECT id_token FROM sessions WHERE id = $1", [identity]) == [{"id_token": None}]


def test_stopping_an_account_ends_its_open_sessions_at_once_and_lets_no_new_one_begin(world: World) -> None:
    identity = sessions.token_id(world.token("district"))
    assert sessions.visit_of(world.store, identity) is not None
    change(world, "local-gxreviewer", active=False)
    assert sessions.visit_of(world.store, identity) is None
    assert credentials.local_credentials(world.store, "gxreviewer") is None
    with pytest.raises(Refused, match="已停用"):
        sessions.start(world.store, "local-gxreviewer", way="test", address=None, agent=None)
    account = world.account("enterprise")
    change(world, account, active=False)
    with pytest.raises(Refused, match="已停用"):
        sign_in(world)
    change(world, account, active=True)
    assert sign_in(world) == account


def test_a_changed_role_or_district_counts_from_the_next_request(world: World) -> None:
    identity = sessions.token_id(world.token("district"))
    change(world, "local-gxreviewer", organisation_id="HS")
    visit = sessions.visit_of(world.store, identity)
    assert visit is not None
    assert (visit.organisation_id, visit.scope.districts) == ("HS", {"HS"})
    change(world, "local-gxreviewer", role="administrator")
    visit = sessions.visit_of(world.store, identity)
    assert visit is not None
    assert visit.permissions == SHIPPED["administrator"].permissions


def test_there_is_no_session_for_an_account_that_is_not_there(world: World) -> None:
    with pytest.raises(Refused):
        sessions.start(world.store, "local-nobody", way="test", address=None, agent=None)


def test_a_session_outlives_a_restart_until_its_hour(world: World) -> None:
    identity = sessions.token_id(world.token("city"))
    world.close()
    again = World(world.folder, clock=world.clock)
    try:
        assert sessions.visit_of(again.store, identity) is not None
        world.clock.now += timedelta(hours=13)
        assert sessions.visit_of(again.store, identity) is None
    finally:
        again.close()


def everything_stored(world: World) -> Iterator[tuple[str, bytes]]:
    for row in world.store.rows("SELECT table_name FROM duckdb_tables()"):
        table = row["table_name"]
        yield table, repr(world.store.rows(f"SELECT * FROM {table}")).encode()
    world.close()  # flushed and uncompressed write-ahead log merged
    for file in sorted(world.folder.rglob("*")):
        yield file.name, file.read_bytes()


def test_the_token_is_stored_nowhere(world: World) -> None:
    tokens = [world.token(persona) for persona in ("enterprise", "city", "district")]
    assert all(len(token) >= 40 for token in tokens)
    assert len(set(tokens)) == 3
    with (world.folder / "library.duckdb.wal").open("rb") as log:
        written = log.read()
    assert sessions.token_id(tokens[0]).encode() in written  # the search finds what is there
    assert not any(token.encode() in written for token in tokens)
    seen = {}
    for name, content in everything_stored(world):
        seen[name] = content
        assert not any(token.encode() in content for token in tokens), name
    assert sessions.token_id(tokens[0]).encode() in seen["sessions"]


# --- local accounts --------------------------------------------------------------------------------------


def create(world: World, username: str = "newcomer", role: str = "city_officer", district: str | None = None) -> str:
    return accounts.create_local(
        world.store, username=username, name="新人", role=role, organisation_id=district, password_hash="hash"
    )


def test_a_local_account_is_found_by_its_name_however_it_is_written(world: World) -> None:
    identity = create(world, " NewComer ")
    for written in ("newcomer", "NEWCOMER", "  newcomer "):
        found = credentials.local_credentials(world.store, written)
        assert found is not None
        assert (found["account_id"], found["password_hash"]) == (identity, "hash")
    assert credentials.local_credentials(world.store, "stranger") is None


@pytest.mark.parametrize("username", ["officer", "OFFICER", " officer "])
def test_a_user_name_is_given_once(world: World, username: str) -> None:
    with pytest.raises(Refused, match="已被使用"):
        create(world, username)
    kept = credentials.local_credentials(world.store, "officer")
    assert kept is not None
    assert (kept["account_id"], kept["password_hash"]) == ("local-officer", PASSWORD_HASH)


def test_of_many_who_ask_for_a_name_at_once_one_gets_it(world: World) -> None:
    def ask(_: int) -> bool:
        try:
            create(world, "wanted")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


@pytest.mark.parametrize(
    ("role", "district"),
    [("superuser", None), ("", None), ("enterprise", None), ("district_reviewer", None), ("district_reviewer", "ZZ")],
)
def test_no_account_is_created_whose_scope_would_be_wrong(world: World, role: str, district: str | None) -> None:
    """Without district or enterprise a visit's scope is the whole city: only the city's roles may have that."""
    with pytest.raises(Refused):
        create(world, role=role, district=district)
    assert credentials.local_credentials(world.store, "newcomer") is None


def test_a_password_hash_stands_in_no_fact(world: World) -> None:
    create(world)
    assert not any("hash" in str(fact.body) for fact in world.store.facts())


# --- five failures ---------------------------------------------------------------------------------------


def test_nobody_elsewhere_locks_a_user_name_for_its_owner(world: World) -> None:
    for _ in range(20):
        if credentials.reserve(world.store, "officer", "203.0.113.9") is not None:
            credentials.record_failure(world.store, "officer", "203.0.113.9", reserved=world.clock.now)
    assert credentials.reserve(world.store, "officer", "203.0.113.9") is None
    assert credentials.locked(world.store, "officer"), "the administrator sees it"
    assert credentials.reserve(world.store, "officer", "10.0.0.1") is not None
    # A name that ends as those do under which wrong codes are counted is no way around it.
    for _ in range(9):
        credentials.reserve(world.store, "officer#code", "203.0.113.9")
    assert not credentials.codes_locked(world.store, "officer")


def test_from_many_addresses_a_password_is_not_guessed_and_a_second_factor_is_the_way_out(world: World) -> None:
    for name in ("officer", "keeper"):
        for number in range(credentials.FAILURES_OF_ALL):
            credentials.reserve(world.store, name, f"203.0.113.{number}")
    assert credentials.reserve(world.store, "officer", "10.0.0.1") is None
    credentials.enrol_second_factor(world.store, "local-keeper", "SECRET", 1, actor=SYSTEM)
    assert credentials.reserve(world.store, "keeper", "10.0.0.1") is not None
    # Codes: five, from wherever, as only who has the password can try one.
    tried = [credentials.reserve(world.store, "keeper", f"10.0.1.{number}", code=True) for number in range(7)]
    assert [each is not None for each in tried] == [True] * 5 + [False] * 2
    assert credentials.reserve(world.store, "keeper", "10.0.0.1") is None


def test_five_failures_lock_a_user_name_for_thirty_minutes(world: World) -> None:
    for count in range(1, 6):
        assert not credentials.locked(world.store, "officer")
        credentials.record_failure(world.store, "Officer ", "10.0.0.1")
        assert len(world.store.facts("sign_in:officer")) == count
    last = world.clock.now
    assert credentials.locked(world.store, "officer")
    assert credentials.locked(world.store, " OFFICER")
    assert not credentials.locked(world.store, "keeper")  # the others may go on
    world.clock.now = last + timedelta(minutes=29, seconds=59)
    assert credentials.locked(world.store, "officer")
    world.clock.now = last + timedelta(minutes=30, seconds=1)
    assert not credentials.locked(world.store, "officer")


def test_failures_far_apart_do_not_lock(world: World) -> None:
    for _ in range(12):
        credentials.record_failure(world.store, "officer", None)
        world.clock.now += timedelta(minutes=8)
        assert not credentials.locked(world.store, "officer")


def test_failures_that_come_all_at_once_are_all_counted(world: World) -> None:
    """Those of one batch share its moment; counted as one they would let a guesser try on."""
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: credentials.record_failure(world.store, "officer", "10.0.0.1"), range(16)))
    assert credentials.locked(world.store, "officer")
    found = world.store.rows("SELECT count(*) AS failures FROM sign_in_failures")
    assert found == [{"failures": 16}]


def test_of_attempts_that_come_all_at_once_only_as_many_as_may_fail_are_let_through(world: World) -> None:
    with ThreadPoolExecutor(32) as pool:
        reserved = list(pool.map(lambda _: credentials.reserve(world.store, "Officer", "10.0.0.1"), range(300)))
    let = [moment for moment in reserved if moment is not None]
    assert len(let) == len(set(let)) == credentials.FAILURES_BEFORE_LOCK
    assert credentials.locked(world.store, "officer")
    credentials.forgive(world.store, " OFFICER", let[2])  # one of them was right
    assert not credentials.locked(world.store, "officer")
    assert credentials.reserve(world.store, "officer", "10.0.0.1") is not None
    assert credentials.reserve(world.store, "officer", "10.0.0.1") is None


def test_an_attempt_reserved_is_counted_once_when_it_fails(world: World) -> None:
    reserved = credentials.reserve(world.store, "officer", "10.0.0.1")
    credentials.record_failure(world.store, "officer", "10.0.0.1", reserved=reserved)
    assert world.store.rows("SELECT count(*) AS failures FROM sign_in_failures") == [{"failures": 1}]
    assert len(world.store.facts("sign_in:officer")) == 1


def test_a_lock_outlives_a_restart(world: World) -> None:
    for _ in range(5):
        credentials.record_failure(world.store, "officer", None)
    world.close()
    again = World(world.folder, clock=world.clock)
    try:
        assert credentials.locked(again.store, "officer")
    finally:
        again.close()


# --- enterprises from the platform -----------------------------------------------------------------------


def test_an_enterprise_account_is_keyed_on_issuer_and_credit_code(world: World) -> None:
    first = sign_in(world)
    assert sign_in(world) == first
    elsewhere = sign_in(world, issuer="https://other.test")
    another = sign_in(world, "另一家（虚构）", uscc=USCC["other"])
    assert len({first, elsewhere, another}) == 3
    rows = world.store.rows("SELECT id, enterprise_id, role FROM accounts WHERE enterprise_id IS NOT NULL ORDER BY id")
    assert {row["role"] for row in rows} == {"enterprise"}
    owner = {row["id"]: row["enterprise_id"] for row in rows}
    assert owner[first] == owner[elsewhere] == accounts.enterprise_id(USCC["enterprise"])
    assert owner[another] == accounts.enterprise_id(USCC["other"])
    assert world.store.rows("SELECT count(*) AS n FROM enterprises") == [{"n": 2}]


def test_signing_in_again_appends_nothing_when_nothing_has_changed(world: World) -> None:
    sign_in(world)
    before = world.store.data_version
    sign_in(world)
    assert world.store.data_version == before


def test_many_first_visits_at_once_register_one_enterprise(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: sign_in(world), range(8)))) == 1
    kinds = [fact.kind for fact in world.store.facts()]
    assert kinds.count("enterprise.registered") == kinds.count("account.created") - 4 == 1


def test_a_renamed_enterprise_keeps_its_id_its_filings_and_the_day_it_was_first_known(world: World) -> None:
    filing = world.admit("enterprise")
    before = world.store.rows("SELECT * FROM enterprises")[0]
    assert (before["name"], before["district"]) == (NAMES["enterprise"], "GX")
    world.clock.now += timedelta(hours=1)
    sign_in(world, "新名（虚构）")
    after = world.store.rows("SELECT * FROM enterprises")
    assert after == [{**before, "name": "新名（虚构）"}]
    mine = filings.mine(world.visit("enterprise"))
    assert mine is not None
    assert mine.id == filing.id
    facts = world.store.facts(f"enterprise:{before['id']}")
    assert [fact.body["name"] for fact in facts] == [NAMES["enterprise"], "新名（虚构）"]


def test_admitting_what_was_filed_under_the_old_name_does_not_take_the_new_one_back(world: World) -> None:
    filing = world.submit("enterprise")
    sign_in(world, "新名（虚构）")
    for reviewer, action in (("district", "pass"), ("city", "admit")):
        decisions.decide(world.visit(reviewer), filing.id, filing.revision, action)
        filing = filings.one(world.visit("city"), filing.id)
    assert world.store.rows("SELECT name FROM enterprises") == [{"name": "新名（虚构）"}]
    assert world.store.rows("SELECT name FROM admissions") == [{"name": NAMES["enterprise"]}]


def test_the_enterprise_id_does_not_show_the_credit_code() -> None:
    identity = accounts.enterprise_id(USCC["enterprise"])
    assert USCC["enterprise"] not in identity
    assert identity == accounts.enterprise_id(USCC["enterprise"]) != accounts.enterprise_id(USCC["other"])
    assert Path(identity).name == identity  # fit for a file name and a filing's id
    assert "." not in identity
