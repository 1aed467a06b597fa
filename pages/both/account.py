import streamlit as st

from pages.ui.guard import require

require("both", "account.own")
st.title("…", anchor=False)
