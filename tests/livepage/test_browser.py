"""The page in a real browser: it simulates from a file, without a network, and says the package's numbers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from javascript import BROWSER

import eaesim as ea

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine (chromium, google-chrome)"),
]
OPTIONS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--disable-features=NetworkTimeServiceQuerying,OptimizationHints"),
    *("--enable-logging=stderr", "--v=0", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
]
# What is no network, and where the browser itself looks for news and accounts, whatever page is open.
OWN = re.compile(r"file:|data:|blob:|chrome|about:|https?://[a-z.]*google(apis)?\.com/")
SETTINGS = {"mechanism": "H1a", "animals": 40, "parameter_sets": 8, "seed": 5}
# A headless window may be no narrower than 500 pixels, a frame in it may. A browser that dumps a page ends
# once it is loaded; a script that a server of the test's own holds back keeps it until the page has answered.
FRAME = """<!DOCTYPE html><body style="margin:0">
<iframe src="page.html{address}" style="width:{width}px;height:800px;border:0"></iframe>
<script>
onmessage = ({{ data }}) => fetch("{server}/result", {{ method: "POST", mode: "no-cors", body: data }});
</script>
<script async src="{server}/hold"></script></body>"""
MEASURE = """<script>
const wait = setInterval(() => {
  if (document.body.dataset.complete !== "true") return;
  clearInterval(wait);
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const root = document.documentElement;
  parent.postMessage(JSON.stringify({
    scroll: root.scrollWidth, client: root.clientWidth,
    answer: document.getElementById("sentence").textContent,
    fault: document.getElementById("fault").textContent,
    // What is seen without the folded details and the choice of other subjects.
    text: [...document.querySelectorAll("#answer, figure, #panels, #day-note, #day-words, #on-title")]
      .map(each => each.textContent).join(" "),
    charts: [...document.querySelectorAll(".chart svg")].map(each => each.getBoundingClientRect().height),
    published: document.querySelector("#curve svg").dataset.published, address: location.hash,
    live: document.getElementById("sentence").getAttribute("aria-live"),
    unlabelled: [...document.querySelectorAll("input, select")].filter(each => !each.labels.length).length,
  }), "*");
}, 50);
</script></body>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("live") / "eaesim-live.html"
    file.write_text(ea.live("da", "patient", **SETTINGS, patients=20), encoding="utf-8")
    return file


@contextmanager
def waiting() -> Iterator[tuple[str, list[Any]]]:
    """Serve an address that answers once something has been posted; yield the address and what was posted."""
    posted: list[Any] = []
    is_posted = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_posted.wait(90)
            self.send_response(204)
            self.end_headers()

        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            is_posted.set()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", posted
        server.shutdown()


def opened(page: Path, folder: Path, *, address: str = "", width: int = 1280) -> tuple[Any, str, set[str]]:
    """Return what the page measured once its curve was whole, what the browser said, and its requests."""
    (folder / "page.html").write_text(page.read_text("utf-8").replace("</body>", MEASURE), encoding="utf-8")
    frame, log = folder / "frame.html", folder / "net.json"
    with waiting() as (server, posted):
        frame.write_text(FRAME.format(address=address, width=width, server=server), encoding="utf-8")
        run = subprocess.run(
            [
                *(BROWSER or "", *OPTIONS, f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}"),
                *("--window-size=1500,900", "--dump-dom", frame.as_uri()),
            ],
            capture_output=True,
            timeout=120,
            check=True,
        )
    said = run.stderr.decode("utf-8", "replace")
    assert posted, said[-2000:]
    text = log.read_text("utf-8")
    events = json.loads(text if text.rstrip().endswith("}") else text.rstrip().rstrip(",") + "]}")["events"]
    asked = {event["params"]["url"] for event in events if "url" in event.get("params", {})}
    return posted[0], said, {one for one in asked if not one.startswith(server)}


def test_it_answers_with_the_package_s_number_and_asks_nothing(page: Path, tmp_path: Path) -> None:
    found, said, asked = opened(page, tmp_path)
    assert "CONSOLE" not in said
    assert not {one for one in asked if not OWN.match(one)}
    result = ea.timing("da", induction="immunisation", days=[0], accuracy="courses", **SETTINGS)
    rows = result.table
    mean = rows[rows["endpoint"].str.startswith("mean_score")].iloc[0]
    assert f"by {100 * mean['effect']:.0f}\u00a0%" in found["answer"]
    assert set(found["published"].split()) >= {"A1"}
    assert all(height > 150 for height in found["charts"])
    assert found["live"] == "polite"
    assert found["unlabelled"] == 0


@pytest.mark.parametrize("width", [400, 1280])
def test_a_relapse_is_called_a_prediction_and_fits(page: Path, tmp_path: Path, width: int) -> None:
    address = "#subject=da&panel=relapse-none&day=3&dose=400&times=5"
    found, said, _ = opened(page, tmp_path, address=address, width=width)
    assert "CONSOLE" not in said
    assert found["answer"].startswith("prediction 5 doses of 0.4 g/kg of IVIG")
    assert "3 days after relapse induction" in found["answer"]
    assert "panel=relapse-none" in found["address"]
    assert found["published"] == ""
    fits(found, width)


def fits(found: dict[str, Any], width: int) -> None:
    assert width - 20 <= found["client"] <= width
    assert found["scroll"] <= found["client"]
    assert all(height > 150 for height in found["charts"])
    assert found["unlabelled"] == 0


@pytest.mark.parametrize("width", [400, 1280])
def test_patients_are_called_patients_and_have_the_package_s_number(
    page: Path, tmp_path: Path, width: int
) -> None:
    found, said, asked = opened(page, tmp_path, address="#subject=patient&day=1", width=width)
    assert "CONSOLE" not in said
    assert not {one for one in asked if not OWN.match(one)}
    timing = ea.timing("patient", mechanism="H1a", patients=20, parameter_sets=8, seed=5)
    row = timing.table.set_index("day").loc[1]
    assert found["answer"] == (
        "prediction 1 g/kg of IVIG that blocks maturation of dendritic cells (H1a), given 1 day after the "
        f"attack, leaves {100 * row['left']:.0f}\u00a0% of the relapses (95\u00a0% interval "
        f"{100 * row['left_low']:.0f}\u00a0% to {100 * row['left_high']:.0f}\u00a0%)."
    )
    words = found["text"].lower()
    assert {"edss", "relapse", "patients"} <= set(re.findall(r"\w+", words))
    assert not re.search(r"\b(rats?|scores?|immunis\w+|animals?)\b", words)
    fits(found, width)


def test_a_reader_chooses_a_sign_and_a_value(page: Path, tmp_path: Path) -> None:
    address = "#subject=da&start=onset&day=2&own=potency_maturation:3"
    found, said, _ = opened(page, tmp_path, address=address, width=400)
    assert "CONSOLE" not in said
    assert "given 2 days after the first signs (a score of at least 1)" in found["answer"]
    assert found["answer"].endswith("With strength of H1a (maturation) = 3 mL/mg.")
    assert "start=onset&day=2" in found["address"]
    assert "potency_maturation%3A3" in found["address"]
    assert found["published"] == ""
    fits(found, 400)


def test_what_is_not_possible_in_an_address_is_said(page: Path, tmp_path: Path) -> None:
    found, _, _ = opened(page, tmp_path, address="#subject=da&day=900&own=potency_maturation:x")
    assert "day = 900, which is not possible" in found["fault"] or "own = " in found["fault"]
    assert "on the day of immunisation" in found["answer"]
