"""The house rules, read from the syntax tree: who imports whom, where the gate stands, where SQL may be."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from core.access.permissions import PERMISSIONS, Permission
from core.filing.states import CITY_REVIEW
from ui.base.menu import PAGES

ROOT = Path(__file__).parents[1]
LAYERS = ("core", "data", "gate", "ui", "exports", "pages")

#: folder -> what its files may import beside the standard library; a longer path wins over a shorter one.
ALLOWED = {
    "core": {"core", "narwhals", "polars", "pydantic", "pydantic_core", "yaml", "stdnum"},
    "core/base/values.py": {"core", "pydantic", "pydantic_core", "stdnum", "email_validator", "phonenumbers"},
    "data": {"data", "core", "duckdb", "polars"},
    "data/what_if/bunching_worker.py": {"rddensity"},
    "data/platform/settings.py": {"pydantic", "pydantic_settings"},
    "data/sample": {"data", "core", "polars", "numpy"},
    "gate": {
        "gate",
        "data",
        "core",
        "starlette",
        "authlib",
        "joserfc",
        "httpx2",
        "jinja2",
        "anyio",
        "streamlit_authenticator",
        "bcrypt",
        "segno",
        "stdnum",
        "pyotp",
        "zxcvbn",
        "pydantic",
        "pydantic_settings",
    },
    "gate/__init__.py": {"gate", "data", "core", "streamlit"},
    "gate/exports.py": {"gate", "data", "core", "exports", "starlette", "anyio"},
    "gate/sockets.py": {"gate", "data", "core", "starlette", "anyio", "streamlit"},
    "ui": {"ui", "core", "streamlit", "plotly", "polars"},
    # A library that reads workbooks into this process is not among them: what people send is opened in a child.
    "exports": {"exports", "core", "polars", "xlsxwriter", "pptx", "typst"},
    "pages": {"core", "data", "gate", "ui", "exports", "streamlit", "polars"},
}
#: A page reads and writes through the functions of data that take its visit.
NOT_IN_PAGES = ("data.store", "data.sample", "duckdb")

#: Files over 400 lines, and why they stay whole.
LONG = {
    "data/access/credentials.py": "whoever counts failures, keeps a secret or spends a ticket writes the same few rows",
    "core/filing/model.py": "the four steps, one model each, stand in the manual's order on one page",
    "data/store/store.py": "writer, readers, chain and mark share one state",
    "core/filing/checks.py": "every check of a filing stands beside the others, in the order of the manual's steps",
    "data/meeting/meetings.py": "preparing, freezing and minuting one meeting share its conflict check",
    "data/report/reports.py": "one order from the asking to the file in the owner's folder",
    "ui/base/locale.py": "the table of Streamlit's own strings",
}


def sources(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def each(*folders: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("file", sources(*folders), ids=name_of)


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


# --- who imports whom ------------------------------------------------------------------------------------


def imports(tree: ast.AST) -> Iterator[str]:
    """Every dotted name imported anywhere in the file; relative and dynamic imports appear as such."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in ("__import__", "import_module", "exec", "eval"):
            yield f"{called(node)}()"


def called(node: ast.Call) -> str:
    """The last name of what is called: `a.b.c()` -> "c"."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def foreign(tree: ast.AST, allowed: set[str]) -> list[str]:
    return sorted({name for name in imports(tree) if name.split(".", 1)[0] not in allowed | sys.stdlib_module_names})


@each(*LAYERS)
def test_each_layer_imports_only_what_is_allowed_to_it(file: Path) -> None:
    name = name_of(file)
    place = max((place for place in ALLOWED if name == place or name.startswith(f"{place}/")), key=len)
    assert foreign(parsed(file), ALLOWED[place]) == []


@pytest.mark.parametrize(
    "source",
    [
        "import duckdb",
        "def f():\n    from streamlit import x",
        "import data.filings",
        "from data import filings",
        "from . import x",
        "from ..data import x",
        "import numpy as np",
        "__import__('x')",
        "import importlib\nimportlib.import_module('x')",
        "try:\n    import pandas\nexcept ImportError: pass",
    ],
)
def test_the_import_rule_sees_every_way_to_import(source: str) -> None:
    assert foreign(ast.parse(source), ALLOWED["core"])


@each("ui")
def test_ui_takes_results_by_the_name_they_have_in_core(file: Path) -> None:
    """A Protocol here would say a second time what a dataclass of core says."""
    assert not {"typing.Protocol", "typing_extensions.Protocol"} & set(imports(parsed(file)))


def taken_by_pages(tree: ast.AST) -> list[str]:
    """Imports that go around the functions of data, and uses of the visit's store for anything but the day."""
    around = [
        name for name in imports(tree) for barred in NOT_IN_PAGES if name == barred or name.startswith(f"{barred}.")
    ]
    inner = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "attr", "") == "store"
    ]
    uses = [f"store.{node.attr}" for node in inner if node.attr != "today"]
    whole = sum(isinstance(node, ast.Attribute) and node.attr == "store" for node in ast.walk(tree)) - len(inner)
    return around + uses + ["store"] * whole


