import streamlit as st

from pages.ui.guard import require

require("staff", "audit.see")
st.title("…", anchor=False)
