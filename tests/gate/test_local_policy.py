"""What stands between a right password and a session: the second factor, a password to be changed; and who waits."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from typing import Any

import pyotp
import pytest

import gate
from core.base.errors import UserError
from data.access import accounts, credentials, roles, sessions
from data.store.store import Actor
from gate import local, passwords, second_factor
from gate.guard import COOKIE
from gate.settings import NotConfigured
from tests.environment import settings_of
from tests.gate.test_sign_in import CHEAP, LOCKED, PASSWORD, Site, error_of
from tests.world import World

OFFICER = "local-officer"
NEW = "Lake7Tower"
EXPIRED = "登录步骤已过期"
MUST = {"LIBRARY_SECOND_FACTOR": "city_officer,administrator"}


@pytest.fixture(autouse=True)
def quick(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Cheap hashes, and a record of the waits instead of waiting."""
    monkeypatch.setattr(passwords, "_nobody", lambda: CHEAP)
    monkeypatch.setattr(passwords, "_ROUNDS", 4)
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(local.anyio, "sleep", wait)
    for account in (OFFICER, "local-keeper"):
        put(world, account, password_hash=CHEAP)
    gate.bind(world.store)
    yield waits
    gate.bind(None)


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


def put(world: World, account: str = OFFICER, **changes: Any) -> None:
    world.store.write(lambda t: t.put("credentials", {**(t.get("credentials", account) or {}), **changes}))


def kept(world: World, account: str = OFFICER) -> dict[str, Any]:
    return world.store.rows("SELECT * FROM credentials WHERE account_id = $1", [account])[0]


def code_now(world: World, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(world.clock.now.replace(tzinfo=UTC) + timedelta(seconds=30 * steps))


def post(site: Site, step: str, **form: str) -> Any:
    token = re.findall(r'name="csrf" value="([^"]+)"', site.browser.get(f"/auth/{step}").text)
    return site.browser.post(f"/auth/{step}", data={"csrf": token[0] if token else "", **form})


def goes(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


def enrolled(world: World) -> str:
    secret = second_factor.new_secret()
    credentials.enrol_second_factor(world.store, OFFICER, secret, 0, actor=Actor(OFFICER))
    return secret


# --- a password to be changed ------------------------------------------------------------------------------


def test_a_password_set_by_another_is_changed_before_there_is_a_session(site: Site) -> None:
    put(site.world, must_change=True)
    assert goes(site.local(next="/overview?year=2024")) == (303, "/auth/password")
    assert COOKIE not in site.browser.cookies
    page = site.browser.get("/auth/password")
    assert "此密码由他人设置" in page.text
    assert page.headers["cache-control"] == "no-store"
    answer = post(site, "password", new=NEW, again=NEW)
    assert goes(answer) == (303, "/overview?year=2024")
    visit = site.visit()
    assert visit is not None
    assert visit.account_id == OFFICER
    site.browser = site.another_browser()
    assert site.local().status_code == 401
    assert goes(site.local(password=NEW)) == (303, "/")


def test_a_password_over_ninety_days_old_is_changed(site: Site) -> None:
    set_at = kept(site.world)["changed_at"]
    site.world.clock.now = set_at + timedelta(days=90) - timedelta(minutes=1)
    assert goes(site.local()) == (303, "/")
    site.browser = site.another_browser()
    site.world.clock.now = set_at + timedelta(days=90, minutes=1)
    assert goes(site.local()) == (303, "/auth/password")
    assert "超过 90 天" in site.browser.get("/auth/password").text
    assert goes(post(site, "password", new=NEW, again=NEW)) == (303, "/")
    site.browser = site.another_browser()
    assert goes(site.local(password=NEW)) == (303, "/")


def test_a_demonstration_s_password_never_grows_old(site: Site) -> None:
    accounts.create_local(
        site.world.store, username="demo", name="演示", role="city_officer", password_hash=CHEAP, demonstration=True
    )
    site.world.clock.now += timedelta(days=400)
    assert goes(site.local("demo")) == (303, "/")


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        (NEW, NEW + "x", "两次输入的新密码不一致"),
        ("short1A", "short1A", "8 位以上"),
        ("Password1", "Password1", "过于常见"),
        ("Officer2026", "Officer2026", "过于常见"),
        (PASSWORD, PASSWORD, "之前 5 次用过"),
        ("", "", "8 位以上"),
    ],
)
def test_a_bad_new_password_is_refused_with_a_sentence_and_not_shown(
    site: Site, new: str, again: str, sentence: str
) -> None:
    put(site.world, must_change=True)
    site.local()
    answer = post(site, "password", new=new, again=again)
    assert answer.status_code == 401
    assert sentence in error_of(answer)
    assert not new or new not in answer.text
    assert COOKIE not in site.browser.cookies
    assert kept(site.world)["password_hash"] == CHEAP
    # The page can be used at once.
    assert goes(post(site, "password", new=NEW, again=NEW)) == (303, "/")


