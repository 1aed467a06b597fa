"""What is fine of a quick order goes into the cart, once, and what has to be mended stays."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from core.orders.filling import add
from core.quick.checking import Answer, Check, check
from core.quick.drafts import Draft, keep
from core.quick.goods import Goods
from core.quick.mending import only


@dataclass(frozen=True, slots=True)
class Added:
    """The products that were added, and the draft that is left. `asked`: the cart waited for approval until now."""

    goods: list[Goods]
    left: Draft
    asked: bool


def add_lines(session: Session, shown: Draft, as_of: datetime, decimal_mark: str | None = None) -> Added:
    """Everything that is fine in the draft goes into the cart, on top of what is there.

    The draft is taken first and changed with the cart: of two tabs that show it one adds it, and if anything fails
    nothing was added. Raises DraftChanged, DraftTooLong, and what `check` does.
    """
    taken = keep(session, shown)
    checked = check(session, taken.text, as_of, code_column=taken.code_column,
                    quantity_column=taken.quantity_column, decimal_mark=decimal_mark)  # fmt: skip
    answers, asked = add(session, checked.wanted, as_of)
    there = {answer.product_id for answer in answers if answer.quantity > 0}
    # The columns stay as they were guessed: from the lines that are left nobody could tell.
    columns = checked.columns
    left = replace(
        taken,
        text=only(answer.line for answer in checked.answers if _stays(checked, answer, there)),
        code_column=columns.code if columns else None,
        quantity_column=columns.quantity if columns else None,
    )
    goods = {answer.goods.product_id: answer.goods for answer in checked.fine if answer.goods}
    return Added([one for product, one in goods.items() if product in there], keep(session, left), asked)


def _stays(checked: Check, answer: Answer, there: set[int]) -> bool:
    """What has to be mended stays, with the names of the columns above it."""
    if answer.fine:
        return answer.goods is None or answer.goods.product_id not in there
    return answer.to_mend or (answer.kind == "titles" and bool(checked.to_mend))
