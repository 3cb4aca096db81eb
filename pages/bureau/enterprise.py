"""企业画像."""

import streamlit as st

import gate

visit = gate.require("enterprise.read")
st.title("企业画像", anchor=False)
