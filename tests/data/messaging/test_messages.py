"""站内信: within the scope, once, read when opened, answered; copies that go out after the commit."""

import json
import time
from typing import Any

import pytest

from core.audit import wording
from core.base.errors import Forbidden, Refused
from core.messaging.letter import To
from data.access import accounts
from data.audit import log
from data.messaging import messages, outgoing
from data.projections import PROJECTED
from data.store.store import SYSTEM
from tests.core import samples
from tests.world import NAMES, USCC, World

NEAR, FAR = (accounts.enterprise_id(USCC[persona]) for persona in ("enterprise", "other"))


@pytest.fixture
def filed(world: World) -> World:
    """ "enterprise" has filed in GX, "other" in HS."""
    world.save("enterprise")
    world.save("other", samples.put(samples.clean(), {"basic.district": "HS"}))
    return world


def post(world: World, persona: str, to: To, **more: Any) -> str:
    return messages.post(world.visit(persona), to, "请补充材料", "第一段\n第二段", **more)[0]


def titles(world: World, persona: str) -> list[str]:
    return [row.title for row in messages.inbox(world.visit(persona))]


def test_a_message_is_unread_until_it_is_opened_and_the_sender_sees_when(filed: World) -> None:
    identity = post(filed, "district", To(enterprises=(NEAR,)))
    assert (messages.unread(filed.visit("enterprise")), messages.unread(filed.visit("other"))) == (1, 0)
    assert messages.receipts(filed.visit("district"), identity)[0].read_at is None
    before = filed.clock.now
    opened = messages.one(filed.visit("enterprise"), identity)
    assert (opened.newly, opened.received, opened.answerable) == (True, True, True)
    assert opened.message.text == "第一段\n第二段"
    assert not messages.one(filed.visit("enterprise"), identity).newly
    assert messages.unread(filed.visit("enterprise")) == 0
    (receipt,) = messages.receipts(filed.visit("district"), identity)
    assert before < receipt.read_at < filed.clock.now
    assert receipt.recipient == f"张三（{NAMES['enterprise']}）"
    (row,) = messages.sent(filed.visit("district"))
    assert (row.recipients, row.read) == (1, 1)
    # The sender's own look is no receipt, and nobody is told of another's message.
    assert not messages.one(filed.visit("district"), identity).received
    for persona in ("other", "other_district", "city", "administrator"):
        with pytest.raises(Forbidden):
            messages.one(filed.visit(persona), identity)
    for persona in ("other_district", "city"):
        assert messages.receipts(filed.visit(persona), identity) == []
        assert messages.sent(filed.visit(persona)) == []
    (fact,) = filed.store.facts(f"message:{identity}")
    assert (fact.kind, fact.account_id, len(fact.body["recipients"])) == ("message.sent", "local-gxreviewer", 1)


@pytest.mark.parametrize(
    ("persona", "to", "reached"),
    [
        ("district", To(district=""), {"enterprise"}),
        ("district", To(district="GX"), {"enterprise"}),
        ("district", To(district="HS"), set()),
        ("district", To(role="enterprise"), {"enterprise"}),
        ("district", To(role="district_reviewer"), set()),
        ("district", To(role="city_officer"), set()),
        ("other_district", To(district=""), {"other"}),
        ("city", To(district=""), {"enterprise", "other"}),
        ("city", To(district="HS"), {"other"}),
        ("city", To(role="district_reviewer"), {"district", "other_district"}),
        ("city", To(role="administrator"), {"administrator"}),
        ("city", To(role="city_officer"), set()),
        ("administrator", To(enterprises=(NEAR, FAR)), {"enterprise", "other"}),
        ("administrator", To(), set()),
    ],
)
def test_a_message_reaches_whom_the_scope_allows_and_nobody_else(
    filed: World, persona: str, to: To, reached: set[str]
) -> None:
    assert messages.reach(filed.visit(persona), to)[0] == len(reached)
    if reached:
        post(filed, persona, to)
    else:
        with pytest.raises(Refused, match="收件人"):
            post(filed, persona, to)
    everybody = {"enterprise", "other", "district", "other_district", "city", "administrator"}
    assert {each for each in everybody if titles(filed, each)} == reached


def test_an_enterprise_of_another_district_is_not_to_be_named(filed: World) -> None:
    assert messages.enterprises(filed.visit("district"), "") == {NEAR: NAMES["enterprise"]}
    assert messages.enterprises(filed.visit("city"), USCC["other"].lower()) == {FAR: NAMES["other"]}
    for chosen in ((FAR,), (NEAR, FAR), ("unknown",)):
        with pytest.raises(Forbidden) as refusal:
            post(filed, "district", To(enterprises=chosen))
        assert NAMES["other"] not in str(refusal.value)
    assert titles(filed, "enterprise") == titles(filed, "other") == []


