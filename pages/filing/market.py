"""市场需求: the fourth filing step."""

from dataclasses import replace

import streamlit as st

import gate
from core.access.permissions import Permission
from core.filing.model import STEPS
from data.filing import filings
from ui.filing import forms, step

visit = gate.require(Permission.FILING_EDIT)
st.title("市场需求", anchor=False)
filing = step.of_address(lambda named: filings.mine(visit, named))
step.edit(
    filing,
    "market",
    today=visit.store.today,
    save=lambda revision, patch: filings.save(visit, filing.id, revision, patch),
    draw=lambda raw, key, locked: forms.part(STEPS["market"], raw, key, locked=locked),
    check=lambda content: filings.check(visit, replace(filing, content=content)),
)
