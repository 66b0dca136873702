"""Read from Python's syntax which errors of a catalogue the code can raise, and where."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from apidouble.mockserver.spec.check.places import Place

NUMBERED, NAMED = ("RefusedError",), ("FailedError", "UnreadableError")
TEXTS = "texts"
WORD = re.compile(rb"""\b([0-9]+)\b|"([a-z_]+)\"""")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Use = ast.Call | ast.Subscript
Scope = dict[str, list[ast.expr]]


@dataclass(frozen=True)
class Raised:
    """The numbers and the names of errors that stand literally in code, with their places."""

    codes: list[tuple[int, Place]] = field(default_factory=list)
    failures: list[tuple[str, Place]] = field(default_factory=list)


def scan(modules: Mapping[Path, bytes]) -> Raised:
    """Find every literal that reaches RefusedError, FailedError or UnreadableError, or picks the text of a message.

    Literals are followed through constants, tables, conditions and the parameters of functions.
    """
    return _scan(tuple(modules.items()))


def mentioned(modules: Mapping[Path, bytes]) -> set[int | str]:
    """Return every number and every short text in the modules: quicker than scan, and more than what is raised."""
    found: set[int | str] = set()
    for text in modules.values():
        for match in WORD.finditer(text):
            found.add(int(match[1]) if match[1] else match[2].decode())
    return found


@lru_cache(maxsize=8)
def _scan(modules: tuple[tuple[Path, bytes], ...]) -> Raised:
    code = _Code(_module(path, text) for path, text in modules)
    raised = Raised()
    for literal, path in code.literals():
        place = Place(path, line=literal.lineno)
        if type(literal.value) is int:
            raised.codes.append((literal.value, place))
        elif isinstance(literal.value, str):
            raised.failures.append((literal.value, place))
    return raised


@dataclass(frozen=True)
class _Body:
    """A function, or a module outside its functions (None): what it calls and indexes, and what it assigns."""

    path: Path
    function: Function | None
    uses: list[Use]
    assigned: Scope


@lru_cache(maxsize=256)
def _module(path: Path, text: bytes) -> list[_Body]:
    bodies: list[_Body] = []

    def enter(node: ast.AST, function: Function | None) -> None:
        body = _Body(path, function, [], {})
        bodies.append(body)
        pending = list(ast.iter_child_nodes(node))
        for below in pending:
            if isinstance(below, Function):
                enter(below, below)
                continue
            if isinstance(below, Use):
                body.uses.append(below)
            elif isinstance(below, ast.Assign | ast.AnnAssign) and below.value is not None:
                for target in below.targets if isinstance(below, ast.Assign) else [below.target]:
                    _assign(body.assigned, target, below.value)
            pending.extend(ast.iter_child_nodes(below))

    enter(ast.parse(text), None)
    return bodies


def _assign(scope: Scope, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        scope.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for inner, part in zip(target.elts, value.elts, strict=False):
            _assign(scope, inner, part)


class _Code:
    """Some modules together. `carriers` are functions that hand a parameter on to an error, with such parameters."""

    def __init__(self, modules: Iterable[list[_Body]]) -> None:
        self.bodies = [body for module in modules for body in module]
        self.constants: Scope = {}
        for body in self.bodies:
            if body.function is None:
                for name, values in body.assigned.items():
                    self.constants.setdefault(name, []).extend(values)
        self.parameters = {b.function.name: _parameters(b.function) for b in self.bodies if b.function is not None}
        self.carriers: dict[str, set[str]] = {}
        while self._spread():
            pass

    def literals(self) -> Iterator[tuple[ast.Constant, Path]]:
        """Yield the literals that reach an error."""
        for body in self.bodies:
            scope = {**self.constants, **body.assigned}
            for use in body.uses:
                for value in self._handed_on(use):
                    for literal in _constants(value, scope, frozenset()):
                        yield literal, body.path

    def _spread(self) -> bool:
        grown = False
        for body in self.bodies:
            if body.function is None:
                continue
            own = set(_parameters(body.function))
            for use in body.uses:
                for value in self._handed_on(use):
                    carried = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)} & own
                    known = self.carriers.setdefault(body.function.name, set())
                    grown = grown or not carried <= known
                    known |= carried
        return grown

    def _handed_on(self, use: Use) -> Iterator[ast.expr]:
        """Yield the arguments of a call that reach an error."""
        if isinstance(use, ast.Subscript):
            if isinstance(use.value, ast.Attribute) and use.value.attr == TEXTS:
                yield use.slice
            return
        name = use.func.attr if isinstance(use.func, ast.Attribute) else getattr(use.func, "id", "")
        if name in NUMBERED:
            yield from use.args
        elif name in NAMED:
            yield from use.args[:1]
        elif carried := self.carriers.get(name):
            for parameter, value in zip(self.parameters[name], use.args, strict=False):
                if parameter in carried:
                    yield value
            yield from (keyword.value for keyword in use.keywords if keyword.arg in carried)


def _parameters(function: Function) -> list[str]:
    every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return [argument.arg for argument in every]


def _constants(value: ast.AST | None, scope: Scope, seen: frozenset[str]) -> Iterator[ast.Constant]:
    """Yield the literals that an expression can come out as."""
    if isinstance(value, ast.Constant):
        yield value
    elif isinstance(value, ast.Name) and value.id not in seen:
        for assigned in scope.get(value.id, ()):
            yield from _constants(assigned, scope, seen | {value.id})
    else:
        for part in _outcomes(value):
            yield from _constants(part, scope, seen)


def _outcomes(value: ast.AST | None) -> list[ast.expr | None]:
    """Return the parts of an expression that can be what it comes out as, or what it picks from."""
    match value:
        case ast.IfExp(body=body, orelse=otherwise):
            return [body, otherwise]
        case ast.Starred(value=below) | ast.Subscript(value=below):
            return [below]
        case ast.Dict(values=several) | ast.BoolOp(values=several):
            return [*several]
        case ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several):
            return [*several]
        case ast.Call(func=ast.Attribute(attr="get", value=table), args=[_, *fallback]):
            return [table, *fallback]
    return []
