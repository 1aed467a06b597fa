"""The portal's colours: the company's own, as dark or as light as it must be to be read.

Contrast is that of WCAG 2.1, https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio; AA asks for 4.5 for text.
"""

import streamlit as st
from streamlit import config

from core.company import company
from core.config import ROOT
from core.db import transaction
from core.principal import SYSTEM
from pages.ui.text import _

LIGHT, DARK = "#ffffff", "#101418"
"""What things stand on; DARK is also in .streamlit/config.toml."""
READABLE = {LIGHT: 5.5, DARK: 6.5}
"""More than AA asks for: on a tint of itself a colour is less readable."""
STEPS = 50


def set_look() -> None:
    """Give the theme of this process the company's colour, and the page its style. Another colour shows in a minute."""
    light, dark = colours()
    for option, value in (("theme.light.primaryColor", light), ("theme.dark.primaryColor", dark)):
        if config.get_option(option) != value:
            config.set_option(option, value)
    accent = dark if st.context.theme.type == "dark" else light
    # Streamlit writes white on it in either case.
    written = max((LIGHT, DARK), key=lambda colour: contrast(colour, accent))
    # Streamlit's uploader speaks English only.
    words = {"choose-file": _("Choose the file"), "drop-file": _("or drop it here")}
    variables = {"accent": accent, "on-accent": written} | {name: f'"{said}"' for name, said in words.items()}
    root = "".join(f"--{name}: {value};" for name, value in variables.items())
    st.html(f"<style>:root {{ {root} }}{STYLE.read_text()}</style>")


STYLE = ROOT / "pages/ui/style.css"


def small_words() -> str:
    """The colour of a chart's words: a chart does not take it from what it stands on."""
    return str(config.get_option(f"theme.{st.context.theme.type or 'light'}.grayTextColor"))


@st.cache_data(ttl=60, show_spinner=False)
def colours() -> tuple[str, str]:
    """The company's colour for light and for dark pages."""
    with transaction(SYSTEM) as session:
        colour = company(session).colour
    return readable(colour, LIGHT), readable(colour, DARK)


def readable(colour: str, on: str) -> str:
    """The colour (#rrggbb), drawn towards black or white until text in it can be read on `on`."""
    towards = "#000000" if luminance(on) > 0.18 else "#ffffff"
    for step in range(STEPS + 1):
        mixed = _mix(colour, towards, step / STEPS)
        if contrast(mixed, on) >= READABLE[on]:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """From 0, black, to 1, white."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _mix(colour: str, other: str, share: float) -> str:
    parts = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in parts)
