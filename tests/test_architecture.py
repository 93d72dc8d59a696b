"""The import graph: arrows run one way only, lazy imports inside functions included."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import eaesim

SOURCE = Path(eaesim.__file__).parent
ROOT = "eaesim"

# A room may import from itself and from those named; what follows of what is in design.md under "Rooms".
GROUND = {"command", "errors", "files", "units"}
BELOW = {
    "command": set(),
    "errors": set(),
    "files": {"errors"},
    "units": {"errors", "files"},
    "proportion": set(),
    "elementary": set(),
    "model": GROUND,
    "protocol": GROUND | {"model"},
    "solver": GROUND | {"elementary"},
    "endpoints": GROUND | {"proportion", "elementary"},
    "evidence": GROUND | {"proportion", "elementary", "model", "protocol", "endpoints"},
}
BELOW["study"] = GROUND | {"proportion", "elementary", "model", "protocol", "solver", "endpoints"}
BELOW["estimation"] = BELOW["study"] | {"study", "evidence"}
BELOW["workbench"] = BELOW["interop"] = BELOW["estimation"] | {"estimation"}
BELOW["questions"] = BELOW["workbench"] | {"workbench"}
BELOW["livepage"] = BELOW["questions"] | {"questions", "interop"}
BELOW["cli"] = BELOW["livepage"] | {"livepage"}
BELOW["__main__"] = BELOW["cli"] | {"cli"}

# What a room must not need, wherever in it the import stands.
NOT_IN = {
    "errors": {"numpy", "scipy", "pandas", "matplotlib", "numba", "joblib", "pint", "sympy"},
    "model": {"numpy", "scipy", "pandas", "matplotlib", "numba", "joblib"},
    "protocol": {"numpy", "scipy", "pandas", "matplotlib", "numba", "joblib"},
    "solver": {"pandas", "matplotlib", "pint"},
    "endpoints": {"pandas", "matplotlib", "pint", "joblib"},
    "evidence": {"scipy", "matplotlib", "numba", "joblib"},
    "study": {"matplotlib", "numba"},
    "estimation": {"matplotlib"},
}
# Imported inside functions only: `import eaesim` and `eaesim --help` must stay quick.
NOT_AT_IMPORT = {"matplotlib", "scipy", "numba", "pandas", "pint", "sympy", "joblib", "pyarrow"}
NOT_AT_IMPORT |= {
    "libsbml",
    "antimony",
    "dask",
    "distributed",
    "openpyxl",
    "statsmodels",
    "jax",
    "optax",
    "numpyro",
    "jinja2",
    "markupsafe",
}


@cache
def modules() -> dict[str, Path]:
    """Return every module of the package by its full name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ROOT


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text("utf-8"))


def names(node: ast.AST, module: str) -> list[str]:
    """Return the full names that one import statement asks for."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        package = module if modules()[module].name == "__init__.py" else module.rpartition(".")[0]
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        origin = ".".join(part for part in (package if node.level else "", node.module or "") if part)
        return [f"{origin}.{alias.name}" for alias in node.names]
    called = isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in ("import_module", "__import__"):
        return [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
    return []


def imports(module: str) -> set[str]:
    """Return every name that a module imports anywhere, in functions and under TYPE_CHECKING too."""
    return {name for node in ast.walk(tree(module)) for name in names(node, module)}


def imports_at_once(module: str) -> set[str]:
    """Return what is imported when the module is: not in functions, not for the type checker alone."""
    found, waiting = set(), list(tree(module).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting += node.orelse
            continue
        found |= set(names(node, module))
        waiting += ast.iter_child_nodes(node)
    return found


def module_of(name: str) -> str:
    """Return the module that a full name lives in: itself, or the one that it is a name of."""
    while name not in modules():
        name = name.rpartition(".")[0]
    return name


@cache
def graph() -> dict[str, set[str]]:
    """Return for each module the modules of the package that it imports."""
    return {
        module: {module_of(name) for name in imports(module) if name.split(".")[0] == ROOT}
        for module in modules()
    }


def libraries(found: set[str]) -> set[str]:
    return {name.split(".")[0] for name in found}


def test_every_room_is_known():
    assert {room(module) for module in modules()} - {ROOT} <= set(BELOW)


def test_the_graph_sees_lazy_imports():
    # A test that saw only the tops of files would pass whatever stood inside functions.
    assert "scipy" in libraries(imports("eaesim.solver.reference"))
    assert "scipy" not in libraries(imports_at_once("eaesim.solver.reference"))
    assert "eaesim.solver.problem" in graph()["eaesim.solver.reference"]
    assert "eaesim.model.kinetics" in graph()["eaesim.model.lesion"]


def test_no_arrow_points_up():
    allowed = {name: below | {name} for name, below in BELOW.items()}
    found = graph().items()
    up = [
        (one, other)
        for one, seen in found
        if one != ROOT
        for other in seen
        if room(other) not in allowed[room(one)]
    ]
    assert up == []


def test_the_order_of_the_rooms_has_no_circle():
    order = list(TopologicalSorter(BELOW).static_order())
    assert order.index("model") < order.index("protocol") < order.index("study") < order.index("cli")
    assert not BELOW["solver"] & {"model", "protocol"}
    assert "solver" not in BELOW["protocol"]


def test_no_circle_between_modules():
    # Raises CycleError, which names the circle.
    assert list(TopologicalSorter(graph()).static_order())


def test_a_room_keeps_to_its_libraries():
    found = {module: libraries(imports(module)) & NOT_IN.get(room(module), set()) for module in modules()}
    assert {module: seen for module, seen in found.items() if seen} == {}


def test_heavy_libraries_are_imported_where_they_are_used():
    found = {module: libraries(imports_at_once(module)) & NOT_AT_IMPORT for module in modules()}
    for module in found:
        if module.startswith("eaesim.solver.lanes."):  # itself imported where it is used, by solver.engine
            found[module] -= {"numba"}
    assert {module: seen for module, seen in found.items() if seen} == {}


def test_modules_are_short_and_named_for_what_they_hold():
    lines = {module: len(path.read_text("utf-8").splitlines()) for module, path in modules().items()}
    assert {module: count for module, count in lines.items() if count > 400} == {}
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [module for module in modules() if vague & set(module.split("."))] == []


def hands_names_on(node: ast.stmt) -> bool:
    """Return whether a statement is the text of a module, its list of names, or an import."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    return is_text or is_names or isinstance(node, ast.Import | ast.ImportFrom)


def test_a_rooms_front_only_hands_names_on():
    fronts = [name for name, path in modules().items() if path.name == "__init__.py" and name != ROOT]
    assert len(fronts) > 10
    more = [(one, node) for one in fronts for node in tree(one).body if not hands_names_on(node)]
    assert [f"{one}: {ast.unparse(node)[:80]}" for one, node in more] == []


def fresh(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after running some code."""
    code = f"{code}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "code", ["import eaesim", "import eaesim.cli.main", "import eaesim; eaesim.load; eaesim.Arm"]
)
def test_importing_the_package_is_quick(code):
    assert not fresh(code) & {"matplotlib", "scipy", "numba", "pandas"}


def test_every_name_that_the_package_promises_is_there():
    for name in eaesim.__all__:
        assert getattr(eaesim, name) is not None
    assert set(eaesim.__all__) <= set(dir(eaesim))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = eaesim.no_such_name
