"""What the bureau has done in the sample: district reviewers, rounds, notices, meetings."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from core.base import beijing, dictionaries
from core.filing.round import Round
from core.rule.policy import shipped
from core.what_if.scenario import presets
from data.sample.event import CITY, Event
from data.sample.people import REVIEWERS
from data.store.store import SYSTEM


def _beijing(day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Beijing as naive UTC."""
    return beijing.utc(datetime(day.year, day.month, day.day, hour, minute))


def reviewers_and_rounds(all_rounds: tuple[Round, ...]) -> Iterator[Event]:
    """The district reviewers and the rounds."""
    names = dictionaries.district_names()
    for code, username in REVIEWERS.items():
        body = {
            "username": username,
            "name": f"{names[code]}审核员",
            "role": "district_reviewer",
            "organisation_id": code,
            "demonstration": True,
        }
        at = _beijing(all_rounds[0].opens - timedelta(days=10), 9)
        yield Event(at, SYSTEM, "account.created", f"account:local-{username}", body)
    for opened in all_rounds:
        body = {
            "year": opened.year,
            "columns": list(opened.columns),
            "opens": opened.opens.isoformat(),
            "closes": opened.closes.isoformat(),
            # Fictional, and it says so: no real authority has approved this form.
            "form_number": "演示 1 表",
            "authority": "演示机关（虚构）",
            "approval": f"演示统制〔{opened.opens.year}〕1 号（虚构）",
            "valid_until": f"{opened.closes.year}-12-31",
        }
        yield Event(_beijing(opened.opens, 8, 30), CITY, "round.opened", f"round:{opened.id}", body)


def notices(this_round: Round) -> Iterator[Event]:
    """What the bureau has put on the notice board for the current round."""
    texts = (
        (
            f"关于开展{this_round.year}年度培育库填报工作的通知",
            True,
            ["enterprise"],
            f"各有关企业：\n{this_round.year}年度填报已经开始，请登录本系统，按四个步骤填写并提交。\n填报于 {this_round.closes} 截止，"
            "请预留修改时间。\n虚假填报将取消入库资格。",
        ),
        (
            "关于做好本期审核工作的提示",
            False,
            ["district_reviewer"],
            "各区审核员：\n请在企业提交后五个工作日内完成区级审核；退回时请逐项写明原因，便于企业一次改好。",
        ),
    )
    for number, (title, pinned, roles, text) in enumerate(texts):
        subject, at = f"notice:sample-{number}", _beijing(this_round.opens, 9, 10 * number)
        body = {"title": title, "text": text, "pinned": pinned, "roles": roles, "districts": [], "until": None}
        yield Event(at, CITY, "notice.drafted", subject, body)
        yield Event(at + timedelta(minutes=5), CITY, "notice.published", subject, {"state": "published"})


def meetings(this_round: Round, today: date) -> Iterator[Event]:
    """Two meetings held and frozen, on the last actual year and on this year's forecasts, and the next one."""
    year, policy = this_round.year, shipped()[-1].model_dump(mode="json")
    last, coming = today - timedelta(days=21 + today.weekday()), today + timedelta(days=7 - today.weekday())
    called = (
        (date(year, 4, 27), year - 1, "年度入库总结例会"),
        (last, year, "人工智能产业周例会"),
        (coming, year, "人工智能产业周例会"),
    )
    for number, (day, about, title) in enumerate(called):
        subject, at = f"meeting:sample{number}", _beijing(min(day, today - timedelta(days=2)), 8, 40)
        given = {
            "title": title,
            "district": "",
            "year": about,
            "provisional": about == year,
            "layer": "",
            "size": "",
            "compared": "",
        }
        yield Event(at, CITY, "meeting.opened", subject, {"day": day.isoformat(), **given})
        if day == coming:
            yield Event(
                at + timedelta(minutes=5),
                CITY,
                "meeting.noted",
                subject,
                {"screen": "late", "text": "请未报最多的三个区说明原因。"},
            )
            scenario = presets(shipped()[-1])["city_2023"]
            body = {"scenario": scenario.name, "parameters": dict(scenario.changes)}
            yield Event(at + timedelta(minutes=6), CITY, "meeting.changed", subject, body)
            continue
        decision = {
            "number": 1,
            "text": "各区核对本区未报企业名单并逐家联系",
            "who": "各区经信部门",
            "due": (day + timedelta(days=7)).isoformat(),
        }
        yield Event(at + timedelta(minutes=50), CITY, "meeting.decided", subject, decision)
        frozen = at + timedelta(minutes=60)
        body = {
            "as_of": (frozen - timedelta(microseconds=1)).isoformat(),
            "policy": policy,
            "compared": "sample0" if number else "",
        }
        yield Event(frozen, CITY, "meeting.frozen", subject, body)
