"""A tab of a browser without the browser: Streamlit's protocol over a WebSocket, and what a page shows by its keys.

It does what the front end does: it sends the widgets that were touched with every action, a fragment's own where the
widget stands in one, follows the address that the page writes, and keeps large messages for as long as the server
counts on that.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

AGAIN = ForwardMsg.FINISHED_EARLY_FOR_RERUN
BROKEN = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
ANSWER_SECONDS = 60


class Unexpected(Exception):
    """The page did not answer as it should; the text says how."""


class Tab:
    """One tab: `shown` are its elements by their keys, `page` and `query` its address."""

    def __init__(self, url: str, cookies: str) -> None:
        self.url, self.cookies = url, cookies
        self.shown: dict[str, Any] = {}
        self.page, self.query = "", ""
        self.runs = 0
        self._socket: ClientConnection | None = None
        self._pages: dict[str, str] = {}
        self._fragments: dict[str, str] = {}
        self._touched: dict[str, WidgetState] = {}
        self._kept: dict[str, tuple[ForwardMsg, int]] = {}
        self._tab = secrets.token_hex(8)

    async def connect(self) -> None:
        """Fetch the one HTML page and the cookies that come with it, and open the WebSocket; nothing if it is open
        already. Raises Unexpected."""
        if self._socket is not None:
            return
        status, head, _ = await self._request("GET", "/", "Accept: text/html")
        if status != 200:
            raise Unexpected(f"the page was answered {status}")
        set_here = [line.split(":", 1)[1] for line in head.splitlines() if line.lower().startswith("set-cookie:")]
        self.cookies = "; ".join([self.cookies, *(cookie.split(";")[0].strip() for cookie in set_here)])
        headers = {"Cookie": self.cookies, "Origin": self.url}
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(  # asks for compression, as browsers do
            address, additional_headers=headers, subprotocols=["streamlit"], max_size=None, open_timeout=ANSWER_SECONDS
        )  # type: ignore[arg-type]

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def open(self, page: str) -> None:
        """A page, from the menu, or by its address where none is open yet. Raises Unexpected."""
        asked = BackMsg()
        asked.rerun_script.page_name = "" if self._pages else page
        self.page, self.query = page, ""
        await self._run(asked)
        if self.page != page:
            raise Unexpected(f"asked for {page}, got {self.page}")

    async def change(self, key: str, **value: Any) -> None:
        """Give a widget a value, by the name of its kind: `string_value="cablu"`. Raises Unexpected."""
        element = self.element(key)
        state = WidgetState(id=element.id)
        if isinstance(array := value.get("string_array_value"), list):
            state.string_array_value.data.extend(array)
        else:
            state = WidgetState(id=element.id, **value)
        asked = BackMsg()
        asked.rerun_script.fragment_id = self._fragments[element.id]
        if not state.HasField("trigger_value"):
            self._touched[element.id] = state
        else:
            asked.rerun_script.widget_states.widgets.append(state)
        await self._run(asked)

    def type(self, field: Any, value: str) -> None:
        """Fill in a text field of a form, which is sent with its button."""
        self._touched[field.id] = WidgetState(id=field.id, string_value=value)

    async def press(self, key: str) -> None:
        """Click a button. Raises Unexpected."""
        await self.change(key, trigger_value=True)

    async def keep(self, product: int, quantity: int) -> None:
        """Put a quantity into the order grid, whose script sends it past Streamlit. Raises Unexpected."""
        cart = self.data("cart_totals")
        message = {
            "whose": cart["whose"], "cart": cart["cart"]["cart"], "tab": self._tab, "number": time.time_ns() // 1000,
            "edits": {str(product): quantity * 1000},
        }  # fmt: skip
        kind = f"Origin: {self.url}\r\nContent-Type: application/json"
        status, _, answer = await self._request("POST", "/cart/keep", kind, json.dumps(message).encode())
        kinds = [line["kind"] for line in json.loads(answer or b"{}").get("lines", [])] if status == 200 else []
        if not kinds or kinds[0] in ("sent", "old"):
            raise Unexpected(f"a quantity was answered {status}: {answer[:200]!r}")

    def element(self, key: str) -> Any:
        """What stands on the page under a key, or the first whose key begins so. Raises Unexpected."""
        found = self.shown.get(key) or next((self.shown[name] for name in self.shown if name.startswith(key)), None)
        if found is None:
            raise Unexpected(f"there is no {key} on the page {self.page}?{self.query}")
        return found

    def data(self, key: str) -> dict[str, Any]:
        """What a component was given."""
        found: dict[str, Any] = json.loads(self.element(key).json)
        return found

    async def _run(self, asked: BackMsg) -> None:
        """Send it with all that was touched, and read until the script has run."""
        script = asked.rerun_script
        script.query_string, script.page_script_hash = self.query, self._pages.get(self.page, "")
        script.widget_states.widgets.extend(self._touched.values())
        script.cached_message_hashes.extend(self._kept)
        script.context_info.timezone, script.context_info.locale = "Europe/Bucharest", "ro-RO"
        script.context_info.url = f"{self.url}/{self.page}"
        assert self._socket is not None
        await self._socket.send(asked.SerializeToString())
        fragment = bool(script.fragment_id)
        async with asyncio.timeout(ANSWER_SECONDS):
            while (ended := self._read(await self._next())) in (None, AGAIN):
                pass
        if ended == BROKEN:
            raise Unexpected("the script does not compile")
        self.runs += 1
        self._forget(fragment)

    async def _next(self) -> ForwardMsg:
        assert self._socket is not None
        message = ForwardMsg.FromString(await self._socket.recv(decode=False))
        if message.WhichOneof("type") == "ref_hash":
            kept, _ = self._kept[message.ref_hash]
            message = ForwardMsg.FromString(kept.SerializeToString())
        if message.metadata.cacheable:
            self._kept[message.hash] = message, self.runs
        return message

    def _read(self, message: ForwardMsg) -> int | None:
        """Take in one message; how the run ended, if this is the one that says so."""
        match message.WhichOneof("type"):
            case "script_finished":
                return message.script_finished
            case "new_session" if not message.metadata.run.fragment_ids:
                self.shown = {}
            case "navigation":
                self._pages = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
                names = {hashed: name for name, hashed in self._pages.items()}
                self.page = names[message.navigation.page_script_hash]
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "auth_redirect":
                raise Unexpected(f"sent to {message.auth_redirect.url}")
            case "delta" if message.delta.HasField("new_element"):
                self._show(message)
        return None

    def _show(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        shown = getattr(element, kind or "", None)
        if kind == "exception":
            raise Unexpected(shown.message)
        if key := key_of(getattr(shown, "id", "")):
            self.shown[key], self._fragments[shown.id] = shown, message.delta.fragment_id
            for state in _told(shown):
                self._touched[shown.id] = state

    def _forget(self, fragment: bool) -> None:
        """What stands on no page any more is sent no more; a large message is kept for two runs."""
        self._kept = {name: kept for name, kept in self._kept.items() if self.runs - kept[1] <= 2}
        if not fragment:
            there = {shown.id for shown in self.shown.values()}
            self._touched = {name: state for name, state in self._touched.items() if name in there}

    async def _request(self, method: str, path: str, more: str, body: bytes = b"") -> tuple[int, str, bytes]:
        """Status, head and body of the answer to a request beside the WebSocket; `more` are headers."""
        host, port = self.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        lines = (
            f"{method} {path} HTTP/1.1",
            f"Host: {host}:{port}",
            f"Cookie: {self.cookies}",
            more,
            "Connection: close",
        )
        writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        head, _, answer = (await asyncio.wait_for(reader.read(), ANSWER_SECONDS)).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split(b" ", 2)[1]), head.decode("latin-1"), answer


def key_of(widget_id: str) -> str:
    """The key that a widget's id ends with; empty for one without."""
    parts = widget_id.split("-", 2)
    return parts[2] if len(parts) == 3 and parts[2] != "None" else ""


def _told(shown: Any) -> Iterator[WidgetState]:
    """The value that the script itself has given a widget."""
    if not getattr(shown, "set_value", False):
        return
    if hasattr(shown, "raw_values"):
        state = WidgetState(id=shown.id)
        state.string_array_value.data.extend(shown.raw_values)
        yield state
    elif hasattr(shown, "raw_value"):
        yield WidgetState(id=shown.id, string_value=shown.raw_value)
    elif isinstance(getattr(shown, "value", None), str):
        yield WidgetState(id=shown.id, string_value=shown.value)
    elif isinstance(getattr(shown, "value", None), bool):
        yield WidgetState(id=shown.id, bool_value=shown.value)
