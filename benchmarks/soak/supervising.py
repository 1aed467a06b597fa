"""The processes of a portal under their supervisor, as `./rampa run` has them, without what that does before:
`python -m benchmarks.soak.supervising LOGS PORT WORKERS [ROLE …]`."""

import sys
from pathlib import Path

from workers.processes import Supervisor, portal

if __name__ == "__main__":
    logs, port, workers, *roles = sys.argv[1:]
    raise SystemExit(Supervisor(portal(int(port), "127.0.0.1", int(workers), roles), Path(logs)).run())
