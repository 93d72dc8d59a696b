"""A page in a real browser: no error, no request to any network, nothing wider than the window."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (chromium, google-chrome)"),
]
OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *(
        "--disable-default-apps",
        "--disable-features=NetworkTimeServiceQuerying,OptimizationHints",
        "--enable-logging=stderr",
        "--v=0",
    ),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=5000"),
]
# What is no network, and where the browser itself looks for news and accounts, whatever page is open.
OWN = re.compile(r"file:|data:|chrome|about:|https?://[a-z.]*google(apis)?\.com/")
# A headless window may be no narrower than 500 pixels, a frame in it may.
FRAME = """<!DOCTYPE html><body style="margin:0">
<iframe src="{address}" style="width:{width}px;height:800px;border:0"></iframe>
<script>
onmessage = event => {{ document.title = "measured " + event.data; }};
</script></body>"""
MEASURE = """<script>
onload = () => {
  document.querySelectorAll("details").forEach(each => { each.open = OPEN; });
  const root = document.documentElement;
  const images = [...document.querySelectorAll("figure svg")];
  const wide = [...document.querySelectorAll("h1, h2, h3, p, li, dd, dt, figure, figcaption, details, nav")]
    .filter(each => each.getBoundingClientRect().right > root.clientWidth + 1).length;
  parent.postMessage(JSON.stringify({
    scroll: root.scrollWidth, client: root.clientWidth, wide,
    broken: images.filter(each => each.getBoundingClientRect().height < 50).length, images: images.length,
    letters: parseFloat(getComputedStyle(document.querySelector("#data-prediction + p")).fontSize),
  }), "*");
};
</script></body>"""


def browse(page: Path, folder: Path, *options: str) -> tuple[str, str]:
    """Return the document after its page was opened, and what the browser said."""
    run = subprocess.run(
        [
            BROWSER or "",
            *OPTIONS,
            f"--user-data-dir={folder / 'profile'}",
            *options,
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    return run.stdout.decode("utf-8"), run.stderr.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def report(timing_run: Path) -> Path:
    return timing_run / "report.html"


def addresses(log: Path) -> set[str]:
    """Return every address that the browser asked for, from its net log."""
    text = log.read_text("utf-8")
    events = json.loads(text if text.rstrip().endswith("}") else text.rstrip().rstrip(",") + "]}")["events"]
    return {event["params"]["url"] for event in events if "url" in event.get("params", {})}


def test_it_opens_without_an_error_and_asks_nothing(report: Path, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    document, said = browse(report, tmp_path, f"--log-net-log={log}")
    assert "<h1>Effect of IVIG against the day it is given</h1>" in document
    assert "CONSOLE" not in said
    assert "google" not in report.read_text("utf-8")
    assert not {one for one in addresses(log) if not OWN.match(one)}


def test_the_net_log_would_show_a_request(tmp_path: Path) -> None:
    # A log that is empty whatever the page asks for would prove nothing.
    page, log = tmp_path / "asks.html", tmp_path / "net.json"
    page.write_text('<!DOCTYPE html><img src="http://asked.invalid/a.png">', encoding="utf-8")
    browse(page, tmp_path, f"--log-net-log={log}")
    assert any("asked.invalid" in one for one in addresses(log))


@pytest.mark.parametrize("is_open", ["false", "true"])
@pytest.mark.parametrize("width", [400, 1400])
def test_it_fits_the_window(report: Path, tmp_path: Path, width: int, is_open: str) -> None:
    text = report.read_text("utf-8")
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert policy.search(text)
    copy = policy.sub("", text).replace("</body>", MEASURE.replace("OPEN", is_open))
    (tmp_path / "copy.html").write_text(copy, encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(address="copy.html", width=width), encoding="utf-8")
    document, _ = browse(frame, tmp_path, "--window-size=1500,900")
    found = re.search(r"<title>measured (.*?)</title>", document)
    assert found, document[:500]
    measured = json.loads(found[1])
    assert width - 20 <= measured["client"] <= width
    assert measured["scroll"] <= measured["client"]
    assert measured["wide"] == 0
    assert measured["broken"] == 0
    assert measured["images"] == 1
    assert measured["letters"] >= 15


def test_a_reader_sees_no_python_text(report: Path, tmp_path: Path) -> None:
    document, _ = browse(report, tmp_path)
    seen = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>", " ", document, flags=re.DOTALL)
    assert len(seen) > 10_000
    assert not re.findall(r"""[(\[{]['"]|\bNone\b|\bnan\b|\bTrue\b|\bFalse\b|\bnull\b""", seen)