@each("pages", "ui")
def test_pages_read_and_write_through_the_doors_only(file: Path) -> None:
    assert taken_by_pages(parsed(file)) == []


@pytest.mark.parametrize(
    "source",
    [
        "from data.store import Store",
        "from data import store",
        "import data.store",
        "visit.store.rows('x')",
        "gate.require('x').store.write(f)",
        "kept = visit.store",
    ],
)
def test_the_door_rule_sees_the_ways_around_it(source: str) -> None:
    assert taken_by_pages(ast.parse(source))


# --- where SQL may be ------------------------------------------------------------------------------------

SQL = re.compile(
    r"\bSELECT\s[\s\S]+\sFROM\s|\b(?:INSERT|REPLACE) INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE FROM\b"
    r"|\b(?:CREATE|DROP|ALTER) TABLE\b|\b(?:GROUP|ORDER) BY\b|\b(?:LEFT|INNER) JOIN\b|^\s*PRAGMA\b"
    # A part of a query: a numbered parameter, a cast, what compares within a condition.
    r"|(?:=|ANY\(|,|\()\s*\$[\d?]|::[A-Z]{3,}|\b(?:WHERE|AND|OR|NOT|IN|IS|HAVING|VALUES|LIKE|ON)\s+(?:NOT|NULL|ANY|EXISTS|IN|SELECT|\(|[?a-z_.]+\s*(?:[=<>]|IS\b|IN\b|LIKE\b|BETWEEN\b))"
)
SPOKEN = re.compile(r"\s*(?:select\s[\s\S]+\sfrom|insert into|update\s+\S+\s+set|delete from|create table)\s", re.I)


