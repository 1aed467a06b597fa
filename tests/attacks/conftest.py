"""The real ASGI app and browsers that are signed in, as in tests/api; and what a page says over its WebSocket."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.api.conftest import client, sign_in

__all__ = ["client", "sign_in"]

HOST = "portal.example"
Say = Callable[..., str]


@pytest.fixture
def page_says(client: TestClient) -> Say:
    """page_says("staff-partners", "order=1", origin=...): all that a page sends to a program that opens it without a
    browser. Raises WebSocketDisconnect where it is not let in."""

    def _page_says(page: str, query: str = "", **headers: str) -> str:
        asked, said = BackMsg(), []
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        where = {"host": HOST} | headers
        with client.websocket_connect("/_stcore/stream", subprotocols=["streamlit"], headers=where) as socket:
            socket.send_bytes(asked.SerializeToString())
            while True:
                told = ForwardMsg.FromString(socket.receive_bytes())
                said.append(str(told))
                if told.WhichOneof("type") == "script_finished":
                    return "\n".join(said)

    return _page_says
