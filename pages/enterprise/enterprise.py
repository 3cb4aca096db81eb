"""企业画像: one enterprise whole: profile, years, class and derivation over time, filings, demands, corrections, log."""

from functools import partial

import polars as pl
import streamlit as st

import gate
from core.access.permissions import Permission
from core.audit import wording
from core.base.errors import UserError
from core.enterprise.query import Query
from data.enterprise import mergers, moves, planned
from data.enterprise import profile as enterprise_profile
from data.enterprise import search as enterprise_search
from data.review import corrections
from ui.base import answer, charts
from ui.base.text import moment, plain, say
from ui.enterprise import merge as enterprise_merge
from ui.enterprise import move as enterprise_move
from ui.enterprise import profile as screen

visit = gate.require(Permission.ENTERPRISE_READ)
st.title("企业画像", anchor=False)
text = screen.search()
if text.strip():
    found = enterprise_search.search(visit, Query(text))
    st.caption(f"找到 {found.height:,} 家" + ("，显示前 20 家，请输入更多文字" if found.height > 20 else ""))
    screen.found(found.head(20))
if (named := screen.address()) is None:
    if not text.strip():
        say("info", "请输入企业名称或统一社会信用代码查找，或从“企业信息”中点一行打开。")
    st.stop()
chosen = named
try:
    known = enterprise_profile.profile(visit, chosen)
except UserError as error:
    say("error", str(error))
    st.stop()
enterprise = known.enterprise
st.header(plain(enterprise.name), anchor=False)
st.caption(f"{visit.scope.words} · 登记于 {moment(enterprise.known_since)} · 最近变动 {moment(enterprise.changed_at)}")
answer.show()
joined, waiting = enterprise_profile.merger(visit, chosen), enterprise_profile.planned(visit, chosen)
enterprise_merge.state(joined, waiting)
if visit.may(Permission.ENTERPRISE_CORRECT) and visit.scope.everything:
    enterprise_merge.withdrawing(waiting, lambda change, seq, why: planned.withdraw(visit, chosen, change, seq, why))
    if joined.into_id:
        enterprise_merge.unmerging(joined.into_name or "", lambda why: mergers.unmerge(visit, chosen, joined.seq, why))
    elif "merge" not in waiting:
        enterprise_merge.merging(
            enterprise.name,
            lambda text: mergers.others(visit, chosen, text),
            lambda into, since, why, paper: mergers.merge(
                visit, chosen, joined.seq, into=into, since=since, reason=why, document=paper
            ),
        )
    if not joined.into_id and "move" not in waiting:
        firm = moves.standing(visit, chosen)
        enterprise_move.show(
            firm, lambda to, since, why: moves.move(visit, chosen, firm.district, district=to, since=since, reason=why)
        )

history = enterprise_profile.history(visit, chosen)
st.subheader("历年数据", anchor=False)
if history.is_empty():
    say("info", "还没有入库数据。企业填报经区级、市级审核入库后出现在这里。")
else:
    full = screen.periods(history)
    charts.show(charts.years(pl.DataFrame(full[::-1])), key="years", alt="历年总收入与AI业务收入")
    screen.history(history)
    st.subheader("历年身份与推导", anchor=False)
    year_policies = enterprise_profile.year_policies(visit, [each["year"] for each in full])
    screen.derivations(full, enterprise.size, year_policies, chosen)

st.subheader("填报", anchor=False)
filed = enterprise_profile.filed(visit, chosen)
screen.filings(filed, link=visit.may(Permission.FILING_READ))
if not filed:
    st.caption("还没有填报。")
st.subheader("更正", anchor=False)
made = corrections.of_enterprise(visit, chosen)
screen.corrections(made)
if not made:
    st.caption("没有更正过入库数据。")
standing = corrections.standing(visit, chosen)
if standing and visit.may(Permission.ENTERPRISE_CORRECT):
    correct = partial(corrections.correct, visit, standing.id, standing.revision)
    screen.correcting(
        standing.content,
        lambda typed: correct(typed.path, typed.after, reason=typed.reason, document=typed.document, file=typed.file),
    )

st.subheader("市场需求", anchor=False)
screen.demands(known.content)
st.subheader("基本情况", anchor=False)
screen.profile(known)
files = enterprise_profile.files(visit, chosen)
st.subheader("证明材料", anchor=False)
screen.file_list(files, link=visit.may(Permission.FILING_READ))
if not files:
    st.caption("没有上传证明材料。")
st.subheader("站内信", anchor=False)
if sent := enterprise_profile.letters(visit, chosen):
    st.caption("与本企业账号往来的最近 50 封，只列标题；内容由收发双方在“站内信”中查看。")
    screen.letters(sent)
else:
    st.caption("没有与本企业往来的站内信。")
st.subheader("日志", anchor=False)
screen.log(pl.DataFrame(wording.table("operations", enterprise_profile.record(visit, chosen), limit=wording.SHORT)))
