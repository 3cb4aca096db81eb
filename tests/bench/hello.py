"""A page that only says hello: the floor that reruns are measured against."""

import streamlit as st

st.write("hello")
