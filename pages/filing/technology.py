"""技术条件: the second filing step."""

from dataclasses import replace
from functools import partial

import streamlit as st

import gate
from core.access.permissions import Permission
from data.filing import attachments, filings
from ui.filing import step

visit = gate.require(Permission.FILING_EDIT)
st.title("技术条件", anchor=False)
filing = step.of_address(lambda named: filings.mine(visit, named))
step.edit(
    filing,
    "technology",
    today=visit.store.today,
    save=partial(filings.save, visit, filing.id),
    check=lambda content: filings.check(visit, replace(filing, content=content)),
    attach=lambda name, content: attachments.add(visit, name, content),
)
