#!/usr/bin/env python3
"""Makes each chosen rename with a tool, runs the project's own check, and puts the project back.

usage: run.py CHOICES.jsonl CONFIG.json TOOL --out RESULTS.jsonl [--flux FLUX] [--plan] [--project NAME]

TOOL is flux (with --likely --api), flux-proven (with --api alone), rope, jedi or rust-analyzer. CONFIG names for
each project its folder and its check, a command of the shell that succeeds on the project as it is. A rename is
`done` when the check succeeds after it, `broken` when it does not, `refused` with the tool's reason, and
`no change` when the tool changed nothing. --plan only asks the tool and runs no check.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import servers


def shell(command, folder, limit):
    try:
        ran = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=limit)
        return ran.returncode, ran.stdout + ran.stderr
    except subprocess.TimeoutExpired:
        return 124, "timed out"


def clean(folder):
    subprocess.run("git checkout -q . && git clean -fdq", shell=True, cwd=folder, check=True)


def is_changed(folder):
    return bool(subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True).stdout.strip())


def flux(binary, flags):
    def make(folder, choice):
        symbol = f"{choice['path']}:{choice['line']}" if choice["line"] else choice["path"]
        if choice["kind"] == "parameter":
            symbol += f":{choice['column'] + 1}"
        ran = subprocess.run([binary, "rename", symbol, choice["new"], "--yes", "--json", *flags], cwd=folder,
                             capture_output=True, text=True)
        if ran.returncode == 0:
            return "changed", ""
        try:
            refusals = json.loads(ran.stdout)["refusals"]
        except (ValueError, KeyError):
            return "failed", ran.stderr[-400:]
        return "refused", "; ".join(sorted({one["reason"] for one in refusals})) + " | " + \
            " / ".join(one["message"] for one in refusals)[:1200]
    return make


def rope(folder, choice):
    script = os.path.join(os.path.dirname(__file__), "python_tools.py")
    return outcome([sys.executable, script, "rope", folder, json.dumps(choice)])


def jedi(folder, choice):
    script = os.path.join(os.path.dirname(__file__), "python_tools.py")
    return outcome([sys.executable, script, "jedi", folder, json.dumps(choice)])


def outcome(command):
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return "refused", "timed out"
    if ran.returncode:
        last = ran.stderr.strip().splitlines()
        return "refused", last[-1] if last else "failed"
    return "changed", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("choices")
    parser.add_argument("config")
    parser.add_argument("tool", choices=["flux", "flux-proven", "rope", "jedi", "rust-analyzer"])
    parser.add_argument("--out", required=True)
    parser.add_argument("--flux", default="flux")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--project")
    args = parser.parse_args()
    with open(args.config) as file:
        config = json.load(file)
    with open(args.choices) as file:
        choices = [json.loads(line) for line in file]
    tools = {"flux": flux(args.flux, ["--likely", "--api"]), "flux-proven": flux(args.flux, ["--api"]), "rope": rope,
             "jedi": jedi}
    language = {"rope": "python", "jedi": "python", "rust-analyzer": "rust"}.get(args.tool)
    wanted = [one for one in choices if one["project"] in config and args.project in (None, one["project"])
              and language in (None, one["language"])]
    edits = servers.rust_analyzer(config, wanted) if args.tool == "rust-analyzer" else {}
    with open(args.out, "w") as out:
        for choice in wanted:
            project = config[choice["project"]]
            folder = os.path.abspath(project["folder"])
            clean(folder)
            start = time.time()
            if args.tool == "rust-analyzer":
                state, why = servers.apply(folder, edits[json.dumps(choice)])
            else:
                state, why = tools[args.tool](folder, choice)
            seconds = time.time() - start
            if state == "changed":
                state = judge(project, folder, args)
                state, why = state
            result = {**choice, "tool": args.tool, "state": state, "why": why, "seconds": round(seconds, 2)}
            print(json.dumps(result), file=out, flush=True)
            print(f"{choice['project']:13} {choice['kind']:9} {choice['name']:28} {state:9} {why[:110]!r}", flush=True)
            clean(folder)


def judge(project, folder, args):
    if not is_changed(folder):
        return "no change", ""
    if args.plan:
        return "planned", ""
    code, text = shell(project["check"], folder, project.get("limit", 600))
    return ("done", "") if code == 0 else ("broken", text[-1500:])


if __name__ == "__main__":
    main()
