"""Settings from the environment, the generated secret, and what production refuses to start with."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from data.sample import people
from data.store.store import SYSTEM
from gate import settings
from tests import server
from tests.environment import settings_of
from tests.world import World

PRODUCTION = {
    "LIBRARY_MODE": "production",
    "LIBRARY_COOKIE_SECRET": "q8Zr2LxWv0TnYc5EuKdPb7HsJm4GfAiX",
    "LIBRARY_OIDC_ISSUER": "https://id.example.gov.cn",
    "LIBRARY_OIDC_CLIENT_SECRET": "from-the-platform",
    "LIBRARY_BASE_URL": "https://library.example.gov.cn",
}


def refusal(environment: dict[str, str], world: World | None = None) -> str:
    """Why these settings may not start, "" when they may."""
    try:
        settings.refuse_unsafe(settings_of(environment), world and world.store)
    except settings.NotConfigured as error:
        return str(error)
    return ""


def test_nothing_set_is_a_demonstration_on_the_loopback() -> None:
    found = settings_of({})
    assert (found.mode, found.demonstration) == ("demo", True)
    assert (found.host, found.port, found.base_url, found.issuer) == ("127.0.0.1", 8501, "", "")
    assert (found.cookie_secret, found.client_id, found.client_secret) == (None, "library", None)
    assert found.data_folder == Path("data/var")
    assert found.claims == settings.CLAIMS
    assert refusal({}) == ""


def test_blank_values_count_as_not_set() -> None:
    names = ("LIBRARY_MODE", "PORT", "HOST", "LIBRARY_DATA_DIR", "LIBRARY_OIDC_CLAIMS", "LIBRARY_COOKIE_SECRET")
    assert settings_of(dict.fromkeys(names, " ")) == settings_of({})


def test_single_claims_are_overridden() -> None:
    found = settings_of({"LIBRARY_OIDC_CLAIMS": '{"uscc": "creditCode"}'})
    assert found.claims == {**settings.CLAIMS, "uscc": "creditCode"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIBRARY_MODE", "prod"), ("LIBRARY_MODE", "Production"), ("PORT", "0"), ("PORT", "65536"),
        ("PORT", "http"), ("FORWARDED_ALLOW_IPS", "proxy"), ("PORT", "-1"), ("PORT", "80.5"), ("PORT", "²"),
        ("LIBRARY_OIDC_CLAIMS", "uscc"), ("LIBRARY_OIDC_CLAIMS", "[]"),
        ("LIBRARY_OIDC_CLAIMS", '{"sub": "x"}'), ("LIBRARY_OIDC_CLAIMS", '{"uscc": null}'),
        ("LIBRARY_OIDC_CLAIMS", '{"uscc": ""}'), ("LIBRARY_OIDC_CLAIMS", '{"uscc": ["a"]}'),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(settings.NotConfigured, match=name):
        settings_of({name: value})


def test_a_complete_production_may_start() -> None:
    assert refusal(PRODUCTION) == ""


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("LIBRARY_COOKIE_SECRET", ["", "short", "x" * 31, "x" * 40, "changeme" * 5]),
        ("LIBRARY_OIDC_ISSUER", ["", "http://id.example.gov.cn"]),
        ("LIBRARY_OIDC_CLIENT_SECRET", [""]),
        ("LIBRARY_BASE_URL", ["", "http://library.example.gov.cn"]),
    ],
)
def test_production_names_the_one_thing_that_is_missing(name: str, bad: list[str]) -> None:
    for value in bad:
        sentence = refusal(PRODUCTION | {name: value})
        assert sentence.count("\n  - ") == 1
        assert f"- {name}：" in sentence
        assert "生产环境尚不能启动" in sentence


def test_production_names_everything_that_is_missing_at_once() -> None:
    sentence = refusal({"LIBRARY_MODE": "production"})
    for name in PRODUCTION.keys() - {"LIBRARY_MODE"}:
        assert f"- {name}：" in sentence


def test_production_refuses_a_folder_with_demonstration_accounts(world: World) -> None:
    assert refusal(PRODUCTION, world) == ""
    people.create_staff(world.store)
    sentence = refusal(PRODUCTION, world)
    assert f"{len(people.STAFF)} 个演示账号" in sentence
    assert "LIBRARY_DATA_DIR" in sentence
    assert refusal({"LIBRARY_MODE": "demo"}, world) == ""
    # Stopped ones can be let in again, with the password that stands on the login page.
    for row in world.store.rows("SELECT id FROM accounts WHERE demonstration"):
        world.store.write(
            lambda t, row=row: t.append(SYSTEM, "account.changed", f"account:{row['id']}", {"active": False})
        )
    assert f"{len(people.STAFF)} 个演示账号" in refusal(PRODUCTION, world)


@pytest.mark.parametrize("given", ["*", "10.0.0.1, *", "0.0.0.0/0", "::/0"])
def test_production_does_not_believe_everybody_about_his_address(given: str) -> None:
    assert "FORWARDED_ALLOW_IPS" in refusal({**PRODUCTION, "FORWARDED_ALLOW_IPS": given})
    assert refusal({**PRODUCTION, "FORWARDED_ALLOW_IPS": "10.0.0.5,10.1.0.0/24"}) == ""


def test_no_secret_stands_in_a_representation() -> None:
    """Settings end up in logs and tracebacks."""
    assert "x" * 32 not in repr(settings_of(PRODUCTION))
    assert "from-the-platform" not in repr(settings_of(PRODUCTION))


def test_the_generated_secret_is_the_owner_s_alone_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    found = settings_of({"LIBRARY_DATA_DIR": str(folder)})
    secret = settings.cookie_secret(found)
    file = folder / "secrets.json"
    assert len(secret) >= 48
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text("utf-8")) == {"cookie_secret": secret}
    assert settings.cookie_secret(found) == secret
    other = settings_of({"LIBRARY_DATA_DIR": str(tmp_path / "other")})
    assert settings.cookie_secret(other) != secret


def test_a_configured_secret_is_used_and_none_is_written(tmp_path: Path) -> None:
    found = settings_of({"LIBRARY_DATA_DIR": str(tmp_path / "var"), "LIBRARY_COOKIE_SECRET": "s" * 40})
    assert settings.cookie_secret(found) == "s" * 40
    assert not (tmp_path / "var").exists()


def started(folder: Path, **env: str) -> tuple[int, str]:
    """Exit code and output of `python app.py`, which must end by itself."""
    answer = subprocess.run(
        [sys.executable, "app.py"],
        cwd=server.ROOT,
        env=server.environment(folder, server.free_port()) | env,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return answer.returncode, (answer.stdout + answer.stderr).decode()


def test_the_server_says_what_production_lacks_and_ends(tmp_path: Path) -> None:
    code, said = started(tmp_path / "var", LIBRARY_MODE="production")
    assert code != 0
    assert "Traceback" not in said
    for name in PRODUCTION.keys() - {"LIBRARY_MODE"}:
        assert name in said
    assert not (tmp_path / "var").exists()  # nothing is made before it may start


def test_the_server_says_which_setting_makes_no_sense_and_ends(tmp_path: Path) -> None:
    code, said = started(tmp_path / "var", LIBRARY_MODE="prod")
    assert code != 0
    assert "Traceback" not in said
    assert "LIBRARY_MODE 应为 demo 或 production" in said


def test_the_server_does_not_serve_demonstration_accounts_in_production(tmp_path: Path) -> None:
    world = World(tmp_path / "var")
    people.create_staff(world.store)
    world.close()
    code, said = started(tmp_path / "var", **PRODUCTION)
    assert code != 0
    assert "Traceback" not in said
    assert f"{len(people.STAFF)} 个演示账号" in said


def test_the_server_says_that_data_are_missing_and_ends(tmp_path: Path) -> None:
    World(tmp_path / "var").close()
    (tmp_path / "var" / "high_water.json").unlink()
    code, said = started(tmp_path / "var")
    assert code != 0
    assert "Traceback" not in said
    assert "请从备份恢复数据目录" in said
