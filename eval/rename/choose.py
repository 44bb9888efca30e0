#!/usr/bin/env python3
"""Chooses what is renamed: a seeded draw of definitions, by Python's own parser and by patterns for Rust.

usage: choose.py PROJECT LANGUAGE SOURCE-FOLDER [--seed N] > choices.jsonl

Each kind has its quota, filled from a shuffled list, so that a project's many methods do not crowd out its few
modules. Names that a language or a framework gives a meaning (`__init__`, `main`, `test_…`) are left out, and
so are the methods of an `impl … for …`: the trait's own declaration is drawn where the trait is in the tree,
and where it is not nobody can rename them. The new name is made from the old one and is new to the project.
"""
import argparse
import ast
import json
import os
import random
import re

QUOTA = {"function": 3, "method": 3, "class": 2, "field": 2, "constant": 1, "module": 1, "parameter": 1}
RUST_ITEM = re.compile(
    r"^(?P<indent>[ ]*)(?P<vis>pub(?:\([^)]*\))? )?(?:default )?(?:const |async |unsafe )*"
    r"(?P<what>fn|struct|enum|trait|const|static|type) (?P<name>[A-Za-z_]\w*)"
)
RUST_FIELD = re.compile(r"^(?P<indent> +)(?:pub(?:\([^)]*\))? )?(?P<name>[a-z_]\w*): [^:]")


def files(root, folder, end):
    for path, folders, names in os.walk(os.path.join(root, folder)):
        folders[:] = sorted(one for one in folders if not one.startswith(".") and one != "target")
        for name in sorted(names):
            if name.endswith(end):
                yield os.path.relpath(os.path.join(path, name), root)


def is_special(name):
    return name.startswith(("__", "test")) or name in ("main", "setup", "conftest", "_", "lib", "mod", "build")


def python(root, folder):
    for path in files(root, folder, ".py"):
        with open(os.path.join(root, path)) as file:
            tree = ast.parse(file.read())
        stem = os.path.basename(path)[:-3]
        if not is_special(stem) and os.path.exists(os.path.join(root, os.path.dirname(path), "__init__.py")):
            yield "module", stem, path, 0, 0
        for node in ast.walk(tree):
            for child in ast.iter_child_nodes(node):
                child.above = node
        seen = set()
        for node in ast.walk(tree):
            for kind, name, line, column in named(node):
                if not is_special(name) and (kind, name, path) not in seen:
                    seen.add((kind, name, path))
                    yield kind, name, path, line, column


def named(node):
    above = getattr(node, "above", None)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        column = node.col_offset + (10 if isinstance(node, ast.AsyncFunctionDef) else 4)
        if isinstance(above, ast.ClassDef):
            yield "method", node.name, node.lineno, column
        elif isinstance(above, ast.Module):
            yield "function", node.name, node.lineno, column
        for argument in node.args.args[1:] + node.args.kwonlyargs:
            if isinstance(above, (ast.ClassDef, ast.Module)):
                yield "parameter", argument.arg, argument.lineno, argument.col_offset
    elif isinstance(node, ast.ClassDef) and isinstance(above, ast.Module):
        yield "class", node.name, node.lineno, node.col_offset + 6
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and isinstance(above, ast.Module) and target.id.isupper():
            yield "constant", target.id, target.lineno, target.col_offset
        elif isinstance(target, ast.Name) and isinstance(above, ast.ClassDef):
            yield "field", target.id, target.lineno, target.col_offset
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            if isinstance(above, ast.FunctionDef) and above.name == "__init__":
                yield "field", target.attr, target.lineno, target.col_offset + 5


def rust(root, folder):
    kinds = {"struct": "class", "enum": "class", "trait": "class", "type": "class", "const": "constant", "static": "constant"}
    for path in files(root, folder, ".rs"):
        if f"/{path}".count("/tests/") or "/bin/" in path:
            continue
        with open(os.path.join(root, path)) as file:
            lines = file.read().split("\n")
        stem = os.path.basename(path)[:-3]
        name = os.path.basename(os.path.dirname(path)) if stem == "mod" else stem
        if not is_special(name) and name != "src":
            yield "module", name, path, 0, 0
        in_struct = in_trait_impl = False
        for number, line in enumerate(lines, 1):
            if re.match(r"(mod tests|#\[cfg\(test\)\])", line):
                break
            in_trait_impl = bool(re.match(r"(unsafe )?impl.* for ", line)) or (in_trait_impl and line != "}")
            item, field = RUST_ITEM.match(line), RUST_FIELD.match(line)
            in_struct = bool(re.match(r"(pub(\([^)]*\))? )?struct \w+.*\{$", line)) or (in_struct and line != "}")
            if item and not is_special(item["name"]):
                kind = kinds.get(item["what"]) or ("method" if item["indent"] else "function")
                if kind == "method" and in_trait_impl:
                    continue
                if not (kind == "constant" and item["indent"]) and len(item["indent"]) <= 4:
                    yield kind, item["name"], path, number, item.start("name")
            elif field and in_struct:
                yield "field", field["name"], path, number, field.start("name")


def renamed(name):
    if name.isupper():
        return name + "_RENAMED"
    return name + ("Renamed" if name[0].isupper() else "_renamed")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project")
    parser.add_argument("language", choices=["python", "rust"])
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=6)
    args = parser.parse_args()
    every = list({"python": python, "rust": rust}[args.language](args.project, args.folder))
    draw = random.Random(args.seed)
    draw.shuffle(every)
    project = os.path.basename(os.path.abspath(args.project))
    quota = dict(QUOTA) if args.language == "python" else {**QUOTA, "parameter": 0, "method": 4}
    for kind, name, path, line, column in every:
        if quota[kind] > 0:
            quota[kind] -= 1
            choice = {"project": project, "language": args.language, "kind": kind, "name": name, "path": path,
                      "line": line, "column": column, "new": renamed(name)}
            print(json.dumps(choice))


if __name__ == "__main__":
    main()
