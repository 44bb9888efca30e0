#!/usr/bin/env python3
"""Moves definitions of real projects by `flux move`, and lets their own tests or compiler judge.

A seeded generator chooses a definition directly in a file (a function, a class with its
implementations, a constant) and another module of the same package or crate. `--likely` is added only
where inferred places are all that stands in the way. Each project is restored by git after each move.
Nothing is counted as done unless the project's check ends as it did before any move; an undo has to
give back every byte.

usage: move.py --flux FLUX --seed N --count N --out FILE PROJECT=FOLDER:LANGUAGE:CHECK ...
"""

import ast
import json
import random
import re
from pathlib import Path

from signature import arguments, changed, check, refactor, restore, run

ASIDE = r"(^|/)(tests?|docs|examples?|testing|benches|target|\.[^/]*|build|setup\.py|conftest\.py)(/|$)"


def python_definitions(root):
    """Definitions directly in modules that are no tests: (place, name, folder of the package)."""
    found = []
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if re.search(ASIDE, name):
            continue
        try:
            tree = ast.parse(path.read_text())
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in tree.body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    own = node.name
                case ast.Assign(targets=[ast.Name(id=own)]) | ast.AnnAssign(target=ast.Name(id=own)):
                    pass
                case _:
                    continue
            if not own.startswith("__"):
                found.append((f"{name}:{node.lineno}", own, name.split("/")[0]))
    return found


RUST = re.compile(
    r"^(?:pub(?:\([^)]*\))? +)?(?:const +|unsafe +|async +)*"
    r"(?:fn|struct|enum|trait|const|static|type) +(\w+)",
    re.M,
)


def rust_definitions(root):
    found = []
    for path in sorted(root.rglob("*.rs")):
        name = path.relative_to(root).as_posix()
        if re.search(ASIDE, name) or "src/" not in name:
            continue
        text = path.read_text()
        for match in RUST.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            before = text[: match.start()].rstrip().rsplit("\n", 1)[-1]
            if match.group(1) not in ("main", "_") and "test]" not in before:
                found.append((f"{name}:{line}", match.group(1), name.split("src/")[0]))
    return found


def modules(root, definitions):
    """The files of each package or crate."""
    found = {}
    for place, _, package in definitions:
        found.setdefault(package, set()).add(place.rsplit(":", 1)[0])
    return {package: sorted(files) for package, files in found.items()}


def one(options, project, folder, command, baseline, chosen, target):
    place, name, _ = chosen
    row = {"project": project, "place": place, "name": name, "to": target}
    answer = refactor(options.flux, folder, ["move", place, target, "--api"])
    row["state"], row["likely"] = answer["state"], answer.get("likely")
    if answer["state"] != "applied":
        row["outcome"] = "refused" if answer["state"] == "refused" else "failed"
        row["reasons"] = [(one["reason"], one["message"][:600]) for one in answer["refusals"]]
        return row
    moved = answer["refactoring"]
    row["uses"], row["widened"], row["unproven"] = len(moved["uses"]), len(moved["widened"]), moved["unproven"]
    row["files"] = len(changed(folder).splitlines())
    end = check(command, folder)
    row["outcome"] = "passed" if end[:2] == baseline[:2] else "broken"
    if row["outcome"] == "broken":
        row["output"] = end[2]
        row["diff"] = answer["diff"][:6000]
    run([options.flux, "undo", "--quiet"], folder)
    row["back"] = "same" if not changed(folder) else "other"
    return row


def main():
    options = arguments(__doc__, "moves")
    rows = []
    for spec in options.projects:
        project, rest = spec.split("=", 1)
        folder, language, command = rest.split(":", 2)
        root = Path(folder).resolve()
        restore(root)
        definitions = python_definitions(root) if language == "python" else rust_definitions(root)
        files = modules(root, definitions)
        definitions = [one for one in definitions if len(files[one[2]]) > 1]
        generator = random.Random(f"{options.seed} {project}")
        baseline = check(command, root)
        print(project, "baseline", baseline[:2], len(definitions), "definitions", flush=True)
        for _ in range(options.count):
            chosen = generator.choice(definitions)
            own = chosen[0].rsplit(":", 1)[0]
            target = generator.choice([file for file in files[chosen[2]] if file != own])
            row = one(options, project, root, command, baseline, chosen, target)
            restore(root)
            rows.append(row)
            reasons = [reason for reason, _ in row.get("reasons", [])]
            shown = [row[key] for key in ("outcome", "uses", "back") if key in row]
            print(project, *chosen[:2], "->", target, *shown, reasons, flush=True)
            Path(options.out).write_text(json.dumps(rows, indent=1))
    for outcome in ("passed", "broken", "refused", "failed"):
        print(outcome, sum(row["outcome"] == outcome for row in rows))


if __name__ == "__main__":
    main()