def test_the_five_before_are_refused_and_the_sixth_may_come_back(site: Site) -> None:
    used = [PASSWORD, *(f"Lake{number}Tower" for number in range(1, 7))]
    for one in used[1:]:
        known = credentials.of_account(site.world.store, OFFICER)
        assert known is not None
        passwords.replace(site.world.store, known, one)
    known = credentials.of_account(site.world.store, OFFICER)
    assert known is not None
    for one in used[1:]:
        assert "之前 5 次用过" in (passwords.objection(known, one) or ""), one
    assert passwords.objection(known, PASSWORD) is None


def test_changing_the_password_at_sign_in_ends_the_sessions_before(site: Site) -> None:
    old = sessions.token_id(site.world.token("city"))
    put(site.world, must_change=True)
    site.local()
    post(site, "password", new=NEW, again=NEW)
    assert sessions.visit_of(site.world.store, old) is None
    assert site.visit() is not None


# --- the second factor -------------------------------------------------------------------------------------


def test_an_enrolled_second_factor_is_asked_for_and_its_code_counts_once(site: Site) -> None:
    secret = enrolled(site.world)
    assert goes(site.local(next="/basic")) == (303, "/auth/code")
    assert COOKIE not in site.browser.cookies
    code = code_now(site.world, secret)
    assert goes(post(site, "code", code=f" {code[:3]} {code[3:]} ")) == (303, "/basic")
    assert site.visit() is not None
    site.browser = site.another_browser()
    site.local()
    again = post(site, "code", code=code)
    assert (again.status_code, error_of(again)) == (401, second_factor.WRONG)
    assert COOKIE not in site.browser.cookies
    site.world.clock.now += timedelta(seconds=30)
    assert goes(post(site, "code", code=code_now(site.world, secret))) == (303, "/")


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(site: Site, steps: int, right: bool) -> None:
    secret = enrolled(site.world)
    site.local()
    assert post(site, "code", code=code_now(site.world, secret, steps)).status_code == (303 if right else 401)


def test_wrong_codes_lock_the_account_also_for_the_right_one(site: Site) -> None:
    secret = enrolled(site.world)
    site.local()
    token = re.findall(r'name="csrf" value="([^"]+)"', site.browser.get("/auth/code").text)[0]

    def code(typed: str) -> Any:
        return site.browser.post("/auth/code", data={"csrf": token, "code": typed})

    for typed in ("000000", "", "abcdef", "１２３"):
        assert code(typed).status_code == 401, typed
    assert LOCKED in error_of(code("9" * 12))
    # The ticket died with the fifth: also once the lock is taken off, the password is asked for again.
    assert not site.world.store.rows("SELECT id FROM sign_in_steps WHERE NOT spent")
    assert code(code_now(site.world, secret)).status_code == 400
    assert COOKIE not in site.browser.cookies
    assert site.local().status_code == 429
    failed = site.world.store.facts("sign_in:officer")
    assert [fact.body.get("second_factor") for fact in failed] == [True] * 5
    site.world.clock.now += credentials.LOCK
    assert goes(site.local()) == (303, "/auth/code")
    assert goes(post(site, "code", code=code_now(site.world, secret))) == (303, "/")


def test_a_role_that_demands_it_enrols_before_there_is_a_session(world: World) -> None:
    site = Site(world, **MUST)
    assert goes(site.local(next="/basic")) == (303, "/auth/enrol")
    page = site.browser.get("/auth/enrol")
    assert "<svg" in page.text
    shown = re.findall(r"<code>([A-Z2-7 ]+)</code>", page.text)[0].replace(" ", "")
    assert shown in site.browser.get("/auth/enrol").text.replace(" ", "")  # a reload shows the same
    for step in ("code", "password"):
        assert goes(site.browser.get(f"/auth/{step}")) == (303, "/auth/enrol")
    wrong = post(site, "enrol", code="000000")
    assert wrong.status_code == 401
    assert kept(world)["totp_secret"] is None
    assert COOKIE not in site.browser.cookies
    code = code_now(world, shown)
    assert goes(post(site, "enrol", code=code)) == (303, "/basic")
    assert site.visit() is not None
    assert second_factor.opened(kept(world)["totp_secret"]) == shown != kept(world)["totp_secret"]
    # From now on it is asked for, and the code of the enrolment is used up.
    site.browser = site.another_browser()
    assert goes(site.local()) == (303, "/auth/code")
    assert post(site, "code", code=code).status_code == 401


