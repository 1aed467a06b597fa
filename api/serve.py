"""The web process: `python -m api.serve --host 127.0.0.1 --port 8501`."""

import argparse
import logging
import sys

from api.listening import PortTakenError, bind
from core.db import OldSchema, require_schema

PORT_TAKEN_EXIT = 2
GRACE_SECONDS = 3  # for requests that run when the process is told to end


def serve(host: str, port: int) -> None:
    """Serve the portal until the process is told to end."""
    listener = bind(host, port)
    require_schema()
    import uvicorn

    from api.app import app
    from core.config import settings

    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings().trusted_proxies,
        log_level="warning",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    logging.getLogger("uvicorn.access").disabled = True  # Streamlit switches it on again; it logs query strings
    uvicorn.Server(config).run(sockets=[listener])


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description="Serve the portal's pages and routes.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    arguments = parser.parse_args()
    try:
        serve(arguments.host, arguments.port)
    except PortTakenError as error:
        print(error, file=sys.stderr)
        raise SystemExit(PORT_TAKEN_EXIT) from None
    except OldSchema as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