def test_an_enterprise_without_an_account_is_named_and_nothing_is_sent(filed: World) -> None:
    account = filed.account("other")
    filed.store.write(lambda t: t.append(SYSTEM, "account.changed", f"account:{account}", {"active": False}))
    with pytest.raises(Refused, match=NAMES["other"][:6]):
        post(filed, "city", To(enterprises=(NEAR, FAR)))
    assert titles(filed, "enterprise") == []
    assert messages.reach(filed.visit("city"), To(district=""))[0] == 1
    assert filed.store.write(lambda t: messages.accounts_of(t, FAR)) == []
    assert filed.store.write(lambda t: messages.accounts_of(t, NEAR)) == [filed.account("enterprise")]


@pytest.mark.parametrize(("title", "text"), [("", "x"), (" ", "x"), ("长" * 101, "x"), ("x", ""), ("x", "长" * 5001)])
def test_what_does_not_fit_is_refused(filed: World, title: str, text: str) -> None:
    with pytest.raises(Refused):
        messages.post(filed.visit("city"), To(district=""), title, text)
    assert messages.sent(filed.visit("city")) == []


def test_a_second_press_sends_nothing(filed: World) -> None:
    assert post(filed, "city", To(district=""), key="k") == post(filed, "city", To(district=""), key="k")
    assert len(titles(filed, "enterprise")) == 1
    post(filed, "district", To(district=""), key="k")  # a key is one person's
    assert len(titles(filed, "enterprise")) == 2


def test_an_answer_goes_to_the_sender_and_both_read_the_thread(filed: World) -> None:
    first = post(filed, "city", To(district=""))
    answer = messages.reply(filed.visit("enterprise"), first, "已补充")
    messages.reply(filed.visit("other"), first, "另一家的回复")
    assert messages.unread(filed.visit("city")) == 2
    back = messages.reply(filed.visit("city"), answer, "收到")
    told = messages.one(filed.visit("enterprise"), back)
    assert told.message.title == "回复：请补充材料"
    texts = ["第一段\n第二段", "已补充", "收到"]
    assert [(row.text, row.mine) for row in told.conversation] == list(zip(texts, (False, True, False), strict=True))
    for persona, identity in (("enterprise", first), ("city", answer), ("city", back)):
        assert [row.text for row in messages.one(filed.visit(persona), identity).conversation] == texts
    # What was sent to many is shown without the answers of all of them.
    assert [row.id for row in messages.one(filed.visit("city"), first).conversation] == [first]
    with pytest.raises(Forbidden):
        messages.one(filed.visit("other"), answer)


def test_only_a_recipient_answers_and_the_system_is_not_answered(filed: World) -> None:
    identity = post(filed, "district", To(enterprises=(NEAR,)))
    for persona in ("other", "district", "city"):
        with pytest.raises(Forbidden):
            messages.reply(filed.visit(persona), identity, "x")
    account = filed.account("enterprise")
    own = filed.store.write(
        lambda t: messages.send(
            t, SYSTEM, to=[account, account], title="提醒", text="x", link="/basic", kind="reminder"
        )
    )
    opened = messages.one(filed.visit("enterprise"), own)
    assert (opened.answerable, opened.message.sender, opened.message.recipients) == (False, "系统", 1)
    with pytest.raises(Refused, match="不能回复"):
        messages.reply(filed.visit("enterprise"), own, "x")
    assert filed.store.write(lambda t: messages.send(t, SYSTEM, to=[], title="提醒", text="x")) == ""


def test_all_read(filed: World) -> None:
    for _ in range(3):
        post(filed, "city", To(district=""))
    assert messages.read_all(filed.visit("enterprise")) == 3
    assert (messages.unread(filed.visit("enterprise")), messages.unread(filed.visit("other"))) == (0, 3)
    assert messages.read_all(filed.visit("enterprise")) == 0
    assert messages.count(filed.visit("enterprise")) == 3
    assert messages.inbox(filed.visit("enterprise"), only_unread=True) == []


