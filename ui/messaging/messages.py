"""站内信 and 通知公告 on the screen: lists to click, texts in paragraphs, the way to the record."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import polars as pl
import streamlit as st

from core.base.dictionaries import DISTRICTS
from core.base.terms import OUTGOING
from core.messaging.message import Receipt, Received, Sent, Turn
from core.messaging.notice import Notice, NoticeDraft
from ui.base import answer
from ui.base.menu import PAGES
from ui.base.text import moment, plain

#: The page of each in-app path.
_PAGES: Final = {Path(path).stem: path for _, path, *_ in PAGES}


def address(name: str) -> str | None:
    """What the URL names under `name`, so that a reload and a shared address open the same."""
    return st.query_params.get(name) or None


def _picked(key: str, name: str, ids: Sequence[str]) -> None:
    selection = st.session_state[key]["selection"]
    rows = [*(row for row, _ in selection["cells"]), *selection["rows"]]
    if rows and rows[0] < len(ids):
        st.query_params[name] = ids[rows[0]]


def listing(name: str, ids: Sequence[str], columns: Mapping[str, Sequence[object]], *, alt: str) -> None:
    """Rows to click, known by `ids`; the one clicked is named in the URL under `name`."""
    key = f"{name}.list"
    st.dataframe(
        pl.DataFrame(dict(columns)),
        hide_index=True,
        alt=alt,
        key=key,
        height=36 + 35 * min(len(ids), 10),
        on_select=lambda: _picked(key, name, ids),
        selection_mode=["single-row", "single-cell"],
    )


def inbox(received: Sequence[Received]) -> None:
    """What was received."""
    columns = {
        "状态": ["已读" if each.read_at else "未读" for each in received],
        "标题": [each.title for each in received],
        "发件人": [each.sender for each in received],
        "时间": [moment(each.at_utc) for each in received],
    }
    listing("message", [each.id for each in received], columns, alt="收到的站内信")


def sent(messages: Sequence[Sent]) -> None:
    """What was sent, with how many have read it and what became of the copies that go out."""
    columns = {
        "标题": [each.title for each in messages],
        "已读": [f"{each.read:,} / {each.recipients:,}" for each in messages],
        "外发": [_copies(each) for each in messages],
        "时间": [moment(each.at_utc) for each in messages],
    }
    listing("message", [each.id for each in messages], columns, alt="已发送的站内信")


def _copies(message: Sent) -> str:
    counts = {"已交付": message.handed_over, "待交付": message.queued, "失败": message.failed}
    return "，".join(f"{word} {many:,}" for word, many in counts.items() if many) or "—"


def receipts(receipts: Sequence[Receipt]) -> None:
    """Who has read it and when, who has not, and each copy that went out."""
    read = sum(each.read_at is not None for each in receipts)
    st.markdown(f"**收件 {len(receipts):,} 个账号，已读 {read:,}，未读 {len(receipts) - read:,}**")
    columns = {
        "阅读时间": [moment(each.read_at) if each.read_at else "未读" for each in receipts],
        "收件人": [each.recipient for each in receipts],
    }
    if any(each.outgoing for each in receipts):
        columns["外发"] = [
            f"{OUTGOING[each.outgoing]}（{moment(each.outgoing_at)}）" if each.outgoing else "—" for each in receipts
        ]
    st.dataframe(pl.DataFrame(columns), hide_index=True, alt="阅读回执", height=36 + 35 * min(len(receipts), 10))


def paragraphs(text: str) -> None:
    """Typed text, a paragraph a line; never markup."""
    for line in text.splitlines():
        if line.strip():
            st.markdown(plain(line.strip()))


def conversation(turns: Sequence[Turn]) -> None:
    """Both sides of a thread, oldest first."""
    for turn in turns:
        with st.container(border=True):
            st.caption(f"{'我' if turn.mine else plain(turn.sender)} · {moment(turn.at_utc)}")
            paragraphs(turn.text)


def destination(link: str) -> tuple[str, dict[str, str]] | None:
    """The page and its parameters that an in-app path leads to; None when there is no such page."""
    parts = urlsplit(link)
    page = None if parts.scheme or parts.netloc else _PAGES.get(parts.path.strip("/"))
    return (page, dict(parse_qsl(parts.query))) if page else None


def way_to(link: str, key: str) -> None:
    """A button that leads to the record, where the link names a page."""
    if (way := destination(link)) and st.button("打开相关记录", key=key, icon=":material/open_in_new:"):
        st.switch_page(way[0], query_params=way[1])


def once() -> str:
    """A key for what the form on the screen writes, so that a second press writes nothing; another after each answer."""
    return str(st.session_state.setdefault(f"{answer.turn()}once", secrets.token_hex(8)))


def kept(key: str, found: Mapping[str, str]) -> dict[str, str]:
    """What a search has found, and what was chosen from earlier ones in the widget `key`: id -> name."""
    earlier = st.session_state.get(f"{key}.kept", {})
    known = {each: earlier[each] for each in st.session_state.get(key, ()) if each in earlier} | dict(found)
    st.session_state[f"{key}.kept"] = known
    return known


def seen(prefix: str, revision: int) -> int:
    """The revision a form was drawn from: what is typed into it stays, whatever others save meanwhile."""
    if f"{prefix}title" not in st.session_state:
        st.session_state[f"{prefix}seen"] = revision
    return int(st.session_state[f"{prefix}seen"])


def notice_fields(prefix: str, notice: Notice | None, roles: Mapping[str, str]) -> NoticeDraft:
    """Inputs for a notice, filled from `notice`; what they hold, as typed."""
    title = st.text_input(
        "标题",
        value=notice.title if notice else "",
        max_chars=100,
        key=f"{prefix}title",
        placeholder="例如 关于开展年度填报的通知",
    )
    text = st.text_area(
        "内容",
        value=notice.text if notice else "",
        max_chars=5000,
        height=200,
        key=f"{prefix}text",
        placeholder="每行一段，纯文字",
    )
    with st.grid(2):
        chosen = st.multiselect(
            "面向角色",
            list(roles),
            default=[code for code in (notice.roles if notice else ()) if code in roles],
            key=f"{prefix}roles",
            format_func=lambda code: plain(roles.get(code, code)),
            placeholder="全部角色",
        )
        districts = st.multiselect(
            "面向区域",
            list(DISTRICTS),
            default=list(notice.districts) if notice else [],
            format_func=lambda code: DISTRICTS.get(code, code),
            key=f"{prefix}districts",
            placeholder="全部区域",
            help="市级人员不受区域限制，都能看到",
        )
        until = st.text_input(
            "展示至",
            value=str(notice.until) if notice and notice.until else "",
            max_chars=20,
            key=f"{prefix}until",
            placeholder="如 2026-01-31，留空为长期",
        )
    pinned = st.checkbox("置顶", value=notice.pinned if notice else False, key=f"{prefix}pinned")
    return NoticeDraft(title or "", text or "", pinned, tuple(chosen), tuple(districts), until or "")
