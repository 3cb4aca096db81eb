"""认定依据: why an enterprise is in its class on any day."""

import streamlit as st

import gate

visit = gate.require("enterprise.read")
st.title("认定依据", anchor=False)
