"""AI业务条件: the third filing step, revenue by year and cumulative column."""

from dataclasses import replace
from functools import partial

import streamlit as st

import gate
from core.access.permissions import Permission
from data.filing import filings
from ui.filing import step

visit = gate.require(Permission.FILING_EDIT)
st.title("AI业务条件", anchor=False)
filing = step.of_address(lambda named: filings.mine(visit, named))
step.edit(
    filing,
    "business",
    today=visit.store.today,
    save=partial(filings.save, visit, filing.id),
    check=lambda content: filings.check(visit, replace(filing, content=content)),
)
