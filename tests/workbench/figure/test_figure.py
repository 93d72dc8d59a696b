from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib
import pytest
from matplotlib.figure import Figure

import eaesim as ea
from eaesim.errors import FileError, UnknownNameError
from eaesim.questions.timing.answer import Timing
from eaesim.study import Result, Study
from eaesim.workbench.figure.save import plot, save


def small() -> Figure:
    """Return a figure that is drawn at once."""
    figure = Figure(figsize=(3, 2))
    figure.add_subplot().plot([0, 1])
    return figure


def test_importing_is_light() -> None:
    heavy = "[m for m in ('numpy', 'pandas', 'scipy', 'matplotlib', 'pint') if m in sys.modules]"
    assert _run(f"import sys, eaesim; print({heavy})") == "[]"


@pytest.mark.slow
def test_a_figure_needs_no_pyplot_and_no_display(tmp_path: Path) -> None:
    code = (
        "import sys, eaesim as ea; from eaesim.workbench.figure.save import save\n"
        "timing = ea.timing('lewis', induction='immunisation', days=[0], animals=2)\n"
        "result = ea.Study('lewis', until=5, arms=[ea.Arm('vehicle')]).run(animals=2)\n"
        f"save(ea.plot(timing), r'{tmp_path / 'timing'}'), save(ea.plot(result), r'{tmp_path / 'study'}')\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    assert _run(code) == "False"
    assert len(list(tmp_path.iterdir())) == 4


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("given", [3, None, "lewis", Study("lewis", arms=[ea.Arm("vehicle")])])
def test_anything_else_is_an_error_that_names_what_can_be_drawn(given: object) -> None:
    with pytest.raises(UnknownNameError, match=rf"^{type(given).__name__} .* or the Result.*\.$"):
        plot(given)  # type: ignore[arg-type]


def test_an_unknown_endpoint_names_the_closest(result: Result) -> None:
    with pytest.raises(UnknownNameError, match='did you mean "peak_score"'):
        plot(result, endpoint="peak_scor")


def test_a_timing_takes_no_endpoint(default_timing: Timing) -> None:
    with pytest.raises(UnknownNameError, match="leave endpoint out"):
        plot(default_timing, endpoint="peak_score")


def test_texts_that_do_overlap_are_found(collisions: Callable[[Figure], list[str]]) -> None:
    figure = Figure()
    figure.text(0.5, 0.5, "one")
    assert collisions(figure) == []
    figure.text(0.51, 0.5, "other")
    figure.text(0.99, 0.1, "far too long")
    assert collisions(figure) == ["'far too long' leaves the figure", "'one' on 'other'"]


@pytest.mark.usefixtures("few_dots")
@pytest.mark.parametrize("name", ["default_timing", "result"])
def test_saving_gives_the_same_bytes_every_time(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    x = request.getfixturevalue(name)
    paths = [*save(plot(x), tmp_path / "one"), *save(plot(x), tmp_path / "two")]
    assert [path.name for path in paths] == ["one.png", "one.svg", "two.png", "two.svg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in paths)
    first, second = ([path.read_bytes() for path in paths[start : start + 2]] for start in (0, 2))
    assert first == second
    assert first[0].startswith(b"\x89PNG")
    assert b"<svg" in first[1]
    assert b"dc:date" not in first[1]


def test_a_png_has_150_dots_per_inch(tmp_path: Path) -> None:
    figure = small()
    png, _ = save(figure, tmp_path / "timing")
    width = int.from_bytes(png.read_bytes()[16:20], "big")
    assert width == pytest.approx(150 * figure.get_size_inches()[0], abs=1)


@pytest.mark.usefixtures("few_dots")
def test_threads_write_the_same_bytes_and_leave_the_settings_alone(
    default_timing: Timing, tmp_path: Path
) -> None:
    before = dict(matplotlib.rcParams)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda n: save(plot(default_timing), tmp_path / str(n)), range(3)))
    assert len({png.read_bytes() for png, _ in done}) == 1
    assert len({svg.read_bytes() for _, svg in done}) == 1
    assert dict(matplotlib.rcParams) == before


def test_a_dot_in_the_stem_stays(tmp_path: Path) -> None:
    png, svg = save(small(), tmp_path / "dose 0.4 g")
    assert (png.name, svg.name) == ("dose 0.4 g.png", "dose 0.4 g.svg")


def test_saving_replaces_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "timing.svg").write_text("old")
    _, svg = save(small(), tmp_path / "timing")
    assert "<svg" in svg.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_folder_in_the_way_leaves_nothing_behind(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"timing.{suffix}").mkdir()
    with pytest.raises(FileError, match="timing"):
        save(small(), tmp_path / "timing")
    assert [path.name for path in tmp_path.iterdir()] == [f"timing.{suffix}"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        save(small(), tmp_path / "missing" / "timing")


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    (tmp_path / "timing.png").write_text("old")
    draw: Callable[..., None] = Figure.savefig

    def fail(self: Figure, path: Path, *, format: str, **options: object) -> None:
        draw(self, path, format=format, **options)
        if format == "svg":
            raise error

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(FileError if isinstance(error, OSError) else KeyboardInterrupt):
        save(small(), tmp_path / "timing")
    assert [path.name for path in tmp_path.iterdir()] == ["timing.png"]
    assert (tmp_path / "timing.png").read_text() == "old"
