"""Local passwords: the manual's rule, the weak list, the 72 bytes of bcrypt, and an unknown user taking as long."""

import statistics
import time

import pytest

from gate import passwords
from tests.world import PASSWORD, PASSWORD_HASH

RULE = "密码须由 8 位以上的小写字母、大写字母和数字组成"


@pytest.mark.parametrize(
    "password", ["Lake7Tower", "密码Hx70352", "Xk29vbQw", PASSWORD, "Aa1" + "x" * 69, "Rq7！湖畔春深"]
)
def test_a_password_by_the_rule_is_accepted(password: str) -> None:
    assert passwords.weakness(password) is None


@pytest.mark.parametrize(
    "password", ["", "Aa1", "Abcdef1", "abcdefg1", "ABCDEFG1", "Abcdefgh", "12345678", "Ａｂｃｄｅｆｇ１", "        "]
)
def test_a_password_against_the_rule_is_refused_with_the_rule(password: str) -> None:
    assert passwords.weakness(password) == RULE
    with pytest.raises(ValueError, match=RULE):
        passwords.hashed(password)


WEAK = "密码过于常见，容易被猜到"


@pytest.mark.parametrize(
    "password",
    ["Password1", "Abcdefg1", "Qwer1234", "Admin123456", "Aa123456", "Passw0rd2026", "Wuhan2026", "Peiyuku2026"],
)
def test_a_weak_password_is_refused_though_the_rule_allows_it(password: str) -> None:
    assert (passwords.weakness(password) or "").startswith(WEAK)
    with pytest.raises(ValueError, match=WEAK):
        passwords.hashed(password)


def test_a_password_made_of_the_person_s_own_names_is_refused() -> None:
    assert passwords.weakness("Zhwhjx2026") is None
    assert (passwords.weakness("Zhwhjx2026", ("zhwhjx", "某")) or "").startswith(WEAK)
    with pytest.raises(ValueError, match=WEAK):
        passwords.hashed("Zhwhjx2026", ("zhwhjx",))


@pytest.mark.parametrize("password", ["Aa1" + "x" * 70, "Aa1" + "汉" * 24])
def test_a_password_over_72_bytes_is_refused(password: str) -> None:
    assert "72" in (passwords.weakness(password) or "")
    with pytest.raises(ValueError, match="72"):
        passwords.hashed(password)


def test_72_bytes_are_all_compared() -> None:
    longest = "Aa1" + "江城春深柳色新湖畔晨光照楼台远山如画入云来去归"
    assert len(longest.encode()) == 72
    kept = passwords.hashed(longest)
    assert passwords.matches("someone", longest, kept)
    assert not passwords.matches("someone", longest[:-1] + "字", kept)


def test_a_hash_is_salted_and_is_not_the_password() -> None:
    one, another = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert one != another
    assert PASSWORD not in one
    assert int(one.split("$")[2]) >= 12  # bcrypt's cost


def test_only_the_right_password_matches() -> None:
    assert passwords.matches("officer", PASSWORD, PASSWORD_HASH)
    for wrong in (
        "",
        PASSWORD.lower(),
        f"{PASSWORD} ",
        PASSWORD[:-1],
        "nobody",
        "-",
        PASSWORD_HASH,
        "x" * 73,
        "汉" * 25,
        "\x00",
    ):
        assert not passwords.matches("officer", wrong, PASSWORD_HASH), wrong


@pytest.mark.parametrize("username", ["Officer", "OFFICER", "officer ", "", "武汉", "a.b", "__proto__", "x" * 500])
def test_the_name_as_typed_does_not_change_the_answer(username: str) -> None:
    assert passwords.matches(username, PASSWORD, PASSWORD_HASH)
    assert not passwords.matches(username, "Wrong2026wh", PASSWORD_HASH)


@pytest.mark.parametrize("password", ["nobody", "-", "", PASSWORD, "x" * 100])
def test_an_unknown_user_never_matches(password: str) -> None:
    assert not passwords.matches("ghost", password, None)


def test_an_unknown_user_takes_as_long_as_a_wrong_password() -> None:
    def spent(password_hash: str | None, password: str) -> float:
        started = time.thread_time()  # work done, whatever else the machine does
        passwords.matches("someone", password, password_hash)
        return time.thread_time() - started

    spent(None, "Warm2026up")  # the stand-in hash is made at first use
    ways = {
        "wrong": (PASSWORD_HASH, "Wrong2026wh"), "unknown": (None, "Wrong2026wh"),
        "too long": (PASSWORD_HASH, "x" * 200), "empty": (None, ""),
    }  # fmt: skip
    times = {way: statistics.median(spent(*given) for _ in range(3)) for way, given in ways.items()}
    assert max(times.values()) < 2 * min(times.values()), times
