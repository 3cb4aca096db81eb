"""基础信息: the first filing step."""

from dataclasses import replace
from functools import partial

import streamlit as st

import gate
from core.access.permissions import Permission
from core.filing.model import NOTICES
from data.filing import filings
from ui.filing import step

visit = gate.require(Permission.FILING_EDIT)
st.title("基础信息", anchor=False)
filing = step.of_address(lambda named: filings.mine(visit, named))
step.edit(
    filing,
    "basic",
    today=visit.store.today,
    save=partial(filings.save, visit, filing.id),
    check=lambda content: filings.check(visit, replace(filing, content=content)),
)
for number, notice in enumerate(NOTICES, start=1):
    st.caption(f"{number}.{notice}")
