"""The hello page served the way app.py serves the product."""

import os
from pathlib import Path

import streamlit as st
import uvicorn

app = st.App(Path(__file__).parent / "hello.py")

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning")
