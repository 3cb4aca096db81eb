"""AI业务条件: the third filing step, revenue by year and cumulative column."""

from dataclasses import replace

import streamlit as st

import gate
from core.access.permissions import Permission
from data.filing import filings
from ui.filing import forms, step

visit = gate.require(Permission.FILING_EDIT)
st.title("AI业务条件", anchor=False)
filing = step.of_address(lambda named: filings.mine(visit, named))
step.edit(
    filing,
    "business",
    today=visit.store.today,
    save=lambda revision, patch: filings.save(visit, filing.id, revision, patch),
    draw=lambda raw, key, locked: {
        "years": forms.years(raw.get("years") or [], f"{key}.years", this_round=filing.round, locked=locked)
    },
    check=lambda content: filings.check(visit, replace(filing, content=content)),
)