def test_a_role_that_does_not_demand_it_enters_with_the_password(world: World) -> None:
    assert goes(Site(world, LIBRARY_SECOND_FACTOR="administrator").local()) == (303, "/")
    assert goes(Site(world, LIBRARY_SECOND_FACTOR="administrator").local("keeper")) == (303, "/auth/enrol")


def test_second_factor_and_first_password_come_one_after_the_other(world: World) -> None:
    site = Site(world, **MUST)
    put(world, must_change=True)
    site.local(next="/basic")
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", site.browser.get("/auth/enrol").text)[0].replace(" ", "")
    assert goes(post(site, "enrol", code=code_now(world, secret))) == (303, "/auth/password")
    assert COOKIE not in site.browser.cookies
    assert goes(post(site, "password", new=NEW, again=NEW)) == (303, "/basic")


def test_what_the_bureau_sets_for_a_role_stands_over_what_is_configured(world: World) -> None:
    """角色管理 can demand it of a role that needs none, and spare one that is configured to."""
    keeper = world.visit("administrator")
    roles.change(keeper, "city_officer", 0, second_factor=True)
    assert goes(Site(world).local(next="/basic")) == (303, "/auth/enrol")
    assert second_factor.demanded_of(world.visit("city"))
    roles.change(keeper, "city_officer", 1, second_factor=False)
    assert goes(Site(world, **MUST).local(next="/basic")) == (303, "/basic")


def test_the_roles_that_demand_it_are_configured() -> None:
    assert settings_of({}).second_factor == frozenset()
    assert settings_of({"LIBRARY_MODE": "production"}).second_factor == {"administrator", "city_officer"}
    off = {"LIBRARY_MODE": "production", "LIBRARY_SECOND_FACTOR": "off"}
    assert settings_of(off).second_factor == frozenset()
    some = {"LIBRARY_SECOND_FACTOR": "district_reviewer, city_officer"}
    assert settings_of(some).second_factor == {"district_reviewer", "city_officer"}
    for wrong in ("admin", "enterprise", "administrator;city_officer"):
        with pytest.raises(NotConfigured, match="LIBRARY_SECOND_FACTOR"):
            settings_of({"LIBRARY_SECOND_FACTOR": wrong})


# --- the ticket --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["code", "enrol", "password"])
def test_a_step_without_a_ticket_leads_back_to_the_login_page(site: Site, step: str) -> None:
    for answer in (
        site.browser.get(f"/auth/{step}"),
        site.browser.post(f"/auth/{step}", data={"code": "1", "new": NEW, "again": NEW, "csrf": site.csrf()}),
    ):
        assert answer.status_code == 400
        assert EXPIRED in error_of(answer)
        assert 'action="/auth/local"' in answer.text


def test_the_ticket_is_good_in_the_browser_that_showed_the_password_only(site: Site) -> None:
    put(site.world, must_change=True)
    site.local()
    own, site.browser = site.browser, site.another_browser()
    assert site.browser.get("/auth/password").status_code == 400
    site.browser = own
    assert site.browser.get("/auth/password").status_code == 200


def test_the_ticket_expires_after_ten_minutes(site: Site) -> None:
    put(site.world, must_change=True)
    site.local()
    site.world.clock.now += timedelta(minutes=10)
    assert EXPIRED in error_of(post(site, "password", new=NEW, again=NEW))
    assert kept(site.world)["password_hash"] == CHEAP


def test_a_copied_ticket_opens_no_second_session(site: Site) -> None:
    secret = enrolled(site.world)
    site.local()
    copy = site.another_browser()
    copy.cookies.set("library_signin", site.browser.cookies["library_signin"], domain="library.test", path="/auth")
    assert copy.get("/auth/code").status_code == 200
    post(site, "code", code=code_now(site.world, secret))
    assert site.visit() is not None
    assert copy.get("/auth/code").status_code == 400
    assert COOKIE not in copy.cookies


@pytest.mark.parametrize("step", ["code", "enrol", "password"])
def test_a_step_posted_from_a_foreign_page_does_nothing(world: World, step: str) -> None:
    site = Site(world, **(MUST if step == "enrol" else {}))
    secret = enrolled(world) if step == "code" else ""
    if step == "password":
        put(world, must_change=True)
    site.local()
    form = {"code": code_now(world, secret) if secret else "1", "new": NEW, "again": NEW, "csrf": "wrong"}
    answer = site.browser.post(f"/auth/{step}", data=form)
    assert answer.status_code == 400
    assert COOKIE not in site.browser.cookies
    assert kept(world)["password_hash"] == CHEAP


