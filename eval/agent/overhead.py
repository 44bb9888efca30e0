#!/usr/bin/env python3
"""What Flux adds to a conversation, in milliseconds, against the same work done without it. The
model server runs in this process, so that both ends are seen by one clock. README.md says what is
compared; nothing is asserted."""

import json
import os
import pty
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import service
from service import call

READS = 100
# How results begin that are none.
BAD = ("wrong arguments", "refused", "denied", "not allowed", "cannot", "exit code", "nothing was")


class Run:
    """One prompt, answered by scripted turns."""

    def __init__(self, given, root, home, turns, stream=None, terminal=False, options=()):
        scenario = {"name": f"overhead-{time.time()}", "turns": turns, "max_requests": 1 << 30,
                    "stream": stream or {"chunk_chars": 4000},
                    "model": {"context_window": 1_000_000, "max_output": 20_000}}
        self.service = service.Service(given.mock, scenario)
        command = [given.flux, "agent", "--yes", *options, "--max-steps", "100000", "go"]
        environment = self.service.environment(home) | {"TERM": "xterm-256color"}
        self.shown = []
        if terminal:
            master, worker = pty.openpty()
            process = subprocess.Popen(command, cwd=root, env=environment, stdin=worker, stdout=worker,
                                       stderr=worker)
            os.close(worker)
        else:
            master, end = os.pipe()
            process = subprocess.Popen(command, cwd=root, env=environment, stdout=end,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.close(end)
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            self.shown.append((time.time(), data))
        os.close(master)
        if process.wait() != 0 or self.service.mock.violations:
            raise SystemExit(f"exit {process.returncode}, {self.service.mock.violations[:2]}\n"
                             + b"".join(data for _, data in self.shown).decode(errors="replace")[-2000:])
        self.service.close()

    def gaps(self):
        """From the end of each reply with calls to the next request."""
        ends = [at for at, data in self.service.sent if b'"type": "message_stop"' in data]
        return [1000 * (then - end) for end, then in zip(ends, self.service.arrivals[1:])]

    def results(self):
        """What the calls of all turns gave, as the last request holds them."""
        return service.heard(self.service.asked[-1])["results"]


def first_tokens(given, root, home, terminal):
    """Every piece is a token of its own; its age when it is shown."""
    words = [f"w{at:03}" for at in range(given.tokens)]
    turns = [{"content": [{"text": " ".join(words)}]}]
    run = Run(given, root, home, turns, {"chunk_chars": 5, "delay_ms": 30}, terminal, ("--no-vectors",))
    ages = []
    for word in words:
        sent = next(at for at, data in run.service.sent if word.encode() in data)
        shown, seen = b"", None
        for at, data in run.shown:
            shown = shown[-8:] + data
            if word.encode() in shown:
                seen = at
                break
        ages.append(1000 * (seen - sent))
    return ages


def reads(given, home, sizes):
    """Each read alone, a turn each; then all of them in one turn."""
    root = home / "reads"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    for at, size in enumerate(sizes):
        (root / f"f{at}.txt").write_text("a line of some text\n" * (size // 20))
    one = [call("read_files", paths=[f"f{at}.txt"]) for at in range(len(sizes))]
    turns = [{"content": [only]} for only in one] + [{"content": one}] * given.runs
    run = Run(given, root, home, turns + [{"content": [{"text": "done"}]}], options=("--no-vectors",))
    gaps = run.gaps()
    shutil.rmtree(root)
    return max(gaps[:len(sizes)]), statistics.median(gaps[len(sizes):])


def waits(given, root, home):
    """A hundred commands that each wait a second."""
    one = [call("run_command", command=f"sleep 1.00{at:02}") for at in range(READS)]
    turns = [{"content": one[:1]}, {"content": one}, {"content": [{"text": "done"}]}]
    run = Run(given, root, home, turns, options=("--no-vectors",))
    results = run.results().values()
    assert len(results) == READS + 1 and all("ended well" in text for text in results), list(results)[:2]
    return run.gaps()


class Mcp:
    """The same tools in a process that stays, without a conversation."""

    def __init__(self, given, root, home):
        environment = os.environ | {"HOME": str(home), "FLUX_CACHE_DIR": f"{home}/cache",
                                    "FLUX_STATE_DIR": f"{home}/state", "FLUX_CONFIG_DIR": f"{home}/config"}
        self.process = subprocess.Popen([given.flux, "mcp"], cwd=root, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.number = 0
        self.ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                "clientInfo": {"name": "overhead", "version": "1"}})
        self.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def tell(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def ask(self, method, given):
        self.number += 1
        self.tell({"jsonrpc": "2.0", "id": self.number, "method": method, "params": given})
        while True:
            answer = json.loads(self.process.stdout.readline())
            if answer.get("id") == self.number:
                return answer

    def time(self, tool, given):
        start = time.time()
        answer = self.ask("tools/call", {"name": tool, "arguments": given})
        assert not answer.get("error"), answer
        return 1000 * (time.time() - start)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def timed(work):
    start = time.time()
    work()
    return 1000 * (time.time() - start)


def program(root, *words):
    return lambda: subprocess.run(words, cwd=root, capture_output=True, check=True)


def written(path, text):
    """As safe as a program can write a file without a journal."""
    def work():
        staged = path.with_suffix(".staged")
        with open(staged, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
    return work


def tools(given, root, home, queries):
    """Each tool, `runs` times in turns of its own, and the same without the agent."""
    path, symbol = queries
    text = (root / path).read_text()
    head = "".join(text.splitlines(keepends=True)[:3])
    kinds = {
        "nothing (a tool that is not there)": (lambda at: call("no_such_tool", at=at), None),
        "read_files": (lambda at: call("read_files", paths=[path]), lambda at: (root / path).read_text),
        "search_code": (lambda at: call("search_code", query=f"where is {symbol} used {at}"), "mcp"),
        "symbol": (lambda at: call("symbol", name=symbol), "mcp"),
        "impact": (lambda at: call("impact", target=symbol), "mcp"),
        "status": (lambda at: call("status"), "mcp"),
        "context, 50,000 tokens": (lambda at: call("context", task=f"change how {symbol} works {at}",
                                                   budget=50_000), "mcp"),
        "run_command": (lambda at: call("run_command", command="ls -la"),
                        lambda at: program(root, "sh", "-c", "ls -la")),
        "run_tests": (lambda at: call("run_tests"), lambda at: program(root, "sh", "-c", "true")),
        "git_diff": (lambda at: call("git_diff"), lambda at: program(root, "git", "diff")),
        "write_file": (lambda at: call("write_file", path=f"made{at}.txt", content=text[:2000]),
                       lambda at: written(root / f"direct{at}.txt", text[:2000])),
        "edit": (lambda at: call("edit", path=f"made{at}.txt", old=head, new="changed\n" + head),
                 lambda at: written(root / f"direct{at}.txt", "changed\n" + text[:2000])),
    }
    # A question that follows an edit brings the index up to date first; that is no overhead of it.
    edits = ("write_file", "edit")
    order = [(name, at) for at in range(given.runs) for name in kinds if name not in edits]
    order += [(name, at) for at in range(given.runs) for name in edits]
    warm = [{"content": [call("search_code", query=symbol)]},
            {"content": [call("symbol", name=symbol, show="definition")]}]
    turns = warm + [{"content": [kinds[name][0](at)]} for name, at in order]
    run = Run(given, root, home, turns + [{"content": [{"text": "done"}]}])
    gaps = run.gaps()[len(warm):]
    results = list(run.results().values())
    failed = [name for (name, _), text in zip(order, results[len(warm):])
              if "no_such_tool" not in text and any(bad in text[:200] for bad in BAD)]
    if failed:
        print(f"these calls failed, their rows mean nothing: {sorted(set(failed))}")
    mcp = Mcp(given, root, home)
    mcp.time("search_code", {"query": symbol})
    mcp.time("symbol", {"name": symbol})
    rows = {}
    for name, (make, direct) in kinds.items():
        through = [gap for gap, (own, _) in zip(gaps, order) if own == name]
        alone = [0.0]
        if direct == "mcp":
            asked = [make(at)["call_raw"] for at in range(given.runs)]
            alone = [mcp.time(one["name"], one["arguments"]) for one in asked]
        elif direct:
            alone = [timed(direct(at)) for at in range(given.runs)]
        rows[name] = (statistics.median(through), statistics.median(alone))
    mcp.close()
    return rows


def long_history(given, root, home):
    """A step in a conversation of about 50,000 tokens, with nothing to run but a line to read."""
    one = lambda at: call("read_files", paths=[given.path], start_line=at, end_line=at)
    words = "some words of an answer that was given before, line by line\n" * 400
    fill = [{"content": [{"text": words}, one(at + 1)]} for at in range(9)]
    step = [{"content": [one(at + 10)]} for at in range(given.runs)]
    run = Run(given, root, home, fill + step + [{"content": [{"text": "done"}]}], options=("--no-vectors",))
    size = len(json.dumps(run.service.asked[-1]))
    return statistics.median(run.gaps()[len(fill):]), size


def row(name, value, than=None, bar=None):
    ratio = f"{value / than:7.2f}" if than else "       "
    against = f"{than:9.1f}" if than is not None else "         "
    print(f"| {name:46} | {value:9.1f} | {against} | {ratio} | {bar or ''} |")


def repository(given, home):
    """A copy of a project to work on, with its index."""
    root = home / "project"
    subprocess.run(["git", "clone", "-q", given.repo, str(root)], check=True)
    (root / "flux.toml").write_text('[check]\ntest = "true"\n')
    environment = os.environ | {"HOME": str(home), "FLUX_CACHE_DIR": f"{home}/cache"}
    subprocess.run([given.flux, "index", "--quiet"], cwd=root, env=environment, check=True)
    return root


def main():
    parser = service.arguments(__doc__)
    parser.add_argument("--repo", required=True, help="a git repository to work on a copy of")
    parser.add_argument("--path", required=True, help="a file of it")
    parser.add_argument("--symbol", required=True, help="a symbol of it")
    parser.add_argument("--runs", type=int, default=3, help="at most 5: the same result six times ends a turn")
    parser.add_argument("--tokens", type=int, default=100)
    given = parser.parse_args()
    given.flux = os.path.abspath(given.flux)
    home = Path(tempfile.mkdtemp(prefix="flux-overhead-"))
    root = repository(given, home)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; milliseconds\n")
    print(f"| {'what':46} | {'flux':>9} | {'without':>9} | {'ratio':>7} | bar |")
    print(f"|{'-' * 48}|{'-' * 11}|{'-' * 11}|{'-' * 9}|-----|")
    for name, terminal in (("to a pipe", False), ("to a terminal", True)):
        ages = first_tokens(given, root, home, terminal)
        row(f"first token shown after it came, {name}", ages[0], bar="100")
        row(f"slowest of {len(ages)} tokens, {name}", max(ages), bar="100")
    for name, sizes in (("8 KB each", [8_000] * READS), ("1 KB to 4 MB", [1_000 + 400 * at * at for at in range(READS)])):
        alone, together = reads(given, home, sizes)
        row(f"{READS} reads, {name}, and the slowest alone", together, alone, "ratio 1.3")
    alone, together = waits(given, root, home)
    row(f"{READS} commands that wait 1 s, and one alone", together, alone, "ratio 1.3")
    gap, size = long_history(given, root, home)
    row(f"a step in a conversation of {size // 1000} KB", gap, bar="200")
    for name, (through, alone) in tools(given, root, home, (given.path, given.symbol)).items():
        bar = "200" if name.startswith("context") else "50 more"
        row(f"{name}", through, alone, bar)
        print(f"| {'  its own overhead':46} | {through - alone:9.1f} |           |         | 50 |")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
