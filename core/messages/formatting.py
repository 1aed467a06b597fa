"""The text of a message: Markdown limited to bold, italics, lists and https links. Nothing else in it is markup: HTML,
pictures, headings and addresses of other kinds are shown as the characters they are made of."""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

KINDS = ("emphasis", "list", "link", "newline", "escape")


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return url.lower().startswith("https://")


def _parser() -> MarkdownIt:
    made = _Parser("zero", {"html": False, "breaks": True, "maxNesting": 20}).enable(list(KINDS))
    made.add_render_rule("link_open", _link_open)
    return made


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: object, env: object
) -> str:  # fmt: skip
    tokens[at].attrs = {"href": tokens[at].attrs["href"], "target": "_blank", "rel": "noopener noreferrer"}
    return self.renderToken(tokens, at, options, env)  # type: ignore[arg-type]


def as_html(source: str) -> str:
    """Safe HTML: paragraphs, lists, strong, em, br and links that open in a new tab."""
    html: str = _PARSER.render(source)
    return html


def as_text(source: str) -> str:
    """The same as plain text: without the marks, with `-` or numbers before what is listed, addresses in brackets."""
    return "".join(_told(_PARSER.parse(source))).strip()


def _told(tokens: Sequence[Token]) -> Iterator[str]:
    lists: list[int | None] = []  # of each list that is open: the next number, None where it has none
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                yield "" if lists else "\n"
            case "list_item_open":
                number = lists[-1]
                yield "  " * (len(lists) - 1) + ("- " if number is None else f"{number}. ")
                lists[-1] = None if number is None else number + 1
            case "paragraph_close":
                yield "\n" if lists else "\n\n"
            case "inline":
                yield from _words(token.children or [])


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    address, label = "", ""
    for token in tokens:
        match token.type:
            case "link_open":
                address, label = str(token.attrs["href"]), ""
            case "link_close":
                yield f" ({address})" if label != address else ""
            case "softbreak" | "hardbreak":
                yield "\n"
            case _:
                label += token.content
                yield token.content


_PARSER = _parser()