def texts(tree: ast.AST) -> Iterator[str]:
    """Every string of the file, with an f-string as one text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "?" for part in node.values)  # type: ignore[misc]


def sql_in(tree: ast.AST) -> list[str]:
    return [text for text in texts(tree) if SQL.search(text) or SPOKEN.match(text)]


@each("pages", "ui", "core")
def test_sql_stands_in_data_only(file: Path) -> None:
    assert sql_in(parsed(file)) == []


def test_the_sql_rule_sees_sql() -> None:
    assert sql_in(ast.parse("x = f'SELECT {a} FROM t'"))
    assert sql_in(ast.parse("x = 'select a from t'"))
    for part in ("f'(coalesce({x}, 1) = ANY(${n}::VARCHAR[]))'", "'id = $1'", "f'{a} OR {b} IN (1, 2)'", "f'NOT {a} = 1'",
                 "'WHERE year = 2025'", "'AND e.id IS NULL'", "'x IS NOT NULL'"):  # fmt: skip
        assert sql_in(ast.parse(f"x = {part}")), part
    assert any(sql_in(parsed(file)) for file in sources("data"))


def unasked(tree: ast.AST) -> list[str]:
    """Functions that take a visit and write or send through the store itself, by whatever name they have it."""
    return [
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and any(given.arg == "visit" for given in function.args.args)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and re.search(r"\bstore\.(?:write|send)$", ast.unparse(call.func))
    ]


@each("data")
def test_who_writes_for_a_visit_has_it_looked_at_again_on_the_writer(file: Path) -> None:
    """Through `Visit.write`; a note in the log only is sent as it is."""
    assert unasked(parsed(file)) == (["_note"] if name_of(file) == "data/audit/log.py" else [])


def test_the_rule_of_the_second_look_sees_a_store_by_another_name() -> None:
    assert unasked(ast.parse("def f(visit):\n    store = visit.store\n    store.write(g)")) == ["f"]
    assert unasked(ast.parse("def f(visit):\n    def job(): visit.store.send(g)\n    return job")) == ["f"]


# --- the gate --------------------------------------------------------------------------------------------

SCRIPTS = [file for file in sources("pages") if file.parent != ROOT / "pages"]
ROUTER = ROOT / "pages" / "router.py"


def member_of(node: ast.expr) -> str | None:
    """The permission that an expression `Permission.X` names."""
    named = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Permission"
    return Permission[node.attr].value if named else None  # type: ignore[attr-defined]


def permission_of(node: ast.AST | None) -> tuple[str | None, ...]:
    """The permissions that calls of gate.require within `node` ask for; () when there is no such call."""
    return tuple(
        member_of(call.args[0]) if call.args else None
        for call in ast.walk(node or ast.Pass())
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "gate.require"
    )  # type: ignore[return-value]


def first_statement(body: list[ast.stmt], *, router: bool = False) -> ast.stmt | None:
    """The first statement that does something: past docstring, imports and plain constants.

    In the router set_page_config, which must come first, is passed over too.
    """
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if router and isinstance(node, ast.Expr) and ast.unparse(node).startswith("st.set_page_config("):
            continue
        constant = isinstance(node, ast.Assign) and all(
            isinstance(t, ast.Name) and t.id.isupper() for t in node.targets
        )
        if constant and (router or not any(isinstance(part, ast.Call) for part in ast.walk(node))):
            continue
        return node
    return None


def opens_with_the_gate(body: list[ast.stmt], *, router: bool = False) -> bool:
    """Whether the first statement is `visit = gate.require(...)` itself."""
    first = first_statement(body, router=router)
    value = first.value if isinstance(first, ast.Assign | ast.Expr) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "gate.require"


@pytest.mark.parametrize("file", SCRIPTS, ids=name_of)
def test_a_page_opens_with_the_gate_and_asks_for_its_permission(file: Path) -> None:
    body = parsed(file).body
    assert opens_with_the_gate(body)
    (asked,) = permission_of(first_statement(body))
    assert asked in PERMISSIONS
    menu = {path: permission for _, path, _, _, permission in PAGES}
    assert menu[file.relative_to(ROOT / "pages").as_posix()] == asked


def test_the_router_asks_the_gate_before_it_builds_the_menu() -> None:
    assert opens_with_the_gate(parsed(ROUTER).body, router=True)


def test_every_entry_of_the_menu_is_a_page_and_every_page_an_entry() -> None:
    entries = [path for _, path, _, _, _ in PAGES]
    assert len(entries) == len(set(entries))
    assert sorted(entries) == sorted(file.relative_to(ROOT / "pages").as_posix() for file in SCRIPTS)


def fragments(tree: ast.AST) -> list[ast.FunctionDef]:
    """Functions that Streamlit may run again without the page around them."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(re.match(r"st\.(experimental_)?(fragment|dialog)\b", ast.unparse(d)) for d in node.decorator_list)
    ]


def ungated(tree: ast.AST) -> list[str]:
    found = fragments(tree)
    return [each.name for each in found if not set(permission_of(first_statement(each.body))) & set(PERMISSIONS)]


@each("pages")
def test_a_fragment_asks_the_gate_again_first(file: Path) -> None:
    assert ungated(parsed(file)) == []


@pytest.mark.parametrize(
    "source",
    [
        "st.title('x')\nvisit = gate.require(Permission.FILING_EDIT)",
        "TITLE = st.title('x')\nvisit = gate.require(Permission.FILING_EDIT)",
        "visit = None or gate.require(Permission.FILING_EDIT)",
        "if True:\n    visit = gate.require(Permission.FILING_EDIT)",
        "visit = other.require('filing.edit')",
        "import gate",
    ],
)
def test_the_gate_rule_sees_what_comes_before_the_gate(source: str) -> None:
    assert not opens_with_the_gate(ast.parse(source).body)


