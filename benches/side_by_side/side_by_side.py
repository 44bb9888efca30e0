#!/usr/bin/env python3
"""Measures flux and semble on the same repositories in one run, alternating between them.

The model that semble loads by default has to be downloaded. Where that cannot be done, `--model`
is made here with random weights of the same shape (62,500 tokens by 256 numbers) and a tokenizer
of words and word ends from the repositories. Its answers mean nothing, so only speed and memory
are measured, and the row says so.

Nothing is asserted: these are figures to read, not a test. Wall time depends on what else the
machine is doing; processor time depends on it less. Needs Unix.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

VOCABULARY = 62_500
WIDTH = 256
QUERIES = [
    "where are incoming requests dispatched",
    "parse command line arguments",
    "how are errors reported to the user",
    "read configuration from a file",
    "convert text to numbers",
    "open a file and read its lines",
    "compare two versions",
    "walk the syntax tree",
    "Config",
    "parse_args",
]

# Runs inside semble's own interpreter: the loaded index answers every query once to warm up, then
# `runs` times each, and the times in milliseconds are printed.
WARM_SEMBLE = """
import json, sys, time
from semble import SembleIndex
from semble.types import ContentType
path, runs, queries = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
content = [ContentType(one) for one in sys.argv[4:]]
index = SembleIndex.from_path(path, content=content)
times = []
for run in range(runs + 1):
    for query in queries:
        start = time.perf_counter()
        index.search(query, top_k=10)
        times.append((time.perf_counter() - start) * 1000)
print(json.dumps(times[len(queries):]))
"""

# Builds the index and saves it as the command does, without asking anything.
INDEX_SEMBLE = """
import os, sys
from semble import SembleIndex
from semble.cache import save_index_to_cache
from semble.types import ContentType
if __name__ == "__main__":
    os.environ.setdefault("SEMBLE_INDEX_WORKERS", "4")
    content = [ContentType(one) for one in sys.argv[2:]]
    save_index_to_cache(SembleIndex.from_path(sys.argv[1], content=content), sys.argv[1])
"""

SAVE_MODEL = """
import json, sys
import numpy as np
from model2vec import StaticModel
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
words = json.load(open(sys.argv[1], encoding="utf-8"))
vocabulary = {word: number for number, word in enumerate(words)}
tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer()
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
weights = np.random.default_rng(0).standard_normal((len(words), int(sys.argv[3])), dtype=np.float32)
StaticModel(weights, tokenizer, normalize=True).save_pretrained(sys.argv[2])
"""


class Finished:
    """What a process printed and what it cost: seconds of wall and processor time, MiB at its peak.

    The peak is that of the largest single process, as the system reports it.
    """

    def __init__(self, command, environment=None, text=None):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as problems:
            with tempfile.TemporaryFile() as questions:
                questions.write((text or "").encode())
                questions.seek(0)
                start = time.perf_counter()
                child = subprocess.Popen(
                    [str(part) for part in command],
                    stdin=questions,
                    stdout=output,
                    stderr=problems,
                    env={**os.environ, **(environment or {})},
                )
                _, status, usage = os.wait4(child.pid, 0)
                self.wall = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.output = output.read().decode()
            if child.returncode != 0:
                problems.seek(0)
                sys.exit(f"`{command[0]}` ended with {child.returncode}: {problems.read().decode()}")
        self.processor = usage.ru_utime + usage.ru_stime
        scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
        self.peak = usage.ru_maxrss / scale


class Flux:
    """The flux binary with an index folder of its own."""

    name = "flux"

    def __init__(self, binary, scratch):
        self.binary = binary
        self.folder = scratch / "flux"

    def index(self, repository):
        shutil.rmtree(self.folder, ignore_errors=True)
        return Finished([self.binary, "index", "--quiet", "--index-dir", self.folder, repository])

    def ask(self, repository, query):
        options = ["--quiet", "--json", "--limit", "10", "--index-dir", self.folder]
        return Finished([self.binary, "search", *options, query, repository])

    def loaded(self, repository, runs):
        options = ["--quiet", "--batch", "--json", "--limit", "10", "--index-dir", self.folder]
        text = "".join(f"{query}\n" for query in QUERIES * (runs + 1))
        finished = Finished([self.binary, "search", *options, repository], text=text)
        times = [json.loads(line)["ms"] for line in finished.output.splitlines()]
        return times[len(QUERIES) :], finished.peak

    def size(self):
        return folder_size(self.folder)


class Semble:
    """semble in its virtual environment, with a cache folder of its own."""

    name = "semble"

    def __init__(self, environment, model, scratch, content):
        self.bin = environment / "bin"
        self.content = ["code", "docs", "config"] if content == "all" else [content]
        self.folder = scratch / "semble"
        self.variables = {
            "SEMBLE_CACHE_LOCATION": str(self.folder),
            "SEMBLE_MODEL_NAME": str(model),
            "HF_HUB_OFFLINE": "1",
        }

    def index(self, repository):
        shutil.rmtree(self.folder, ignore_errors=True)
        script = self.folder.parent / "index_semble.py"
        script.write_text(INDEX_SEMBLE)
        return Finished([self.bin / "python", script, repository, *self.content], self.variables)

    def ask(self, repository, query):
        options = ["--top-k", "10", "--content", *self.content]
        return Finished([self.bin / "semble", "search", query, repository, *options], self.variables)

    def loaded(self, repository, runs):
        arguments = [repository, runs, json.dumps(QUERIES), *self.content]
        command = [self.bin / "python", "-c", WARM_SEMBLE, *arguments]
        finished = Finished(command, self.variables)
        return json.loads(finished.output.splitlines()[-1]), finished.peak

    def size(self):
        return folder_size(self.folder)


def folder_size(folder):
    """MiB of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)


