"""Every letter that the product writes by itself, opened by whom it reaches: its link leads to the page it names, which is his to open."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest

from core.access.permissions import Permission
from core.access.roles import SHIPPED
from data.access import account_admin, roles
from data.enterprise import mergers, moves, planned, projects
from data.filing import filings, reminders, rounds
from data.messaging import messages, notifications, problems
from data.review import comments, corrections, decisions
from tests.core import samples
from tests.data.filing.test_progress import overdue
from tests.data.filing.test_progress import remind as remind_in
from tests.data.messaging.test_notifications import AI, FAR, NEAR, decide, demand
from tests.pages.walk import Screen
from tests.test_architecture import called, name_of, parsed, sources
from tests.world import NAMES, START, World
from ui.base.menu import PAGES

ROUND = "2025"


def returned(world: World) -> None:
    decide(world, "district", world.submit("enterprise"), "return", **{"": "请补充材料"})


def admitted(world: World) -> None:
    world.admit("enterprise")


def revoked(world: World) -> None:
    decide(world, "city", world.admit("enterprise"), "revoke", **{"": "经核查数据不实"})


def taken_back(world: World) -> None:
    filing = decide(world, "district", world.submit("enterprise"), "return", **{"": "请补充材料"})
    decisions.undo(world.visit("district"), filing.id, filing.revision)


def asked(world: World) -> None:
    filing = world.submit("enterprise")
    comments.add(world.visit("district"), filing.id, "", "请附审计报告")


def answered(world: World) -> None:
    asked(world)
    filing = filings.mine(world.visit("enterprise"))
    assert filing is not None
    comments.add(world.visit("enterprise"), filing.id, "", "审计报告已附")


def corrected(world: World) -> None:
    filing = world.admit("enterprise")
    corrections.correct(world.visit("city"), filing.id, filing.revision, AI, "1000", reason="与审计报告不一致")


def proposed(world: World) -> None:
    world.submit("enterprise")
    far = {"basic.district": "HS", "technology.segments": ["chips"], "market.demands": []}
    world.submit("other", samples.put(samples.clean(), far))
    projects.open_project(world.visit("city"), demand(world))
    projects.propose(world.visit("city"), demand(world), FAR)


def refused(world: World) -> None:
    proposed(world)
    projects.answer(world.visit("other"), f"{demand(world)}.{FAR}", False)


def agreed(world: World) -> None:
    proposed(world)
    for persona in ("other", "enterprise"):
        projects.answer(world.visit(persona), f"{demand(world)}.{FAR}", True)


def reminded(world: World) -> None:
    world.save("enterprise")
    remind_in(world, "city", NEAR)


def passed_on(world: World) -> None:
    overdue(world)
    reminders.escalate(world.visit("city"), ROUND, "district")


def passed_on_to_who_only_reviews(world: World) -> None:
    """A role of the bureau's own: it reviews, and 填报进度 is not in its menu."""
    keeper = world.visit("administrator")
    code = roles.add(
        keeper,
        name="只审核",
        permissions=SHIPPED["district_reviewer"].permissions - {Permission.PROGRESS_READ, Permission.REMINDER_SEND},
        scope="organisation_below",
    )
    account_admin.change(keeper, "local-gxreviewer", 1, {"role": code})
    passed_on(world)


def unlocked(world: World) -> None:
    world.save("enterprise")
    world.clock.now = datetime(2026, 2, 3, 2, 0)
    rounds.unlock(world.visit("city"), NEAR, datetime(2026, 2, 10).date(), "企业来函说明情况")


def reported(world: World) -> None:
    world.save("enterprise")
    problems.report(world.visit("enterprise"), "基础信息", "页面没有显示文件名")


def moved(world: World) -> None:
    world.admit("enterprise")
    moves.move(world.visit("city"), NEAR, "GX", district="HS", since=START.date(), reason="迁址证明")


def merged(world: World) -> None:
    world.account("enterprise"), world.account("other")
    mergers.merge(world.visit("city"), FAR, 0, into=NEAR, since=START.date(), reason="吸收合并")


def dropped(world: World) -> None:
    world.admit("enterprise")
    city = world.visit("city")
    moves.move(city, NEAR, "GX", district="HS", since=datetime(2026, 3, 1).date(), reason="迁址证明")
    (row,) = world.store.rows("SELECT seq FROM planned_changes")
    planned.withdraw(city, NEAR, "move", row["seq"], "登记有误")


@dataclass(frozen=True)
class Letter:
    """`writer`: the function of data that writes it. `title`: how its title begins. `page`: where its link leads, None: it has none.
    `shows`: what stands on that page and belongs to what the letter is about."""

    writer: str
    title: str
    made: Callable[[World], None]
    to: str
    page: str | None
    shows: str = ""


