import streamlit as st

from pages.ui.guard import require

require("partner", "colleagues.manage")
st.title("…", anchor=False)
