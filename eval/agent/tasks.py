#!/usr/bin/env python3
"""Five tasks on real repositories, done by the agent with a scripted model, each once as it should
go and once with a fault on the way.

  eval/agent/tasks.py --flux target/release/flux --mock DIR            compare with tasks/*.json
  eval/agent/tasks.py … --bless                                        write them

DIR holds a strict server of models (`strict_llm_mock.py`), which refuses every request that the
real services would refuse. Repositories are cloned at a fixed commit from --from (default:
GitHub), Python packages that their tests need come from the usual index.

The script of the model is made at run time from the checkout: it holds no text of the repositories
but the words it looks for. What is checked in of a run: which files differ at the end and the
digests of all, every step of the transcript (texts of the repositories as digests), the summary as
the transcript has it, the exit code.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORIES = {
    "cookiecutter": ("cookiecutter/cookiecutter", "c88fbe921c97c58b65f1883ba90a0ab53cc91b34"),
    "sqlite-utils": ("simonw/sqlite-utils", "56dd09702fdb9e899f577ffd51693c1f2176cb08"),
    "rust-url": ("servo/rust-url", "25137be1fc1d35cc8ea7d43fc0a02166b023a483"),
    "pest": ("pest-parser/pest", "f28de05a4d738df9b72a3f337ac362904bab497a"),
}
PACKAGES = {
    "cookiecutter": ["pytest", "pytest-mock", "pytest-cov", "freezegun"],
    "sqlite-utils": ["pytest", "hypothesis"],
}
MODELS = {"anthropic": "claude-sonnet-5-5", "chat": "gpt-6-sol", "responses": "gpt-6-sol"}
PROVIDERS = {"anthropic": "anthropic", "chat": "openai", "responses": "openai-responses"}


class Tree:
    """A checkout, as the script of the model reads it."""

    def __init__(self, root):
        self.root = root

    def text(self, path):
        return (self.root / path).read_text()

    def line(self, path, words):
        """The one line that holds `words`."""
        found = [line for line in self.text(path).splitlines() if words in line]
        assert len(found) == 1, (path, words, found)
        return found[0]

    def number(self, path, words):
        lines = self.text(path).splitlines()
        return next(at for at, line in enumerate(lines, 1) if words in line)

    def replace(self, path, words, *pairs):
        """The edit of the line that holds `words`, in which each old of `pairs` becomes the new."""
        old = new = self.line(path, words)
        for before, after in pairs:
            assert before in new, (path, before, new)
            new = new.replace(before, after)
        return call("edit", path=path, old=old, new=new)


def call(tool, **arguments):
    return {"call": tool, "args": arguments}


def turn(*content, fault=None):
    named = [c if isinstance(c, dict) else {"text": c} for c in content]
    return {"content": named} | ({"faults": [fault]} if fault else {})


def step(name, title, files, symbols=(), after=()):
    return {"id": name, "title": title, "files": list(files), "symbols": list(symbols), "after": list(after)}


LOST = {"kind": "disconnect", "after_events": 4}


def parameter(tree, is_faulty):
    """A parameter is added and passed on in three files; the fault: a default that tests notice."""
    utils, users = "cookiecutter/utils.py", ["cookiecutter/vcs.py", "cookiecutter/zipfile.py"]
    plan = [
        step("parameter", "let make_sure_path_exists take the mode of new folders", [utils], ["make_sure_path_exists"]),
        step("callers", "pass it where templates are fetched and unpacked", users, after=["parameter"]),
    ]
    wrong = [("exist_ok=True", "exist_ok=False, mode=mode")] if is_faulty else [("exist_ok=True", "exist_ok=True, mode=mode")]
    head = tree.replace(utils, "def make_sure_path_exists(", ("path: Path | str", "path: Path | str, mode: int = 0o777"))
    turns = [
        turn(call("symbol", name="make_sure_path_exists"), call("impact", target="make_sure_path_exists")),
        turn(call("plan", goal="New folders get a mode", steps=plan)),
        turn(call("read_files", paths=[utils, *users])),
        turn(head, tree.replace(utils, "mkdir(parents=True", *wrong)),
        turn("The parameter is there."),
    ]
    if is_faulty:
        line = tree.line(utils, "mkdir(parents=True")
        bad, good = (line.replace("exist_ok=True", text) for text in ("exist_ok=False, mode=mode", "exist_ok=True, mode=mode"))
        turns += [turn(call("edit", path=utils, old=bad, new=good)), turn("Folders that are there are fine again.")]
    passed = [
        tree.replace(users[0], "    make_sure_path_exists(", ("(clone_to_dir)", "(clone_to_dir, mode=0o777)")),
        tree.replace(users[1], "    make_sure_path_exists(", ("(clone_to_dir)", "(clone_to_dir, mode=0o777)")),
    ]
    turns += [turn(*passed), turn("Both callers say it.")]
    return ["agent", "Let make_sure_path_exists take a mode for new folders, and say it in vcs.py and zipfile.py.", "--yes"], turns


def failing_test(tree, is_faulty):
    """A test fails because of a digit; the fault: the connection is lost within the call that mends it."""
    path = "percent_encoding/src/lib.rs"
    bad = tree.line(path, "h as u8 * 10 + l as u8")
    turns = [
        turn(call("run_command", command="cargo test --offline -p percent-encoding")),
        turn(call("search_code", query="decode the two hexadecimal digits after a percent sign")),
        turn(call("read_files", paths=[path])),
        turn(call("edit", path=path, old=bad, new=bad.replace("* 10", "* 0x10")), fault=LOST if is_faulty else None),
        turn("The first digit counts sixteen, not ten."),
    ]
    return ["agent", "The tests of percent_encoding fail. Find out why and mend it.", "--yes"], turns


def rename(tree, is_faulty):
    """A name that is taken is refused and another one taken; the fault: an edit after it breaks the
    tests and is not mended, so all of it is taken back."""
    named = {"name": "cookiecutter.replay.dump", "api": True}
    turns = [
        turn(call("symbol", name="cookiecutter.replay.dump")),
        turn(call("rename_symbol", new_name="load", **named)),
        turn(call("rename_symbol", new_name="save", likely=True, **named)),
    ]
    if is_faulty:
        turns += [
            turn(call("read_files", paths=["cookiecutter/replay.py"])),
            turn(tree.replace("cookiecutter/replay.py", "    make_sure_path_exists(", ("replay_dir", "template_name"))),
            turn("Renamed, and the folder is made."),
            turn("I think that is right."),
            turn("I stay with it."),
        ]
    else:
        turns += [turn("`load` is taken; it is called `save` now.")]
    return ["agent", "Give replay.dump a better name, such as load.", "--yes"], turns


def feature(tree, is_faulty):
    """A method, its helper, its documentation and a test; the fault: an edit that does not parse."""
    utils, db, docs, test = "sqlite_utils/utils.py", "sqlite_utils/db.py", "docs/python-api.rst", "tests/test_blank_columns.py"
    plan = [
        step("helper", "say which values are blank", [utils]),
        step("method", "find the columns of a table that are blank in every row", [db], after=["helper"]),
        step("told", "document and test it", [docs, test], after=["method"]),
    ]
    anchor = tree.line(utils, "def dedupe_keys(")
    helper = 'def is_blank(value: Any) -> bool:\n    "Whether a value is missing or an empty text."\n    return value is None or value == ""\n\n\n'
    where = tree.line(db, '"Iterate over every dictionaries for each row in this table or view."')
    after = tree.text(db).split(where + "\n")[1].split("\n")[0]
    body = (f"{where}\n{after}\n\n    def blank_columns(self) -> list[str]:\n"
            '        "Names of the columns that are blank in every row."\n'
            "        rows = list(self.rows)\n"
            "        names = [column.name for column in self.columns]\n"
            "        return [name for name in names if all(is_blank(row[name]) for row in rows)]")
    imported = tree.line(db, "    hash_record,")
    heading = tree.line(docs, ".. _python_api_rows_count_where:")
    section = (".. _python_api_blank_columns:\n\nFinding blank columns\n---------------------\n\n"
               "``table.blank_columns()`` lists the columns that are ``NULL`` or empty in every row.\n\n")
    text = ("import sqlite_utils\n\n\ndef test_blank_columns():\n    db = sqlite_utils.Database(memory=True)\n"
            '    db["t"].insert_all([{"a": 1, "b": None, "c": ""}, {"a": 2, "b": "", "c": ""}])\n'
            '    assert db["t"].blank_columns() == ["b", "c"]\n')
    broken = [turn(call("edit", path=db, old=f"{where}\n{after}", new=body.replace("list(self.rows)", "list(self.rows")),
                   call("edit", path=db, old=imported, new=f"{imported}\n    is_blank,"))] if is_faulty else []
    turns = [
        turn(call("context", task="find columns that are empty in every row")),
        turn(call("plan", goal="blank columns", steps=plan)),
        turn(call("read_files", paths=[utils, f"{db}:1-80", f"{docs}:540-640"])),
        turn(call("edit", path=utils, old=anchor, new=helper + anchor)),
        turn("The helper is there."),
        turn(call("read_files", paths=[f"{db}:2130-2150"])),
        *broken,
        turn(call("edit", path=db, old=f"{where}\n{after}", new=body),
             call("edit", path=db, old=imported, new=f"{imported}\n    is_blank,")),
        turn("The method is there."),
        turn(call("edit", path=docs, old=heading, new=section + heading), call("write_file", path=test, content=text)),
        turn("Documented and tested."),
    ]
    return ["agent", "Add a way to find the columns of a table that are blank in every row.", "--yes"], turns


def question(tree, is_faulty):
    """A question, answered with places; the fault: a place that is not there."""
    path = "pest/src/parser_state.rs"
    field, reset = tree.number(path, "attempt_pos: usize,"), tree.number(path, "if pos > self.attempt_pos {")
    answer = (f"The furthest position is kept in `attempt_pos` ({path}:{field}); it moves on when a rule fails later than "
              f"any before ({path}:{reset}-{reset + 4}).")
    turns = [
        turn(call("search_code", query="furthest position at which parsing failed")),
        turn(call("read_files", paths=[f"{path}:{field - 8}-{field + 2}", f"{path}:{reset - 10}-{reset + 10}"])),
    ]
    if is_faulty:
        turns.append(turn(answer.replace(f"{path}:{field}", f"{path}:99999")))
    turns.append(turn(answer))
    return ["ask", "Where does the parser keep the furthest position at which it failed?"], turns


TASKS = {
    "parameter": (parameter, "cookiecutter"),
    "failing_test": (failing_test, "rust-url"),
    "rename": (rename, "cookiecutter"),
    "feature": (feature, "sqlite-utils"),
    "question": (question, "pest"),
}


def run(words, cwd, **options):
    return subprocess.run(words, cwd=cwd, check=True, capture_output=True, text=True, **options)


def copied(kept, tree):
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(kept, tree, symlinks=True)


def prepared(name, a):
    """A fresh checkout, and the folder of the Python that runs its tests."""
    owner, commit = REPOSITORIES[name]
    kept, venv, tree = (a.work / kind / name for kind in ("kept", "venvs", "trees"))
    if not kept.exists():
        local = a.source and Path(a.source.replace("{}", owner.replace("/", "+")))
        source = str(local) if local else f"https://github.com/{owner}"
        run(["git", "clone", "-q", source, str(kept)], a.work)
        run(["git", "checkout", "-q", commit], kept)
        if (kept / "Cargo.toml").exists():
            run(["cargo", "fetch"], kept)
    if name in PACKAGES and not venv.exists():
        run([sys.executable, "-m", "venv", str(venv)], a.work)
        copied(kept, tree)
        run([str(venv / "bin/pip"), "-q", "install", *PACKAGES[name], "-e", str(tree)], a.work)
    copied(kept, tree)
    return tree, venv / "bin"


def digests(root):
    listed = run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], root).stdout.split("\0")
    files = [path for path in listed if path and (root / path).is_file() and not (root / path).is_symlink()]
    return {path: hashlib.sha256((root / path).read_bytes()).hexdigest()[:16] for path in sorted(files)}


def plain(text):
    """A text without what differs between two runs of the same."""
    return re.sub(r"\d+", "#", text)


RUNNERS = {"run_command", "run_tests", "search_code", "context"}


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def short(value):
    """Arguments as they are, but texts of several lines, which quote the tree, by digest."""
    if isinstance(value, dict):
        return {key: digest(text) if key in ("old", "new", "content") else short(text) for key, text in value.items()}
    return value


def transcript(path):
    """What was said and done, without texts of the repository."""
    lines, summaries = [], []
    for line in map(json.loads, path.read_text().splitlines()):
        kind = line.pop("line")
        if kind == "summary":
            for one in line["steps"]:
                one["findings"] = [finding.splitlines()[0] for finding in one["findings"]]
            summaries.append(line)
        elif kind == "planned":
            lines.append({"planned": [one["id"] for one in line["plan"]["steps"]]})
        elif kind == "edited":
            lines.append({"edited": line["edit"], "files": line["files"]})
        elif kind == "said":
            unit = line["unit"]
            if unit["unit"] in ("user", "note"):
                lines.append({unit["unit"]: unit["text"].splitlines()[0]})
                continue
            for block in unit["blocks"]:
                if block["block"] == "text":
                    lines.append({"model": block["text"]})
            calls = [block for block in unit["blocks"] if block["block"] == "call"]
            for block, result in zip(calls, unit["results"]):
                told = {"is_error": result["is_error"]}
                if block["name"] not in RUNNERS:
                    told["told"] = digest(plain(result["text"]))
                lines.append({"call": block["name"], "arguments": short(json.loads(block["arguments"]))} | told)
    return lines, summaries


def play(name, is_faulty, a, mock):
    task, repository = TASKS[name]
    root, binaries = prepared(repository, a)
    if name == "failing_test":
        path = root / "percent_encoding/src/lib.rs"
        path.write_text(path.read_text().replace("h as u8 * 0x10", "h as u8 * 10"))
        run(["git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qam", "a fault"], root)
    before = digests(root)
    words, turns = task(Tree(root), is_faulty)
    scenario = {"name": name, "turns": turns}
    options = argparse.Namespace(dialect=None, api_key="test-key", tool_map=None, workspace=str(root))
    server, served = mock.serve(scenario, log=None, opts=options, contracts=mock.Contracts(None))
    url = f"http://127.0.0.1:{server.server_address[1]}"
    state = a.work / "state"
    shutil.rmtree(state, ignore_errors=True)
    environment = os.environ | {
        "FLUX_PROVIDER": PROVIDERS[a.api], "FLUX_MODEL": MODELS[a.api], "FLUX_API_KEY": "test-key",
        "FLUX_BASE_URL": url if a.api == "anthropic" else url + "/v1", "FLUX_STATE_DIR": str(state / "sessions"),
        "FLUX_CACHE_DIR": str(state / "cache"), "PATH": f"{binaries}:{os.environ['PATH']}", "NO_PROXY": "*",
    }
    run([a.flux, "index", str(root)], root, env=environment)
    start = time.time()
    done = subprocess.run([a.flux, *words], cwd=root, env=environment, capture_output=True, text=True, timeout=1800)
    seconds = time.time() - start
    summary = served.summary()
    server.shutdown()
    after = digests(root)
    changed = {path: after.get(path, "gone") for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)}
    whole = hashlib.sha256(json.dumps(after).encode()).hexdigest()[:16]
    lines, summaries = transcript(next((state / "sessions").rglob("*.jsonl")))
    record = {
        "exit": done.returncode, "requests": summary["requests"], "violations": summary["violations"],
        "unplayed": summary["turns_total"] - summary["turns_used"], "problems": summary["scenario_problems"],
        "cited": [line for line in done.stderr.splitlines() if line.startswith(("sources", "not there"))],
        "tree": {"changed": changed, "all": whole}, "summary": summaries, "transcript": lines,
    }
    if a.verbose:
        print(done.stdout, done.stderr, sep="\n--\n")
    return record, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", default=list(TASKS))
    parser.add_argument("--flux", required=True, type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--mock", required=True)
    parser.add_argument("--api", choices=list(MODELS), default="anthropic")
    parser.add_argument("--from", dest="source", help="where repositories are, `{}` for OWNER+NAME")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache" / "flux-tasks")
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("-v", dest="verbose", action="store_true")
    a = parser.parse_args()
    sys.path.insert(0, a.mock)
    import strict_llm_mock as mock
    a.work.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name in a.tasks:
        for is_faulty in (False, True):
            label = f"{name}{'-fault' if is_faulty else ''}"
            record, seconds = play(name, is_faulty, a, mock)
            kept = HERE / "tasks" / f"{label}.json"
            if a.bless:
                kept.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
            expected = json.loads(kept.read_text()) if kept.exists() else None
            bad = [key for key in record if expected is None or record[key] != expected[key]]
            bad += [key for key in ("violations", "unplayed", "problems") if record[key]]
            wrong += bool(bad)
            print(f"{'ok  ' if not bad else 'FAIL'} {label:20} exit {record['exit']} requests {record['requests']:2} "
                  f"{seconds:6.1f} s {', '.join(bad)}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