REVIEW, MATCHES = "review/review.py", "enterprise/matches.py"
SUBMIT, WORKBENCH, PROGRESS = "filing/submit.py", "filing/workbench.py", "filing/progress.py"
TOLD, ANSWERED = "data/messaging/notifications.decided", "data/messaging/notifications.answered"
LETTERS = (
    Letter(TOLD, "填报被退回", returned, "enterprise", SUBMIT, "请补充材料"),
    Letter(TOLD, "填报已通过审核", admitted, "enterprise", WORKBENCH, "已入库"),
    Letter(TOLD, "入库资格已被撤销", revoked, "enterprise", WORKBENCH, "入库资格已被撤销"),
    Letter("data/messaging/notifications.taken_back", "“退回”决定已撤回", taken_back, "enterprise", WORKBENCH, "撤回审核决定"),
    Letter("data/messaging/notifications.commented", "审核人员对填报发表了意见", asked, "enterprise", SUBMIT, "请附审计报告"),
    Letter("data/messaging/notifications.commented", f"{NAMES['enterprise']}答复了填报意见", answered, "district", REVIEW, "审计报告已附"),
    Letter("data/messaging/notifications.corrected", "入库数据已更正", corrected, "enterprise", SUBMIT, "与审计报告不一致"),
    Letter("data/messaging/notifications.proposed", "对接建议", proposed, "enterprise", MATCHES, NAMES["other"]),
    Letter("data/messaging/notifications.proposed", "对接建议", proposed, "other", MATCHES, NAMES["enterprise"]),
    Letter(ANSWERED, f"{NAMES['other']}不同意对接", refused, "city", "enterprise/projects.py", NAMES["other"]),
    Letter(ANSWERED, "双方已同意对接", agreed, "enterprise", MATCHES, NAMES["other"]),
    Letter("data/filing/reminders._remind", "", reminded, "enterprise", SUBMIT, "填报"),
    Letter("data/filing/reminders._escalate", "1 家企业逾期未报", passed_on, "district", PROGRESS, NAMES["enterprise"]),
    Letter("data/filing/reminders._escalate", "1 家企业逾期未报", passed_on_to_who_only_reviews, "district", None),
    Letter("data/filing/rounds.unlock", "本期填报已为贵企业重新开放", unlocked, "enterprise", SUBMIT, "2026-02-10"),
    Letter("data/messaging/problems.report", "报告问题：基础信息", reported, "district", None),
    Letter("data/enterprise/moves._tell", "区属已调整", moved, "enterprise", None),
    Letter("data/enterprise/mergers._tell", "", merged, "other", None),
    Letter("data/enterprise/planned._drop", "区属调整已撤回", dropped, "enterprise", None),
)  # fmt: skip


def writers() -> set[str]:
    """Functions of data that write a letter of the product's own: they hand a title and a text to `messages.send`, itself or by `_post`."""
    found = set()
    for file in sources("data"):
        for function in (node for node in ast.walk(parsed(file)) if isinstance(node, ast.FunctionDef)):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            sends = any(ast.unparse(node.func) == "messages.send" or called(node) == "_post" for node in calls)
            if sends and function.name not in ("_post", "job"):
                found.add(f"{name_of(file).removesuffix('.py')}.{function.name}")
    return found


def test_every_kind_of_letter_is_opened() -> None:
    assert writers() == {letter.writer for letter in LETTERS}
    titles = {letter.title for letter in LETTERS if letter.title}
    for _, told, _ in notifications._TOLD.values():
        assert any(told.startswith(title) for title in titles), told


def where(letter: Letter) -> str:
    return f"{letter.made.__name__}-{letter.to}"


@pytest.mark.parametrize("letter", LETTERS, ids=where)
def test_its_link_leads_whom_it_reaches_to_the_page_it_names(world: World, letter: Letter) -> None:
    world.account("enterprise")
    letter.made(world)
    visit = world.visit(letter.to)
    newest = messages.inbox(visit)[0]
    assert newest.title.startswith(letter.title)
    screen = Screen(world, letter.to)
    screen.at.query_params["message"] = newest.id
    screen.open("messaging/messages.py")
    if letter.page is None:
        assert not [button for button in screen.at.button if button.label == "打开相关记录"]
        return
    screen.press("打开相关记录")
    assert not screen.at.exception
    assert screen.titles == [title for _, path, title, _, _ in PAGES if path == letter.page]
    shown = screen.said().replace("\\", "") + "".join(str(table.values.tolist()) for table in screen.tables)
    assert letter.shows in shown