def test_an_account_stopped_half_way_stays_out(site: Site) -> None:
    put(site.world, must_change=True)
    site.local()
    site.world.store.write(
        lambda t: t.append(Actor("local-keeper"), "account.changed", f"account:{OFFICER}", {"active": False})
    )
    assert post(site, "password", new=NEW, again=NEW).status_code == 400
    assert kept(site.world)["password_hash"] == CHEAP


# --- slowing down ------------------------------------------------------------------------------------------


def test_right_and_wrong_answers_wait_alike_after_many_failures_of_an_address(site: Site, quick: list[float]) -> None:
    for number in range(13):
        site.local(f"ghost{number}", "Wrong2026wh")
    assert quick == [0.5, 1]
    site.local("ghost", "Wrong2026wh")
    assert quick[2:] == [1.5]
    assert goes(site.local()) == (303, "/")
    assert quick[3:] == [2]


def test_codes_wait_as_passwords_do(site: Site, quick: list[float]) -> None:
    enrolled(site.world)
    site.local()
    for number in range(12):
        credentials.record_failure(site.world.store, f"ghost{number}", "testclient")
    post(site, "code", code="000000")
    assert quick == [1]


# --- bursts ----------------------------------------------------------------------------------------------


def test_a_burst_of_wrong_passwords_is_compared_five_times(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come at once: each is counted before it is compared."""
    compared: list[str] = []

    def slow(username: str, *_: Any) -> bool:
        compared.append(username)
        time.sleep(0.05)
        return False

    monkeypatch.setattr(passwords, "matches", slow)
    page = site.browser.get("/auth/login?tab=local").text
    token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    form = {"csrf": token, "username": "officer", "password": "Wrong2026wh", "next": "/"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: site.browser.post("/auth/local", data=form).status_code, range(20)))
    assert compared == ["officer"] * credentials.FAILURES_BEFORE_LOCK
    assert sorted(answers) == [401] * 5 + [429] * 15


def test_a_burst_of_wrong_codes_is_compared_five_times_and_ends_the_ticket(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(site.world)
    site.local()
    token = re.findall(r'name="csrf" value="([^"]+)"', site.browser.get("/auth/code").text)[0]
    compared: list[str] = []
    monkeypatch.setattr(second_factor, "step_of", lambda _store, _secret, code: compared.append(code))
    with ThreadPoolExecutor(20) as pool:
        codes = [f"{number:06}" for number in range(40)]
        list(pool.map(lambda code: site.browser.post("/auth/code", data={"csrf": token, "code": code}), codes))
    assert len(compared) == credentials.FAILURES_BEFORE_LOCK
    assert not site.world.store.rows("SELECT id FROM sign_in_steps WHERE NOT spent")


def test_a_burst_from_one_address_over_many_names_is_slowed_from_the_first_on(site: Site, quick: list[float]) -> None:
    """Those that come together wait as long as if they had come one after another."""
    store = site.world.store
    reserved = [credentials.reserve(store, f"ghost{number}", "10.0.0.9") for number in range(30)]
    assert None not in reserved
    assert credentials.delay(store, "10.0.0.9", reserved=True) == 8


def test_when_too_many_wait_the_others_are_asked_to_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_ROOM", 0)
    site = Site(world)
    answer = site.local()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "现在登录的人较多" in answer.text
    assert not site.world.store.rows("SELECT * FROM sign_in_failures")


# --- the secrets at rest -----------------------------------------------------------------------------------


def test_who_reads_the_database_makes_no_codes_and_older_secrets_are_sealed_at_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = enrolled(world)  # as an older version kept it
    assert kept(world)["totp_secret"] == secret
    assert second_factor.seal_all(world.store) == 1
    sealed = kept(world)["totp_secret"]
    assert secret not in sealed
    assert second_factor.step_of(world.store, sealed, code_now(world, secret)) is not None
    assert second_factor.seal_all(world.store) == 0
    assert world.store.facts(f"credential:{OFFICER}")[-1].body == credentials.fingerprints(kept(world))
    other = settings_of({"LIBRARY_DATA_KEY": "another key of more than thirty-two signs"})
    monkeypatch.setattr(second_factor, "current", lambda: other)
    with pytest.raises(UserError, match="LIBRARY_DATA_KEY"):
        second_factor.step_of(world.store, sealed, code_now(world, secret))
