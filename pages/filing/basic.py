"""基础信息: the first filing step."""

from dataclasses import replace

import streamlit as st

import gate
from core.access.permissions import Permission
from core.filing.model import NOTICES, STEPS
from data.filing import filings
from ui.filing import forms, step

visit = gate.require(Permission.FILING_EDIT)
st.title("基础信息", anchor=False)
filing = step.of_address(lambda named: filings.mine(visit, named))
step.edit(
    filing,
    "basic",
    today=visit.store.today,
    save=lambda revision, patch: filings.save(visit, filing.id, revision, patch),
    draw=lambda raw, key, locked: forms.part(STEPS["basic"], raw, key, locked=locked),
    check=lambda content: filings.check(visit, replace(filing, content=content)),
)
for number, notice in enumerate(NOTICES, start=1):
    st.caption(f"{number}.{notice}")