def test_an_enterprise_writes_to_nobody_first(filed: World) -> None:
    visit = filed.visit("enterprise")
    for deed in (
        lambda: messages.post(visit, To(district=""), "x", "y"),
        lambda: messages.reach(visit, To(district="")),
        lambda: messages.enterprises(visit, ""),
        lambda: messages.sent(visit),
        lambda: messages.count_sent(visit),
        lambda: messages.receipts(visit, "x"),
        lambda: messages.hand_over(visit),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_a_message_to_very_many_is_one_fact_and_soon_done(world: World) -> None:
    many = [f"a{number}" for number in range(1_300)]
    facts, started = world.store.data_version, time.perf_counter()
    identity = world.store.write(lambda t: messages.send(t, SYSTEM, to=many, title="提醒", text="x", outgoing=True))
    assert outgoing.deliver_due(world.store) == (1_300, 0)
    assert time.perf_counter() - started < 3
    assert world.store.data_version == facts + 2
    assert world.store.rows("SELECT count(*) AS many FROM message_recipients WHERE message_id = $1", [identity]) == [
        {"many": 1_300}
    ]


def test_the_unread_are_counted_once_for_everybody(filed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    post(filed, "city", To(district=""))
    visits = [filed.visit(persona) for persona in ("enterprise", "other", "city")]
    assert [messages.unread(visit) for visit in visits] == [1, 1, 0]

    def fail(*_: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(filed.store, "rows", fail)
    assert [messages.unread(visit) for visit in visits] == [1, 1, 0]


def test_messages_are_rebuilt_from_the_facts_and_receipts_stay(filed: World) -> None:
    identity = post(filed, "city", To(district=""))
    messages.one(filed.visit("enterprise"), identity)
    before = messages.sent(filed.visit("city")), messages.receipts(filed.visit("city"), identity)
    filed.store.rebuild(PROJECTED)
    assert (messages.sent(filed.visit("city")), messages.receipts(filed.visit("city"), identity)) == before


# --- the outgoing channel --------------------------------------------------------------------------------


def lines(world: World) -> list[dict[str, Any]]:
    files = sorted((world.folder / "outgoing").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def test_a_copy_goes_out_with_the_phone_of_the_newest_filing(filed: World) -> None:
    post(filed, "city", To(district=""))
    assert not (filed.folder / "outgoing").exists()
    identity = post(filed, "district", To(enterprises=(NEAR,)), copy=True)
    (line,) = lines(filed)
    assert (filed.folder / "outgoing" / "2026-01-10.jsonl").exists()
    assert {name: line[name] for name in ("message", "enterprise", "phone", "title", "text")} == {
        "message": identity,
        "enterprise": NAMES["enterprise"],
        "phone": "13800138000",
        "title": "请补充材料",
        "text": "第一段\n第二段",
    }
    assert "@" in line["email"]
    assert messages.receipts(filed.visit("district"), identity)[0].outgoing == "sent"
    assert outgoing.deliver_due(filed.store) == (0, 0)
    assert len(lines(filed)) == 1


class Broken:
    """A channel that is down for the messages of this title."""

    def __init__(self, title: str) -> None:
        self.title, self.seen = title, 0

    def deliver(self, message: outgoing.Message) -> None:
        if message.title == self.title:
            self.seen += 1
            raise OSError("down")


def test_what_did_not_go_out_is_noted_once_and_tried_again_and_the_others_go(filed: World) -> None:
    account, sender = filed.account("enterprise"), filed.visit("city")
    for title in ("坏", "好"):
        filed.store.write(
            lambda t, title=title: messages.send(t, sender.actor, to=[account], title=title, text="x", outgoing=True)
        )
    channel = Broken("坏")
    assert outgoing.deliver_due(filed.store, channel) == (1, 1)
    assert outgoing.deliver_due(filed.store, channel) == (0, 1)
    assert channel.seen == 2
    assert {row.title: (row.handed_over, row.failed) for row in messages.sent(sender)} == {"坏": (0, 1), "好": (1, 0)}
    kinds = [fact.kind for fact in filed.store.facts() if fact.subject.startswith("message:")]
    assert kinds.count("message.undelivered") == kinds.count("message.handed_over") == 1
    assert outgoing.deliver_due(filed.store) == (1, 0)
    assert [line["title"] for line in lines(filed)] == ["坏"]


def test_a_job_that_fails_sends_nothing_out(filed: World) -> None:
    account = filed.account("enterprise")

    def job(transaction: Any) -> None:
        messages.send(transaction, SYSTEM, to=[account], title="x", text="x", outgoing=True)
        raise Refused("没有保存")

    with pytest.raises(Refused):
        filed.store.write(job)
    assert outgoing.deliver_due(filed.store) == (0, 0)
    assert messages.unread(filed.visit("enterprise")) == 0


def test_the_log_tells_in_words_what_was_sent_and_what_went_out(filed: World) -> None:
    post(filed, "city", To(enterprises=(NEAR,)), copy=True)
    rows = log.entries(filed.visit("administrator"), log.Query("operations", text="站内信"))
    lines = wording.table("operations", rows)
    assert [line["事件"] for line in lines] == ["外发站内信", "发送站内信"]
    assert "标题：请补充材料" in lines[1]["内容"]
    assert "类型：站内信" in lines[1]["内容"]
    assert lines[0]["内容"] == "账号数：1"