def test_the_fragment_rule_sees_a_fragment_without_the_gate() -> None:
    late = "@st.fragment(run_every=2)\ndef f():\n    st.write(1)\n    gate.require(Permission.FILING_EDIT)"
    bare = "def page():\n    @st.fragment\n    def f():\n        gate.require()"
    assert ungated(ast.parse(late)) == ungated(ast.parse(bare)) == ["f"]
    assert any(fragments(parsed(file)) for file in sources("pages"))


def written_out(tree: ast.AST) -> list[str]:
    """Permissions that stand as strings where Permission should be named."""
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in PERMISSIONS]


@pytest.mark.parametrize("file", [*sources(*LAYERS), ROOT / "app.py"], ids=name_of)
def test_a_permission_is_written_out_in_one_file_only(file: Path) -> None:
    assert (written_out(parsed(file)) != []) == (name_of(file) == "core/access/permissions.py")


def test_the_states_of_a_filing_are_written_out_in_one_file_only() -> None:
    """`city_review` stands for them all: no other domain has a state of that name. SQL takes it as a parameter."""
    written = [file for file in [*sources(*LAYERS), ROOT / "app.py"] if CITY_REVIEW in file.read_text("utf-8")]
    assert list(map(name_of, written)) == ["core/filing/states.py"]


# --- the tree --------------------------------------------------------------------------------------------


def test_no_script_but_the_router_lies_in_the_folder_of_pages() -> None:
    """A folder `pages` beside the entry script would be reachable around the gate."""
    assert [file.name for file in (ROOT / "pages").glob("*.py")] == ["router.py"]
    assert not (ROOT / "pages" / "pages").exists()
    assert "router.py" in (ROOT / "app.py").read_text("utf-8")


def lines_of(file: Path) -> int:
    return len(file.read_text("utf-8").splitlines())


@each("pages")
def test_a_page_has_no_more_than_120_lines(file: Path) -> None:
    assert lines_of(file) <= 120


def test_a_file_has_no_more_than_400_lines_unless_a_reason_is_given() -> None:
    long = {name_of(file) for file in [*sources(*LAYERS), ROOT / "app.py"] if lines_of(file) > 400}
    assert long - set(LONG) == set(), "split, or give a reason"
    assert set(LONG) - long == set(), "a reason no longer needed"


@pytest.mark.parametrize("file", [*sources(*LAYERS), ROOT / "app.py"], ids=name_of)
def test_no_page_is_dressed_by_raw_html(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "unsafe_allow_html" not in text
    assert "<style" not in text.lower()


#: A package of a domain: its face names what is in it and defines nothing.
FACES = [file for file in sources("core", "data", "ui") if file.name == "__init__.py"]


@pytest.mark.parametrize("file", FACES, ids=name_of)
def test_a_face_says_what_the_package_is_and_defines_nothing(file: Path) -> None:
    tree = parsed(file)
    assert ast.get_docstring(tree)
    assert lines_of(file) < 40
    assert [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)] == []


#: One name for a domain on every floor; what else may stand beside the domains.
DOMAINS = {
    "base",
    "rule",
    "filing",
    "review",
    "enterprise",
    "directory",
    "statistics",
    "what_if",
    "meeting",
    "report",
    "messaging",
    "access",
    "audit",
    "platform",
}
BESIDE = {
    "core": {"__init__.py"},
    "data": {"__init__.py", "__main__.py", "jobs.py", "projections.py", "store", "sample"},
    "ui": {"__init__.py"},
    "pages": {"router.py"},
}


@pytest.mark.parametrize("layer", BESIDE)
def test_a_layer_is_divided_into_the_domains_and_nothing_else(layer: str) -> None:
    listed = {file.relative_to(ROOT / layer).parts[0] for file in sources(layer)}
    assert listed - DOMAINS == BESIDE[layer]


def package_of(name: str) -> str:
    return ".".join(name.split(".")[:2])


def arrows(*layers: str) -> dict[str, set[str]]:
    """package -> the packages of the same layers it imports; a package is a layer and a domain."""
    found: dict[str, set[str]] = {}
    for file in sources(*layers):
        own = ".".join(file.relative_to(ROOT).with_suffix("").parts[:2])
        names = {package_of(name) for name in imports(parsed(file)) if name.split(".", 1)[0] in layers}
        found.setdefault(own, set()).update(names - {own})
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """A circle in the graph, [] when there is none."""
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def test_packages_import_each_other_in_no_circle() -> None:
    assert circle(arrows("core", "data", "ui")) == []


