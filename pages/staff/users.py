import streamlit as st

from pages.ui.guard import require

require("staff", "staff.manage")
st.title("…", anchor=False)
