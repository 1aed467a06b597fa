"""What the tests of the order page do again and again."""

from typing import Any

from streamlit.testing.v1 import AppTest

from core.db import transaction
from core.orders import queries
from core.principal import SYSTEM, Principal
from pages.ui.order_steps import COUNT_KEY


class OrderPage:
    """One order's page, as somebody has it open."""

    def __init__(self, tab: AppTest, order: int) -> None:
        self.tab, self.order = tab, order

    def run(self) -> "OrderPage":
        self.tab.run()
        assert not self.tab.exception
        return self

    def key(self, name: str) -> str:
        """The key of a widget of the page, by the name that the page gives it."""
        state = self.tab.session_state
        count = len(state[COUNT_KEY]) if COUNT_KEY in state else 0
        return f"{name}-{self.order}-en-{count}"

    def open(self, name: str) -> "OrderPage":
        """Open a popover."""
        self.tab.session_state[self.key(name)] = True
        return self.run()

    def field(self, name: str) -> Any:
        """The field with this name; `name/7` is the one of line 7."""
        key = "-".join([self.key(name.partition("/")[0]), *filter(None, [name.partition("/")[2]])])
        return next(widget for kind in FIELDS for widget in self.tab.get(kind) if widget.key == key)

    def fill(self, name: str, value: Any) -> "OrderPage":
        """Type into a field, or choose in it."""
        field = self.field(name)
        field.set_value(float(value) if field.type == "number_input" else value)
        return self

    def click(self, label: str) -> "OrderPage":
        next(button for button in self.tab.main.button if button.label == label).click()
        return self.run()

    @property
    def drawers(self) -> set[str]:
        """The popovers that are offered."""
        return {block.proto.popover.label for block in self.tab.main.get("popover")}

    @property
    def buttons(self) -> set[str]:
        return {button.label for button in self.tab.main.button} - {"All orders", "End the view"}

    @property
    def links(self) -> dict[str, str]:
        return {link.label: link.url for link in self.tab.main.get("link_button")}

    @property
    def said(self) -> str:
        """The toast."""
        return "".join(toast.value for toast in self.tab.toast).replace("\\", "")

    @property
    def refused(self) -> str:
        return "".join(box.value for box in self.tab.warning if box.icon == ":material/block:").replace("\\", "")

    @property
    def text(self) -> str:
        """All that is written on the page, without the signs that keep Markdown from changing it."""
        kinds = ("markdown", "caption", "warning", "error", "info", "success", "header", "subheader", "title")
        words = [element.value for kind in kinds for element in self.tab.main.get(kind)]
        return (
            "\n".join(words)
            .replace("\\", "")
            .replace(":small[]", "")
            .replace("**", "")
            .replace("\N{NO-BREAK SPACE}", " ")
        )

    @property
    def lines(self) -> list[dict[str, Any]]:
        return self.tab.dataframe[0].value.to_dict("records")


FIELDS = ("text_input", "number_input", "selectbox", "radio", "button_group", "date_input")


def detail(order: int, who: Principal = SYSTEM) -> queries.OrderDetail:
    with transaction(who) as session:
        return queries.order_detail(session, order)


def line_ids(order: int) -> list[int]:
    return [line.id for line in detail(order).lines]
