"""Impact against what really broke: signature changes mined from histories.

usage: signatures.py --flux FLUX --work DIR --out RESULTS.jsonl [--most N] REPOSITORY...

A commit that changes the number of a function's parameters, and in the same commit the number of
arguments of calls of that name by as much, had to touch those calls. On the parent commit, `flux
refs` of the function must list their lines among its certain and likely sites. A name counts where
all functions of the tree that have it changed: else nobody can say whose calls they are. REPOSITORY is a git
directory or work tree with its history; DIR holds work trees and indexes. Only calls on one line
are judged, because only there the arguments can be counted without a parser.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

DEFINITION = {
    ".py": re.compile(r"^\s*(?:async\s+)?def\s+(\w+)\s*\("),
    ".rs": re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const\s+|async\s+|unsafe\s+)*fn\s+(\w+)\s*(?:<[^(]*>)?\s*\("),
}
SOURCES = ("*.py", "*.pyi", "*.rs", "*.toml", "*.cfg", "*.ini")
# Rust written before is another language, which no compiler of today reads.
RUST_1_0 = "2015-05-15"
HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def run(*command, cwd=None, check=True):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors="replace")
    if check and done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def count_arguments(text, start):
    """Arguments between the parenthesis at `start` and its end; None when it ends elsewhere."""
    depth, count, is_empty, quote = 0, 1, True, None
    place = start
    while place < len(text):
        c = text[place]
        if quote:
            if c == "\\":
                place += 1
            elif c == quote:
                quote = None
        elif c == '"' or (c == "'" and not re.match(r"'\w+\b(?!')", text[place:])):
            quote, is_empty = c, False
        elif c in "([{":
            depth += 1
            is_empty = is_empty and depth == 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return 0 if is_empty else count - (text[:place].rstrip().endswith(","))
        elif c == "," and depth == 1:
            count += 1
        elif not c.isspace():
            is_empty = False
        place += 1
    return None


def hunks(patch):
    """(path, removed lines with numbers, added lines) of every hunk."""
    path, found = None, []
    for line in patch.split("\n"):
        if line.startswith("--- "):
            path = line[6:] if line.startswith("--- a/") else None
        elif (match := HUNK.match(line)) and path:
            found.append((path, [], []))
            old = int(match[1])
        elif line.startswith("-") and found and path:
            found[-1][1].append((old, line[1:]))
            old += 1
        elif line.startswith("+") and not line.startswith("+++") and found and path:
            found[-1][2].append(line[1:])
    return found


def calls_in(line):
    """What looks like a call in code: not in a comment, a doc test or a string."""
    if line.lstrip().startswith(("#", "//", ">>>", "...")):
        return
    for match in re.finditer(r"(\w+)\(", line):
        before = line[: match.start()]
        if before.count('"') % 2 == 0 and before.count("'") % 2 == 0:
            yield match


def changes(patch):
    """Names with how their parameters and calls changed: {(name, delta): (definitions, calls)}."""
    definitions, calls = collections.defaultdict(list), collections.defaultdict(list)
    for path, removed, added in hunks(patch):
        pattern = DEFINITION.get(os.path.splitext(path)[1])
        if not pattern:
            continue
        after = {}
        for text in added:
            if match := pattern.match(text):
                after.setdefault(match[1], count_arguments(text, match.end() - 1))
        for line, text in removed:
            match = pattern.match(text)
            if match and after.get(match[1]) is not None:
                before = count_arguments(text, match.end() - 1)
                if before is not None and before != after[match[1]]:
                    definitions[match[1], after[match[1]] - before].append((path, line))
        new = collections.defaultdict(list)
        for text in added:
            if not pattern.match(text):
                for match in calls_in(text):
                    new[match[1]].append(count_arguments(text, match.end() - 1))
        for line, text in removed:
            if pattern.match(text):
                continue
            for match in calls_in(text):
                before = count_arguments(text, match.end() - 1)
                later = new[match[1]]
                if before is not None and later and later[0] is not None:
                    delta = later.pop(0) - before
                    if delta:
                        calls[match[1], delta].append((path, line))
    return {key: (definitions[key], calls[key]) for key in definitions if calls.get(key)}


def is_told_apart(tree, commit, symbol, definitions):
    """Whether every definition of that name in the tree changed: then all calls of it are meant."""
    keyword = "def" if definitions[0][0].endswith(".py") else "fn"
    pattern = rf"\b{keyword}\s+{symbol}\b"
    found = run("git", "grep", "-nP", pattern, f"{commit}^", "--", "*.py", "*.rs", cwd=tree)
    places = {tuple(line.split(":", 3)[1:3]) for line in found.splitlines()}
    return places == {(path, str(line)) for path, line in definitions}


def check_out(tree, revision):
    """Moves the work tree to a revision; whether it got all of its sources."""
    done = subprocess.run(["git", "checkout", "-q", "-f", revision], cwd=tree, capture_output=True)
    return done.returncode == 0


def judge(flux, tree, index, definitions):
    """The certain and likely sites of definitions, as path and line."""
    sites = set()
    for path, line in definitions:
        asked = [flux, "refs", f"{path}:{line}", tree, "--json", "--quiet", "--index-dir", index]
        answer = run(*asked, cwd=tree)
        found = json.loads(answer).get("references", {}) if answer.strip() else {}
        for tier in ("certain", "likely"):
            for site in found.get(tier, []):
                # An import names the symbol and passes no arguments.
                if site["kind"] != "imports":
                    sites.add((site["path"], site["line"]))
    return sites


def mine(repository, work, flux, most):
    name = os.path.basename(os.path.dirname(os.path.abspath(repository).rstrip("/"))) or "repo"
    if os.path.isdir(os.path.join(repository, ".git")):
        name = os.path.basename(os.path.abspath(repository))
    tree, index = os.path.join(work, name), os.path.join(work, name + ".index")
    if not os.path.isdir(tree):
        run("git", "clone", "-q", "--shared", "--no-checkout", repository, tree)
        run("git", "sparse-checkout", "set", "--no-cone", *SOURCES, cwd=tree)
    # Not from the head of the work tree, which an earlier run moved.
    newest = run("git", "rev-parse", "HEAD", cwd=repository).strip()
    log = run("git", "log", "--no-merges", "--format=%H %cs", "-n", "6000", newest, cwd=tree)
    found = 0
    for commit, day in map(str.split, log.splitlines()):
        if found >= most:
            return
        paths = ["*.py", "*.rs"] if day >= RUST_1_0 else ["*.py"]
        patch = run("git", "show", "--format=", "--unified=0", "--no-renames", commit, "--", *paths, cwd=tree)
        if len(patch) > 400_000:
            continue
        changed = {
            (symbol, delta): both
            for (symbol, delta), both in changes(patch).items()
            if is_told_apart(tree, commit, symbol, both[0])
        }
        if not changed:
            continue
        if not check_out(tree, f"{commit}^"):
            print(f"{name}: {commit}^ cannot be had in full and is left out", file=sys.stderr)
            continue
        for (symbol, delta), (definitions, calls) in sorted(changed.items()):
            sites = judge(flux, tree, index, definitions)
            expected = sorted(set(calls))
            language = "python" if definitions[0][0].endswith(".py") else "rust"
            found += 1
            yield {
                "repository": name, "commit": commit, "language": language, "symbol": symbol,
                "delta": delta, "definitions": definitions, "expected": expected,
                "missing": [site for site in expected if site not in sites], "sites": len(sites),
            }


def report(rows):
    for language in ("python", "rust"):
        own = [row for row in rows if row["language"] == language]
        expected = sum(len(row["expected"]) for row in own)
        missing = sum(len(row["missing"]) for row in own)
        sites = sum(row["sites"] for row in own)
        if expected:
            print(
                f"{language}: {len(own)} signature changes of {len({r['repository'] for r in own})} "
                f"repositories, {expected} calls that the commit had to touch, "
                f"recall {1 - missing / expected:.4f}; of {sites} sites reported "
                f"{(expected - missing) / max(sites, 1):.3f} were touched"
            )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("repositories", nargs="+")
    parser.add_argument("--flux", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--most", type=int, default=40, help="changes of one repository")
    arguments = parser.parse_args()
    os.makedirs(arguments.work, exist_ok=True)
    rows = []
    with open(arguments.out, "w") as out:
        for repository in arguments.repositories:
            for row in mine(repository, arguments.work, os.path.abspath(arguments.flux), arguments.most):
                rows.append(row)
                print(json.dumps(row), file=out, flush=True)
            print(f"{repository}: {len(rows)} so far", file=sys.stderr)
    report(rows)


if __name__ == "__main__":
    main()
