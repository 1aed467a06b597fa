"""Invoices as PDF, in one process: 10, 100 and 1,000 lines, with logo, payment code and tags, as they are kept.

`ms` is from the document to its bytes; `weasyprint_ms` is what WeasyPrint alone takes for the same page, measured in
turn with it. Medians of wall clock, but for `p95_ms`; `cpu_ms` and `template_ms` (making the page) are of CPU time,
which other work on the machine changes less. `rss_mb` is the most memory that the process had until then.
"""

import io
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pypdf
from PIL import Image

from core.documents.look import make_look
from core.documents.rendering import pdf_from, render_html, render_pdf
from core.documents.samples import sample, sample_lines

TIMES = {10: 40, 100: 15, 1000: 3}
"""Lines of an invoice → how often it is made."""


def run() -> list[dict[str, Any]]:
    """One row per size of invoice."""
    look = make_look("#0f766e", _logo())
    render_pdf(sample(lines=sample_lines(1)), look)  # what is made once: templates, fonts' tables
    rows = []
    for lines, times in TIMES.items():
        document = sample(lines=sample_lines(lines))
        page, content = render_html(document, look), render_pdf(document, look)
        ours, theirs, templates = [], [], []
        for _ in range(times):
            ours.append(_timed(partial(render_pdf, document, look)))
            theirs.append(_timed(partial(pdf_from, page, "FCT 00012")))
            templates.append(_timed(partial(render_html, document, look)))
        walls = sorted(wall for wall, _ in ours)
        cpu, template_cpu = (statistics.median(cpu for _, cpu in runs) for runs in (ours, templates))
        rows.append({
            "lines": lines, "pages": len(pypdf.PdfReader(io.BytesIO(content)).pages), "kb": len(content) // 1024,
            "ms": round(statistics.median(walls)), "p95_ms": round(walls[int(times * 0.95)]), "cpu_ms": round(cpu),
            "template_ms": round(template_cpu, 1),
            "weasyprint_ms": round(statistics.median(wall for wall, _ in theirs)),
            "weasyprint_percent": round((1 - template_cpu / cpu) * 100, 1),
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        })  # fmt: skip
    return rows


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of the clock, and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _logo() -> bytes:
    drawn = io.BytesIO()
    Image.radial_gradient("L").resize((600, 200)).save(drawn, "PNG")
    return drawn.getvalue()