def test_the_circle_rule_sees_a_circle() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})
    assert arrows("data")["data.review"]


# --- what is private stays in its file ---------------------------------------------------------------------

#: Names that begin with `_` where the library has no other for it, and where they are touched.
BORROWED = {
    "core/access/permissions.py": {"_value_"},  # what an enum's own __new__ sets
    "core/rule/classification.py": {"_fields"},  # the columns of a named tuple
    "exports/presentation.py": {"_element", "_rPr", "_chartSpace"},  # XML that python-pptx has no words for
    "app.py": {"_exit"},  # leaves without a traceback
}


def private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def defined(tree: ast.AST) -> set[str]:
    """Every name the file gives to something: functions, classes, variables, attributes of self and cls."""
    return {
        name
        for node in ast.walk(tree)
        for name in (
            getattr(node, "name", None)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            else None,
            node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else None,
            node.attr if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and own(node) else None,
        )
        if name
    }


def own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def taken_from_others(tree: ast.AST) -> set[str]:
    """Names beginning with `_` that are imported, or touched on what is neither self, cls nor of this file."""
    aliases = [
        alias for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    imported = {alias.asname or alias.name.split(".", 1)[0] for alias in aliases}
    mine = defined(tree)
    touched = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and not own(node)
        and (node.attr not in mine or (isinstance(node.value, ast.Name) and node.value.id in imported))
    }
    parts = {part for alias in aliases for part in alias.name.split(".")}
    parts |= {
        part for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for part in (node.module or "").split(".")
    }
    return {name for name in touched | parts if private(name)}


@pytest.mark.parametrize("file", [*sources(*LAYERS), ROOT / "app.py"], ids=name_of)
def test_no_file_takes_what_is_private_to_another(file: Path) -> None:
    assert taken_from_others(parsed(file)) == BORROWED.get(name_of(file), set())


@pytest.mark.parametrize(
    "source",
    [
        "from data.a import _x",
        "from data._a import x",
        "import data._a",
        "from data import a\na._x()",
        "import data.a\ndata.a._x",
        "from data import a as b\ndef _x(): return b._x()",
        "def f(t): return t._store.tables",
        "def f(t): t._x = 1",
        "class C:\n    def f(self): return self.a._x",
    ],
)
def test_the_rule_of_privates_sees_every_way_to_take_one(source: str) -> None:
    assert taken_from_others(ast.parse(source))


def test_the_rule_of_privates_lets_a_file_use_its_own() -> None:
    source = "import a\nclass C:\n    def _x(self): self._y = a.__name__\ndef f(c): return c._x(), c._y"
    assert taken_from_others(ast.parse(source)) == set()


# --- what is public is used --------------------------------------------------------------------------------

#: Public names that the program takes by another way than their name in a source file.
TAKEN = {
    "gate.demo.forms": {"Form.has", "Form.focus"}  # templates/form.html
}


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Public names of the module and, as "Class.method", of its classes, with where each is defined."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        else:
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", ast.Pass())]
            named = [part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            names = [each.id for each in named if isinstance(node, ast.Assign | ast.AnnAssign)]
        yield from ((name, node) for name in names if not name.startswith("_"))
        if isinstance(node, ast.ClassDef):
            methods = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
            yield from ((f"{node.name}.{each.name}", each) for each in methods if not each.name.startswith("_"))


def loaded(node: ast.AST) -> Counter[str]:
    """Names and, with a leading dot, attributes that are read within `node`."""
    names = (
        part.id if isinstance(part, ast.Name) else f".{part.attr}"
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute) and isinstance(part.ctx, ast.Load)
    )
    return Counter(names)


def taken_from(*trees: ast.AST) -> dict[str, set[str]]:
    """Each dotted name that these files import -> the attributes that are read in the files that import it."""
    taken: dict[str, set[str]] = {}
    for tree in trees:
        attributes = {name for name in loaded(tree) if name.startswith(".")}
        started = {text.replace(":", ".") for text in texts(tree) if re.fullmatch(r"[a-z_.]+:\w+", text)}
        for name in started.union(imports(tree)):
            taken.setdefault(name, set()).update(attributes)
    return taken