def make_environment(folder):
    """Makes the virtual environment that holds semble, unless it is there."""
    if not (folder / "bin" / "semble").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "semble"], check=True)


def make_model(folder, environment, repositories):
    """Makes a model with random weights whose words are those of the repositories."""
    if (folder / "model.safetensors").exists():
        return
    words = Counter()
    for repository in repositories:
        for path in sorted(repository.rglob("*")):
            if path.is_file() and path.stat().st_size < 1 << 20:
                text = path.read_text(encoding="utf-8", errors="ignore").lower()
                words.update(re.findall(r"[a-z]+|[0-9]+", text))
    characters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    vocabulary = ["[PAD]", "[UNK]", *characters, *(f"##{one}" for one in characters)]
    ordered = [word for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0]))]
    ends = Counter()
    for word, count in words.items():
        for length in range(2, min(len(word), 7)):
            ends["##" + word[-length:]] += count
    pieces = [end for end, _ in sorted(ends.items(), key=lambda item: (-item[1], item[0]))]
    known = set(vocabulary)
    for piece in ordered[: VOCABULARY // 2] + pieces + ordered[VOCABULARY // 2 :]:
        if len(vocabulary) < VOCABULARY and piece not in known:
            known.add(piece)
            vocabulary.append(piece)
    while len(vocabulary) < VOCABULARY:
        vocabulary.append(f"[unused{len(vocabulary)}]")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(vocabulary, file)
        file.flush()
        python = environment / "bin" / "python"
        subprocess.run([python, "-c", SAVE_MODEL, file.name, folder, str(WIDTH)], check=True)


def measure(tools, repository, runs):
    """The figures of every tool on one repository. The tools take turns, so that a change in what
    else the machine does meets all of them."""
    figures = {tool.name: {"index": [], "fresh": []} for tool in tools}
    for _ in range(runs):
        for tool in tools:
            figures[tool.name]["index"].append(tool.index(repository))
    for tool in tools:
        tool.ask(repository, QUERIES[0])
    for query in QUERIES:
        for _ in range(runs):
            for tool in tools:
                figures[tool.name]["fresh"].append(tool.ask(repository, query))
    rows = {}
    for tool in tools:
        indexed, fresh = figures[tool.name]["index"], figures[tool.name]["fresh"]
        times, peak = tool.loaded(repository, runs)
        rows[tool.name] = {
            "index_s": statistics.median(one.wall for one in indexed),
            "index_cpu_s": statistics.median(one.processor for one in indexed),
            "index_peak_mib": max(one.peak for one in indexed),
            "index_size_mib": tool.size(),
            "fresh_ms": statistics.median(one.wall for one in fresh) * 1000,
            "fresh_cpu_ms": statistics.median(one.processor for one in fresh) * 1000,
            "fresh_peak_mib": max(one.peak for one in fresh),
            "warm_ms": statistics.median(times),
            "warm_peak_mib": peak,
        }
    return rows


def report(name, rows):
    """One table: each figure of both tools and how many times flux's semble's is."""
    lines = [f"{name:<16} {'flux':>10} {'semble*':>10} {'ratio':>8}"]
    for figure, ours in rows["flux"].items():
        theirs = rows["semble"][figure]
        lines.append(f"  {figure:<14} {ours:>10.2f} {theirs:>10.2f} {theirs / ours:>7.1f}x")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flux", type=Path, required=True, help="the flux binary")
    parser.add_argument("--venv", type=Path, required=True, help="where semble is, or is to be put")
    parser.add_argument("--model", type=Path, required=True, help="semble's model, made if missing")
    parser.add_argument("--repo", type=Path, nargs="+", required=True, help="what to index")
    parser.add_argument(
        "--content",
        choices=["code", "all"],
        default="code",
        help="what semble indexes: code as it does by default, or docs and configuration too",
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of everything; medians count")
    parser.add_argument("--out", type=Path, help="where to save the figures as JSON")
    arguments = parser.parse_args()

    repositories = [path.resolve() for path in arguments.repo]
    environment = arguments.venv.resolve()
    make_environment(environment)
    make_model(arguments.model.resolve(), environment, repositories)
    saved = {
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "runs": arguments.runs,
        "content": arguments.content,
        "repos": {},
    }
    with tempfile.TemporaryDirectory() as scratch:
        tools = [
            Flux(arguments.flux.resolve(), Path(scratch)),
            Semble(environment, arguments.model.resolve(), Path(scratch), arguments.content),
        ]
        for repository in repositories:
            rows = measure(tools, repository, arguments.runs)
            saved["repos"][repository.name] = rows
            print(report(repository.name, rows), flush=True)
    print("* random weights of the default model's shape: speed only, its answers mean nothing")
    if arguments.out:
        arguments.out.write_text(json.dumps(saved, indent=1) + "\n")


if __name__ == "__main__":
    main()
