"""公告管理: notices drafted, published, changed and withdrawn, and how many of those they are for have read them."""

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.base import paging
from core.base.dictionaries import DISTRICTS
from core.base.errors import UserError
from core.base.terms import NOTICES, share
from data.access import roles
from data.messaging import notices
from ui.base import answer
from ui.base.text import moment, plain, say
from ui.messaging import messages

visit = gate.require(Permission.NOTICE_MANAGE)
names = roles.names(visit)
st.title("公告管理", anchor=False)
answer.show()
with (
    st.expander("起草公告", icon=":material/edit_note:", key="new"),
    st.form(f"{answer.turn()}new.form", enter_to_submit=False, border=False),
):
    given = messages.notice_fields(f"{answer.turn()}new.", None, names)
    if st.form_submit_button("存为草稿", type="primary"):
        try:
            created = notices.draft(visit, given, key=messages.once())
        except UserError as error:
            say("error", f"{error}（编号 {error.reference}）")
        else:
            answer.give("草稿已保存，尚未发布。核对后点“发布”。")
            st.query_params["notice"] = created
            st.rerun()
total = notices.count(visit)
if not total:
    say("info", "还没有公告。可在上面起草。")
    st.stop()
above = st.container()
page = st.pagination(paging.pages(total, notices.PAGE), key="page", bind="query-params") if total > notices.PAGE else 1
listed = notices.listing(visit, page=page)
with above:
    messages.listing(
        "notice",
        [each.notice.id for each in listed],
        {
            "状态": [NOTICES[each.notice.state] for each in listed],
            "标题": [f"【置顶】{each.notice.title}" if each.notice.pinned else each.notice.title for each in listed],
            "已读": [f"{each.reach.read:,} / {each.reach.audience:,}" for each in listed],
            "阅读率": [share(each.reach.read, each.reach.audience) for each in listed],
            "起草人": [each.author for each in listed],
            "最近修改": [moment(each.notice.changed_at) for each in listed],
        },
        alt="全部公告",
    )
chosen = messages.address("notice")
if chosen is None:
    st.stop()
try:
    managed = notices.standing(visit, chosen)
    notice, reach = managed.notice, managed.reach
    key = f"{answer.turn()}{chosen}#"
    revision = messages.seen(key, notice.revision)
    st.header(plain(notice.title), anchor=False)
    st.caption(f"{NOTICES[notice.state]} · 面向 {reach.audience:,} 个账号 · 第 {revision} 版")
    with st.form(f"{key}form", enter_to_submit=False):
        changes = messages.notice_fields(key, notice, names)
        if st.form_submit_button("保存修改", type="primary"):
            notices.change(visit, chosen, revision, changes)
            answer.give("修改已保存，读者看到的就是新内容。" if notice.state == "published" else "修改已保存。")
            st.rerun()
    if notice.state == "published":
        with st.popover("撤回", icon=":material/undo:"):
            st.markdown("撤回后所有人都不再看到这条公告；内容、阅读记录都保留，可修改后再发布。")
            if st.button("确认撤回", key=f"{key}withdraw", type="primary"):
                notices.withdraw(visit, chosen, revision)
                answer.give("公告已撤回。")
                st.rerun()
    else:
        st.caption("发布的是最近一次保存的内容；刚改的字请先点“保存修改”。")
        if st.button("发布", key=f"{key}publish", icon=":material/campaign:"):
            notices.publish(visit, chosen, revision)
            answer.give(f"公告已发布，面向 {reach.audience:,} 个账号。")
            st.rerun()
    if notice.published_at:
        st.subheader("阅读率", anchor=False)
        st.markdown(f"面向 {reach.audience:,} 个账号，已读 {reach.read:,}，阅读率 {share(reach.read, reach.audience)}")
        places = [DISTRICTS.get(place or "", "市级或未填区属") for place, _ in managed.by_district]
        shown = {
            "区域": places,
            "面向账号": [there.audience for _, there in managed.by_district],
            "已读": [there.read for _, there in managed.by_district],
            "阅读率": [share(there.read, there.audience) for _, there in managed.by_district],
        }
        st.dataframe(pl.DataFrame(shown), hide_index=True, alt="各区阅读率", height=36 + 35 * min(len(places), 15))
except UserError as error:
    say("error", f"{error}（编号 {error.reference}）")