def unused(name: str, tree: ast.Module, taken: Mapping[str, set[str]], attributes: Counter[str]) -> set[str]:
    """Public names of the module `name` that neither it nor anything else uses.

    `taken`: what all files take (`taken_from`); `attributes`: how often all files read each attribute (a method is known by its name).
    """
    here = loaded(tree)
    found = set()
    for each, node in public(tree):
        own, _, method = each.partition(".")
        if method:
            used = attributes[f".{method}"] > loaded(node)[f".{method}"]
        else:
            used = f"{name}.{own}" in taken or f".{own}" in taken.get(name, ()) or here[own] > loaded(node)[own]
        if not used:
            found.add(each)
    return found


def test_what_is_public_is_used_by_the_program_not_by_tests_alone() -> None:
    """What only a test needs stands in the test; what nobody needs is deleted."""
    trees = {file: parsed(file) for file in [*sources(*LAYERS, "docs"), ROOT / "app.py"]}
    taken = taken_from(*trees.values())
    attributes = sum((loaded(tree) for tree in trees.values()), Counter())
    left = {}
    for file in sources("core", "data", "ui", "gate", "exports"):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if found := unused(name, trees[file], taken, attributes) ^ TAKEN.get(name, set()):
            left[name] = found
    assert left == {}


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ("from core.a import f, C\nC().m()", {"X"}),
        ("from core import a\na.f(a.X, a.C.m)", set()),
        ("from core.b import f, X, C\nC().m()", {"f", "X", "C"}),
        ("from core import b\nb.f(b.X, b.C.m)", {"f", "X", "C"}),
        ("from core.a import X, C, f\nm = 1", {"C.m"}),
    ],
)
def test_the_rule_of_use_sees_what_nobody_takes(other: str, found: set[str]) -> None:
    source = "X: int = 1\ndef f(): return f()\nclass C:\n    def m(self): return self.m()"
    tree = ast.parse(source)
    assert unused("core.a", tree, taken_from(ast.parse(other)), loaded(ast.parse(other)) + loaded(tree)) == found
    assert unused("core.a", ast.parse(f"{source}\nf(X, C.m)"), {}, loaded(ast.parse("f(X, C.m, C.m)"))) == set()


# --- what pages get is typed -------------------------------------------------------------------------------

#: Functions and fields of data that still hand out raw rows or take any keywords. One may leave; none may enter.
UNTYPED = {
    "data/access/account_admin.py": {"imported", "listing", "one"},
    "data/access/accounts.py": {"create_local"},
    "data/access/credentials.py": {"local_credentials", "of_account", "set_password", "ticket_row"},
    "data/access/roles.py": {"add", "change"},
    "data/meeting/meetings.py": {"live", "what_is_kept"},
    "data/platform/query_worker.py": {"run"},
}


RAW = re.compile(r"\bRow\b|\b(?:dict|Mapping)\[str, Any\]")


def raw(annotation: ast.expr | None) -> bool:
    """Whether a type is a row of the store or a dictionary of anything, alone or within another type."""
    return annotation is not None and RAW.search(ast.unparse(annotation)) is not None


def untyped(tree: ast.Module) -> set[str]:
    """Public functions that return what is `raw` or take `**given: Any`, and the fields of public classes that are a Row."""
    found = set()
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        for part in inside:
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not private(part.name):
                more = part.args.kwarg and part.args.kwarg.annotation
                if raw(part.returns) or (more and ast.unparse(more) == "Any"):
                    found.add(part.name if part is node else f"{node.name}.{part.name}")  # type: ignore[union-attr]
            elif (
                isinstance(node, ast.ClassDef)
                and isinstance(part, ast.AnnAssign)
                and "Row" in ast.unparse(part.annotation)
            ):
                found.add(f"{node.name}.{ast.unparse(part.target)}")
    return {name for name in found if not private(name)}


#: A projection makes the rows that lie in the tables.
DATA_DOMAINS = [
    file for file in sources("data") if not {"store", "sample", "projection.py"} & set(file.relative_to(ROOT).parts)
]


@pytest.mark.parametrize("file", DATA_DOMAINS, ids=name_of)
def test_data_hands_out_no_raw_rows_and_takes_no_keywords_of_any_kind(file: Path) -> None:
    assert untyped(parsed(file)) <= UNTYPED.get(name_of(file), set())


