#!/usr/bin/env python3
"""Changes signatures in real projects by `flux signature`, and lets their own tests or compiler judge.

For each chosen function a seeded generator picks one of three changes:

  add      a required parameter at the first place, with a value for every call; then it is removed
           again, which must give back every byte
  reorder  the first two parameters change places
  option   a parameter with a default at the end, which no call passes

Each project is restored by git after each change. Nothing is counted as done unless the project's
check ends as it did before any change.

usage: signature.py --flux FLUX --seed N --count N --out FILE PROJECT=FOLDER:LANGUAGE:CHECK ...
"""

import argparse
import ast
import json
import os
import random
import re
import subprocess
from pathlib import Path

VALUE = {"python": "None", "rust": "()"}
DECLARATION = {"python": "flux_added", "rust": "_flux_added: ()"}
NAME = {"python": "flux_added", "rust": "_flux_added"}


def python_functions(root):
    """Functions and methods of modules that are no tests: (place, parameters, is a method)."""
    found = []
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if re.search(r"(^|/)(tests?|docs|examples|testing|\.[^/]*|build|setup\.py)(/|$)", name):
            continue
        try:
            tree = ast.parse(path.read_text())
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            for child in getattr(node, "body", []) if isinstance(node, (ast.Module, ast.ClassDef)) else []:
                if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    continue
                if child.name.startswith("__"):
                    continue
                parameters = [one.arg for one in child.args.posonlyargs + child.args.args]
                if isinstance(node, ast.ClassDef) and parameters[:1] in (["self"], ["cls"]):
                    parameters = parameters[1:]
                found.append((f"{name}:{child.lineno}", child.name, parameters))
    return found


RUST = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))? +)?(?:const +|unsafe +|async +)*fn +(\w+)[^(\n]*\(([^)]*)\)", re.M)


def rust_functions(root):
    found = []
    for path in sorted(root.rglob("*.rs")):
        name = path.relative_to(root).as_posix()
        if re.search(r"(^|/)(tests?|benches|examples|target)(/|$)", name):
            continue
        text = path.read_text()
        for match in RUST.finditer(text):
            if match.group(1) == "main" or "test" in match.group(1):
                continue
            parts = [part.strip() for part in match.group(2).split(",") if ":" in part]
            names = [part.split(":")[0].strip().removeprefix("mut ") for part in parts]
            line = text.count("\n", 0, match.start(1)) + 1
            if all(re.fullmatch(r"\w+", one) for one in names) and "<" not in match.group(2):
                found.append((f"{name}:{line}", match.group(1), names))
    return found


def run(command, folder, **more):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, **more)


def check(command, folder):
    """The end of the project's check: its exit code, and what pytest counts."""
    ran = run(["sh", "-c", command], folder)
    counts = re.findall(r"(\d+) (passed|failed|errors?)", ran.stdout)
    return ran.returncode, sorted(counts), ran.stdout[-1500:] + ran.stderr[-1500:]


def changed(folder):
    return run(["git", "status", "--porcelain", "--untracked-files=no"], folder).stdout


def restore(folder):
    run(["git", "checkout", "-q", "."], folder)


def refactor(binary, folder, arguments):
    """As it is by default, and with --likely if inferred places are all that stands in the way."""
    for more in ([], ["--likely"]):
        ran = run([binary, *arguments, *more, "--yes", "--json"], folder)
        try:
            answer = json.loads(ran.stdout)
        except json.JSONDecodeError:
            refusal = {"reason": f"exit {ran.returncode}", "message": ran.stderr[-500:]}
            return {"state": "failed", "refusals": [refusal]}
        answer["likely"] = bool(more)
        if {one["reason"] for one in answer["refusals"]} != {"inferred"}:
            break
    return answer


def flux(binary, folder, arguments):
    return refactor(binary, folder, ["signature", *arguments, "--api"])


def arguments_of(kind, language, place, parameters):
    match kind:
        case "add":
            return [place, "--add", DECLARATION[language], "--value", VALUE[language], "--at", "1"]
        case "reorder":
            order = [parameters[1], parameters[0], *parameters[2:]]
            return [place, "--reorder", ",".join(order)]
        case "option":
            return [place, "--add", DECLARATION[language] + " = " + VALUE[language]]


def one(options, project, folder, language, command, baseline, chosen, kind):
    place, name, parameters = chosen
    row = {"project": project, "kind": kind, "place": place, "name": name, "parameters": parameters}
    answer = flux(options.flux, folder, arguments_of(kind, language, place, parameters))
    row["state"], row["likely"] = answer["state"], answer.get("likely")
    if answer["state"] != "applied":
        row["outcome"] = "refused" if answer["state"] == "refused" else "failed"
        row["reasons"] = [(one["reason"], one["message"][:600]) for one in answer["refusals"]]
        return row
    row["calls"] = len(answer["refactoring"]["calls"])
    row["unproven"] = answer["refactoring"]["unproven"]
    end = check(command, folder)
    row["outcome"] = "passed" if end[:2] == baseline[:2] else "broken"
    if row["outcome"] == "broken":
        row["output"] = end[2]
        row["diff"] = answer["diff"][:4000]
    if kind == "add":
        back = flux(options.flux, folder, [place, "--remove", NAME[language]])
        row["back"] = "same" if not changed(folder) else back["state"]
        if row["back"] != "same":
            row["back_reasons"] = [(one["reason"], one["message"][:300]) for one in back.get("refusals", [])]
    return row


def arguments(about, what):
    """What scripts of this folder are told: the binary, a seed, how many, and the projects."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flux", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=12, help=f"{what} of each project")
    parser.add_argument("--out", required=True)
    parser.add_argument("projects", nargs="+")
    options = parser.parse_args()
    options.flux = os.path.abspath(options.flux)
    return options


def main():
    options = arguments(__doc__, "changes")
    rows = []
    for spec in options.projects:
        project, rest = spec.split("=", 1)
        folder, language, command = rest.split(":", 2)
        root = Path(folder).resolve()
        restore(root)
        functions = python_functions(root) if language == "python" else rust_functions(root)
        functions = [one for one in functions if one[2]]
        generator = random.Random(f"{options.seed} {project}")
        baseline = check(command, root)
        print(project, "baseline", baseline[:2], len(functions), "functions", flush=True)
        kinds = ["add", "reorder", "option"] if language == "python" else ["add", "reorder"]
        for number in range(options.count):
            kind = kinds[number % len(kinds)]
            pool = [one for one in functions if kind != "reorder" or len(one[2]) > 1]
            chosen = generator.choice(pool)
            row = one(options, project, root, language, command, baseline, chosen, kind)
            restore(root)
            rows.append(row)
            reasons = [reason for reason, _ in row.get("reasons", [])]
            print(project, kind, chosen[0], chosen[1], row["outcome"], row.get("calls", ""), row.get("back", ""), reasons, flush=True)
            Path(options.out).write_text(json.dumps(rows, indent=1))
    for outcome in ("passed", "broken", "refused", "failed"):
        print(outcome, sum(row["outcome"] == outcome for row in rows))


if __name__ == "__main__":
    main()