def test_what_is_typed_now_leaves_the_table() -> None:
    assert {name: gone for name in UNTYPED if (gone := UNTYPED[name] - untyped(parsed(ROOT / name)))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "def f(visit) -> Row: ...",
        "async def f(visit) -> list[Row]: ...",
        "def f(visit) -> tuple[int, Row | None]: ...",
        "def f(visit) -> dict[str, Any]: ...",
        "def f(visit) -> Sequence[Mapping[str, Any]]: ...",
        "def f(visit, **given: Any) -> str: ...",
        "class C:\n    message: Row",
        "class C:\n    def f(self) -> Row: ...",
    ],
)
def test_the_rule_of_types_sees_every_way_to_hand_out_a_row(source: str) -> None:
    assert untyped(ast.parse(source))


def test_the_rule_of_types_lets_a_file_keep_rows_for_itself() -> None:
    source = (
        "def _f() -> Row: ...\ndef g(row: Row) -> dict[str, int]:\n    def job() -> Row: ...\nclass _C:\n    x: Row"
    )
    assert untyped(ast.parse(source)) == set()


# --- core is pure ----------------------------------------------------------------------------------------

#: The readers of what core ships with, and how they read it; the number of an error that people quote.
EXEMPT = {
    "core/rule/policy.py": {"read_text", "glob"},
    "core/base/dictionaries.py": {"read_text"},
    "core/base/errors.py": {"secrets"},
}
IMPURE = {
    "now",
    "utcnow",
    "today",
    "fromtimestamp",
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "glob",
    "rglob",
    "iterdir",
    "exists",
    "unlink",
    "mkdir",
    "print",
    "input",
    "getenv",
}
OUTSIDE = {
    "time",
    "random",
    "secrets",
    "os",
    "io",
    "socket",
    "subprocess",
    "threading",
    "asyncio",
    "urllib",
    "http",
    "sqlite3",
    "shutil",
    "tempfile",
    "logging",
}


def impure(tree: ast.AST) -> set[str]:
    calls = {called(node) for node in ast.walk(tree) if isinstance(node, ast.Call)} & IMPURE
    return calls | ({name.split(".", 1)[0] for name in imports(tree)} & OUTSIDE)


@each("core")
def test_core_has_no_clock_and_opens_nothing_but_its_own_yaml(file: Path) -> None:
    assert impure(parsed(file)) <= EXEMPT.get(name_of(file), set())


@pytest.mark.parametrize(
    "source",
    ["datetime.now()", "date.today()", "import time", "from time import time", "open('x')", "Path('x').open()"],
)
def test_the_purity_rule_sees_clock_and_file(source: str) -> None:
    assert impure(ast.parse(source))


# --- nothing of the machine it was written on --------------------------------------------------------------

MACHINE = re.compile(r"(?<![\w.}*])/(?:root|work|home/\w+|Users/\w+)(?=[/\s'\"`),:;]|$)", re.M)
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|npmmirror\.|tuna\.tsinghua|mirrors?\.[\w-]+\.\w+|aliyun\w*\.com"
    r"|(?:extra-)?index[-_]url|--trusted[-]host|artifac[t]ory|proxy\.golang",
    re.I,
)


def tracked() -> list[Path]:
    """The project's files, those not yet committed among them."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine", "registry"])
def test_no_file_names_a_path_or_registry_of_the_machine_it_was_written_on(pattern: re.Pattern[str]) -> None:
    found = {}
    files = tracked()
    assert ROOT / "app.py" in files
    for file in files:
        content = file.read_bytes()
        if b"\0" not in content and (hits := pattern.findall(content.decode("utf-8", "replace"))):
            found[name_of(file)] = hits[:3]
    assert found == {}


def test_the_scan_sees_what_it_looks_for() -> None:
    for path in ("/ro" + "ot/x", "'/wo" + "rk/main'", "cd /ho" + "me/me "):
        assert MACHINE.search(path)
    for innocent in ("https://x.test/root/", "{base}/work/", "./root/x"):
        assert not MACHINE.search(innocent)
    assert REGISTRY.search("https://py" + "pi.org/simple")
    assert REGISTRY.search("https://mirror" + "s.example.com/x")
