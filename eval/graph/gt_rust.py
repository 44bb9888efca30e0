#!/usr/bin/env python3
"""What rust-analyzer says of every name and call of a Rust project.

usage: gt_rust.py PROJECT OUT.jsonl[.gz] [--scip FILE]     (run `cargo fetch` in the project first)

Names come from `rust-analyzer scip`, of the build with all features. Its symbols are not unique: items of
one name in different bodies or crates of one package share one, a file that two crates declare has the
symbols of one of them, and a call of a method whose field has the same name leads to the field. So the
language server is asked where each call leads that may stay inside of the project, and each other name that
has several declarations or none. A call that it does not know either is written as `unres` and is not
judged. A method that a macro makes has no place in the text: the trait's own stands for it. Functions that
are no part of the build are declared, and the calls in them are not judged.

The caller is the innermost `fn` around the call in the text, in the input of a macro too; functions that a
macro makes of a name alone have the calls that the server's hierarchy of calls gives them. `miri`, which
rust-analyzer sets, is not set.

Lines are counted from 1, columns are UTF-8 bytes from 0. Kinds of symbols: module type trait variant
function method field const macro alias other local. `alt` is the method of a trait that the target
implements.
"""
import argparse
import gzip
import json
import os
import re
import subprocess
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections import defaultdict
from urllib.parse import quote, unquote

KEYWORDS = set(
    "self Self crate super mod fn use pub dyn where async await move mut ref in return break continue loop while "
    "for if else match let unsafe impl const static enum struct trait type extern as _".split()
)
FUNCTIONS = {"function", "method"}
SETTINGS = {"cargo": {"features": "all", "cfgs": ["debug_assertions"]}}


# --- SCIP: only the fields that are needed ---


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            value, at = data[at : at + value], at + value
        yield key >> 3, value


def numbers(data):
    at, values = 0, []
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def span(values):
    return (values[0], values[1], values[0], values[2]) if len(values) == 3 else tuple(values)


def documents(path):
    """Yields each file with its occurrences (span, symbol, is a definition, span of the whole item) and
    the kinds of its symbols."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    for field, document in fields(data):
        if field != 2:
            continue
        name, occurrences, kinds = "", [], {}
        for field, value in fields(document):
            if field == 1:
                name = bytes(value).decode()
            elif field == 2:
                parts = dict(fields(value))
                whole = numbers(parts[7]) if 7 in parts else None
                symbol = bytes(parts.get(2, b"")).decode()
                here = span(numbers(parts[1]))
                occurrences.append((here, symbol, parts.get(3, 0) & 1, span(whole) if whole else here))
            elif field == 3:
                parts = dict(fields(value))
                kinds[bytes(parts[1]).decode()] = parts.get(5, 0)
        yield name, occurrences, kinds


def kind_of(symbol, kind):
    if symbol.startswith("local"):
        return "local"
    if symbol.endswith("()."):
        owner = symbol[:-3].split(" ", 4)[-1]
        in_type = "#" in owner.rsplit("/", 1)[-1] or owner.endswith("]")
        return "method" if in_type or re.search(r"\][^/#]*$", owner) else "function"
    if symbol.endswith("#"):
        return {12: "variant", 53: "trait", 55: "alias", 54: "alias"}.get(kind, "type")
    if symbol.endswith("."):
        return {15: "field", 8: "const", 61: "const", 82: "const"}.get(kind, "field" if "#" in symbol else "const")
    return {"/": "module", "!": "macro", "]": "impl"}.get(symbol[-1:], "other")


def last_name(symbol):
    found = re.search(r"(\w+)`?(?:\(\)\.|[#.!/])$", symbol) if isinstance(symbol, str) else None
    return found[1] if found else ""


# --- The text: names, calls and functions ---

TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|\s+|b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'\n])'|'\w+|[bc]?"(?:\\.|[^"\\])*"|\d[\w]*(?:\.\d\w*)?)
    |(?P<raw>[bc]?r(?P<hashes>\#*)")|(?P<block>/\*)|(?P<name>(?:r\#)?[^\W\d]\w*|[^\x00-\x7f]+)|(?P<other>.)""",
    re.S | re.X,
)


class Text:
    """A file as names and punctuation; offsets are bytes, as each byte is read as one character."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.text = file.read().decode("latin-1")
        self.starts = [0] + [at.end() for at in re.finditer("\n", self.text)]
        self.tokens = list(self.scan())
        self.at = {token[0]: index for index, token in enumerate(self.tokens)}
        self.close = self.pairs()
        self.inputs = None

    def scan(self):
        at = 0
        while at < len(self.text):
            found = TOKEN.match(self.text, at)
            at = found.end()
            if found["raw"]:
                end = '"' + found["hashes"]
                at = self.text.find(end, at) % (len(self.text) + 1) + len(end)
            elif found["block"]:
                at = self.end_of_comment(at)
            elif not found["skip"]:
                yield found.start(), found[0], bool(found["name"])

    def end_of_comment(self, at):
        depth = 1
        while depth:
            found = re.compile(r"/\*|\*/").search(self.text, at)
            if not found:
                return len(self.text)
            depth += 1 if found[0] == "/*" else -1
            at = found.end()
        return at

    def pairs(self):
        close, open_ones = {}, []
        for index, (_, text, _) in enumerate(self.tokens):
            if text in "([{":
                open_ones.append(index)
            elif text in ")]}" and open_ones:
                close[open_ones.pop()] = index
        return close

    def offset(self, row, column):
        return self.starts[row] + column

    def place(self, offset):
        row = bisect_right(self.starts, offset) - 1
        return row, offset - self.starts[row]

    def token(self, index):
        return self.tokens[index][1] if 0 <= index < len(self.tokens) else ""

    def name(self, start, end):
        """The name in a span of one line, None if it is none."""
        index = self.at.get(self.offset(*start)) if start[0] < len(self.starts) else None
        if index is None or not self.tokens[index][2] or start[0] != end[0]:
            return None
        text = self.tokens[index][1]
        return text.encode("latin-1").decode("utf-8", "replace") if len(text) == end[1] - start[1] else None

    def names_between(self, start, end):
        first, last = (bisect_left(self.tokens, (self.offset(*at),)) for at in (start, end))
        return [offset for offset, _, is_name in self.tokens[first:last] if is_name]

    def is_input(self, offset):
        """Whether a macro is given what stands there."""
        if self.inputs is None:
            tokens = enumerate(self.tokens)
            opens = [index + 1 for index, (_, text, _) in tokens if text == "!"]
            opens = [index if index in self.close else index + 1 for index in opens]  # macro_rules! name { }
            opens = [index for index in opens if index in self.close]
            self.inputs = [(self.tokens[at][0], self.tokens[self.close[at]][0]) for at in opens]
        return any(start < offset < end for start, end in self.inputs)

    def is_call(self, index):
        """Whether arguments follow the name, after type arguments perhaps."""
        index += 1
        if self.token(index) == ":" and self.token(index + 1) == ":" and self.token(index + 2) == "<":
            depth, index = 1, index + 3
            while depth and index < len(self.tokens):
                text = self.token(index)
                depth += (text == "<") - (text == ">" and self.token(index - 1) != "-")
                index += 1
        return self.token(index) == "("

    def calls(self):
        """Offsets of all names that are called; no functions' heads and nothing in attributes."""
        after = 0
        for index, (offset, text, is_name) in enumerate(self.tokens):
            if text == "#":
                bracket = index + 1 + (self.token(index + 1) == "!")
                after = max(after, self.close.get(bracket, 0) if self.token(bracket) == "[" else 0)
            is_head = not is_name or text in KEYWORDS or self.token(index - 1) == "fn"
            if not is_head and index > after and self.is_call(index):
                yield offset, text

    def functions(self):
        """Functions with a body: offsets of the name, the word `fn` and the body's end."""
        for index, (start, text, _) in enumerate(self.tokens):
            if text != "fn" or index + 1 >= len(self.tokens) or not self.tokens[index + 1][2]:
                continue
            at = index + 2
            while at < len(self.tokens) and self.token(at) not in ("{", ";", ")", "]", "}"):
                at = self.close.get(at, at) + 1
            if self.token(at) == "{" and at in self.close:
                yield self.tokens[index + 1][0], start, self.tokens[self.close[at]][0]


# --- The language server ---


class Server:
    """Answers where a name leads."""

    def __init__(self, root):
        self.root, self.count, self.opened = root, 0, set()
        self.process = subprocess.Popen(
            ["rust-analyzer"], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        capabilities = {
            "general": {"positionEncodings": ["utf-8"]},
            "experimental": {"serverStatusNotification": True},
            "textDocument": {"definition": {"linkSupport": True}},
        }
        options = {"checkOnSave": False, "cachePriming": {"enable": False}, "files": {"watcher": "server"}, **SETTINGS}
        self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": self.uri(""),
                "workspaceFolders": [{"uri": self.uri(""), "name": "project"}],
                "capabilities": capabilities,
                "initializationOptions": options,
            },
        )
        self.send({"method": "initialized", "params": {}})
        while True:
            message = self.receive()
            if message.get("method") == "experimental/serverStatus" and message["params"].get("quiescent"):
                return

    def uri(self, path):
        return "file://" + quote(os.path.join(self.root, path).rstrip("/"))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        """The next message; what the server asks of us is answered with nothing."""
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if not length:
            raise EOFError("rust-analyzer ended")
        message = json.loads(self.process.stdout.read(length))
        if "id" in message and "method" in message:
            self.send({"id": message["id"], "result": None})
        return message

    def ask(self, method, params):
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.count and "method" not in message:
                return message

    def request(self, method, path, row, column):
        """Asks about a place in a file."""
        if path not in self.opened:
            self.opened.add(path)
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                document = {"uri": self.uri(path), "languageId": "rust", "version": 1, "text": file.read()}
            self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        params = {"textDocument": {"uri": self.uri(path)}, "position": {"line": row, "character": column}}
        return self.patiently("textDocument/" + method, params)

    def patiently(self, method, params):
        for _ in range(50):
            answer = self.ask(method, params)
            if answer.get("error", {}).get("code") not in (-32801, -32802):  # changed meanwhile, cancelled
                break
            time.sleep(0.2)
        return answer.get("result") or []

    def calls(self, path, row, column):
        """What the function of this name calls in its own file: the start and end of the name or path, and
        where it leads."""
        calls, found = [], []
        for item in self.request("prepareCallHierarchy", path, row, column):
            if item["uri"] == self.uri(path) and item["selectionRange"]["start"] == {"line": row, "character": column}:
                calls += self.patiently("callHierarchy/outgoingCalls", {"item": item})
        for call in calls:
            to = self.place(call["to"]["uri"], call["to"]["selectionRange"]["start"])
            for span in call["fromRanges"]:
                start, end = span["start"], span["end"]
                found.append(((start["line"], start["character"]), (end["line"], end["character"]), to))
        return found

    def place(self, uri, start):
        """A place of the project as (path, row, column); None for another."""
        target = unquote(uri[len("file://") :])
        path = os.path.relpath(target, self.root) if target.startswith(self.root + "/") else None
        return (path, start["line"], start["character"]) if path else None

    def definitions(self, path, row, column):
        """Where a name leads; None for places outside of the project."""
        links = self.request("definition", path, row, column)
        return {self.place(link["targetUri"], link["targetSelectionRange"]["start"]) for link in links}

    def stop(self):
        self.process.kill()
        self.process.wait()


# --- The truth ---


class Project:
    """What SCIP says of a project, laid out by symbol and by position."""

    def __init__(self, root, scip):
        tracked = subprocess.run(["git", "-C", root, "ls-files", "-z", "*.rs"], capture_output=True, text=True, check=True)
        tracked = set(tracked.stdout.split("\0"))
        found = [document for document in documents(scip) if document[0] in tracked]
        self.texts = {path: Text(os.path.join(root, path)) for path, _, _ in found}
        self.kinds = {s: k for _, _, kinds in found for s, k in kinds.items() if not s.startswith("local")}
        self.declared = defaultdict(list)  # symbol -> [(path, row, column, kind)]
        self.items = {}  # (path, row, column) -> (name, kind, span of the item)
        self.left_out = {}  # functions that are no part of the build
        self.names = {}  # (path, row, column) -> (name, symbols)
        for path, occurrences, _ in found:
            for here, symbol, is_definition, whole in occurrences:
                self.add(path, here, symbol, is_definition, whole)
        self.packages = {s.split(" ")[2] for s in self.declared if isinstance(s, str)}
        self.methods = defaultdict(list)  # (trait, method) -> symbols
        for symbol in self.declared:
            method = re.search(r"([A-Za-z0-9_]+)#([A-Za-z0-9_`]+)\(\)\.$", self.text(symbol))
            if method and "impl#" not in symbol:
                self.methods[method.groups()].append(symbol)
        self.bodies = {path: self.functions(path) for path in self.texts}
        self.makers = defaultdict(list)  # path -> [(span of a macro's call, row of a function it makes)]
        self.made = {}  # (path, row, column) of a call -> row of a function that a macro makes

    @staticmethod
    def text(symbol):
        return symbol if isinstance(symbol, str) else ""

    def add(self, path, here, symbol, is_definition, whole):
        key = (path, symbol) if symbol.startswith("local") else symbol
        kind = kind_of(symbol, self.kinds.get(symbol, 0))
        if is_definition and kind == "module" and here[:2] == (0, 0):
            self.declared[key].append((path, 0, 0, kind))
            return
        name = self.texts[path].name(here[:2], here[2:])
        place = (path, *here[:2])
        if name is None or (name in KEYWORDS and not (is_definition and name == "self")):
            return
        if not is_definition:
            self.names.setdefault(place, (name, []))[1].append(key)
        elif (*place, kind) not in self.declared[key]:
            self.declared[key].append((*place, kind))
            if self.items.get(place, ("", "local"))[1] == "local":
                self.items[place] = (name, kind, whole)

    def functions(self, path):
        """The functions of a file from the outermost inwards: offsets of their ends, then the name's."""
        text, found = self.texts[path], []
        for name, start, end in text.functions():
            item = self.items.get((path, *text.place(name)))
            if item and text.offset(*item[2][2:]) == end + 1:  # with its attributes
                start = text.offset(*item[2][:2])
            found.append((start, end, name))
        return found

    def named_only(self):
        """The functions that a macro makes of a name alone."""
        for (path, row, column), (_, kind, _) in sorted(self.items.items()):
            text = self.texts[path]
            if kind in FUNCTIONS and text.token(text.at[text.offset(row, column)] - 1) != "fn":
                yield path, row, column

    def callers(self, path, offset):
        """The function around a place, line 0 for none; several when it is not told which."""
        place = (path, *self.texts[path].place(offset))
        if place in self.made:
            return [[path, self.made[place] + 1]]
        around = [one for one in self.bodies[path] if one[0] <= offset <= one[1]]
        if around:
            return [[path, self.texts[path].place(max(around)[2])[0] + 1]]
        return self.made_around(*place) or [[path, 0]]

    def made_around(self, path, row, column):
        """The functions that the macro around a place makes of a name alone."""
        spans = self.makers.get(path, ())
        return [[path, span[4] + 1] for span in spans if span[:2] <= (row, column) < span[2:4]]

    def trait_method(self, symbol):
        """The method of a trait that a method implements, if one trait of that name has it."""
        found = re.search(r"impl#\[.*\]\[`?([A-Za-z0-9_]+)(?:<.*>)?`?\]([A-Za-z0-9_`]+)\(\)\.$", self.text(symbol))
        candidates = self.methods.get(found.groups(), []) if found else []
        return self.declared[candidates[0]] if len(candidates) == 1 else []

    def is_ours(self, symbol):
        return isinstance(symbol, str) and symbol.split(" ")[2] in self.packages


class Truth:
    """The lines about a project."""

    def __init__(self, root, scip):
        self.project, self.root, self.server = Project(root, scip), root, None
        self.lines, self.edges = [], []
        self.count = {"resolved": 0, "multi": 0, "asked": 0, "unknown": 0}
        for place in self.project.named_only():
            self.made_function(place)
        for place in sorted(self.project.names):
            self.reference(place, *self.project.names[place])
        for path in sorted(self.project.texts):
            self.unseen(path)
        for place in sorted(self.project.items.keys() | self.project.left_out.keys()):
            name, kind, whole = self.project.items.get(place) or self.project.left_out[place]
            if name != "self":
                self.definition(place, name, kind, whole[0] + 1, whole[2] + 1)
        if self.server:
            self.server.stop()

    def made_function(self, place):
        """The calls of a function that a macro makes of a name alone. A name can be what is declared and
        what is called at once; what a macro within the macro calls is not told."""
        self.server = self.server or Server(self.root)
        project, text = self.project, self.project.texts[place[0]]
        name, _, span = project.items[place]
        project.makers[place[0]].append((*span, place[1]))
        self.unknown(place, name, True, [[place[0], place[1] + 1]])
        for start, end, to in self.server.calls(*place):
            names = text.names_between(start, end)
            called = [at for at in names if text.is_call(text.at[at]) or (place[0], *text.place(at)) == place]
            called = [(place[0], *text.place(at)) for at in called]
            project.made.update(dict.fromkeys(called, place[1]))
            if place in called and project.items.get(to, ("", ""))[1] in FUNCTIONS:
                edge = {"kind": "call", "caller": [place[0], place[1] + 1], "callee": [to[0], to[1] + 1]}
                self.edges.append({**edge, "at": [place[1] + 1, place[2]]})

    def definition(self, place, name, kind, first, end):
        line = {"kind": "def", "path": place[0], "line": place[1] + 1, "col": place[2], "name": name}
        self.lines.append({**line, "sym": kind, "first": first, "end": end})

    def ask(self, path, row, column, names):
        """The declarations with one of these names that the language server leads to, and how many other
        places: for what a macro makes, that of the macro."""
        self.server = self.server or Server(self.root)
        self.count["asked"] += 1
        places = self.server.definitions(path, row, column) - {(path, row, column)}
        items, files = self.project.items, self.project.texts
        outside = None in places
        places.discard(None)
        named = [place for place in sorted(places & items.keys()) if items[place][0] in names]
        known = [(*place, items[place][1]) for place in named]
        known += [(file, 0, 0, "module") for file in sorted(files.keys() & {p for p, r, c in places if r == c == 0})]
        return known, len(places) - len(known) + outside

    def reference(self, place, name, symbols):
        """One name that SCIP knows."""
        project = self.project
        if place in project.items and all(isinstance(symbol, tuple) for symbol in symbols):
            return
        text = project.texts[place[0]]
        offset = text.offset(*place[1:])
        is_call = text.is_call(text.at[offset])
        targets = list(dict.fromkeys(t for s in symbols for t in project.declared.get(s, ()) if t[:3] != place))
        is_ours = any(project.is_ours(symbol) for symbol in symbols)
        is_local = any(isinstance(symbol, tuple) for symbol in symbols)
        is_told = True
        if is_ours and not is_local and (is_call or len(targets) != 1):
            known, others = self.ask(*place, {name, *map(last_name, symbols)})
            is_told = len(known) == 1 or not known and others > 0
            made = [target for symbol in symbols for target in project.trait_method(symbol)]
            targets = known or (made if is_told else targets)
        if is_call and text.token(text.at[offset] - 1) == "." and any(t[3] == "field" for t in targets):
            return self.unknown(place, name, is_call)  # a field is not called like that
        if place in project.items and not targets:
            return
        if not is_told and not targets:
            return self.unknown(place, name, is_call)
        # What leads to no declaration of ours, such as a method that is derived, is no part of the project.
        scope = "repo" if is_ours and targets else "local" if is_local else "ext"
        self.write(place, name, is_call, targets, scope, symbols, is_told)

    def write(self, place, name, is_call, targets, scope, symbols, is_told):
        self.count["resolved"] += 1
        self.count["multi"] += len(targets) > 1
        show = [[path, row + 1, kind] for path, row, _, kind in targets]
        line = {"kind": "ref", "path": place[0], "line": place[1] + 1, "col": place[2], "name": name, "scope": scope}
        line.update(defs=show, call=int(is_call))
        others = [[path, row + 1, kind] for s in symbols for path, row, _, kind in self.project.trait_method(s)]
        others = {"alt": others} if others else {}
        self.lines.append({**line, **others})
        if not is_call:
            if targets and targets[0][3] in FUNCTIONS:
                self.passed(place, name)
            return
        if not is_told:
            return self.unknown(place, name, is_call)
        callers = self.project.callers(place[0], self.project.texts[place[0]].offset(*place[1:]))
        if len(callers) > 1:
            return self.unknown(place, name, is_call, callers)
        at = {"at": [place[1] + 1, place[2]], **({"alt": [other[:2] for other in others["alt"]]} if others else {})}
        for target in show:
            if target[2] in FUNCTIONS:
                self.edges.append({"kind": "call", "caller": callers[0], "callee": target[:2], **at})

    def passed(self, place, name):
        """A function's name in the input of a macro that may make functions: any of those may call it, one
        of the same name too."""
        text = self.project.texts[place[0]]
        offset = text.offset(*place[1:])
        if text.is_input(offset):
            callers = self.project.callers(place[0], offset) + self.project.made_around(*place)
            self.unknown(place, name, True, callers + [[place[0], place[1] + 1]])

    def unknown(self, place, name, is_call, callers=None):
        self.count["unknown"] += 1
        callers = callers or self.project.callers(place[0], self.project.texts[place[0]].offset(*place[1:]))
        line = {"kind": "unres", "path": place[0], "line": place[1] + 1, "col": place[2], "name": name}
        for caller in callers:
            self.lines.append({**line, "call": int(is_call), "caller": caller})

    def unseen(self, path):
        """The calls of a file, and the functions in the input of its macros, of which SCIP says nothing."""
        project, text = self.project, self.project.texts[path]
        for _, end, name in project.bodies[path]:
            place = (path, *text.place(name))
            if place in project.items:
                continue
            rows = text.place(name)[0], text.place(end)[0]
            item = (text.token(text.at[name]), "function", (rows[0], 0, rows[1], 0))
            if not text.is_input(name):
                project.left_out[place] = item
            elif place in self.server_says(place):
                project.items[place] = item
        for offset, name in text.calls():
            place = (path, *text.place(offset))
            if place in project.names or place in project.items:
                continue
            known, others = self.ask(*place, {name})
            if len(known) == 1 and not others:
                scope = "local" if known[0][3] == "local" else "repo"
                self.write(place, name, True, known, scope, [], True)
            else:
                self.unknown(place, name, True)

    def server_says(self, place):
        self.server = self.server or Server(self.root)
        self.count["asked"] += 1
        return self.server.definitions(*place)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("project")
    parser.add_argument("out")
    parser.add_argument("--scip", help="what `rust-analyzer scip` wrote of this revision")
    arguments = parser.parse_args()
    root = os.path.realpath(arguments.project)
    seconds, scip = None, arguments.scip
    if not scip:
        scip = os.path.join(tempfile.mkdtemp(), "project.scip")
        settings = scip + ".json"
        with open(settings, "w") as file:
            json.dump(SETTINGS, file)
        start = time.time()
        command = ["rust-analyzer", "scip", root, "--output", scip, "--config-path", settings]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        seconds = round(time.time() - start, 1)
    truth = Truth(root, scip)
    revision = subprocess.run(["git", "-C", root, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    texts = truth.project.texts.values()
    meta = {"kind": "meta", "lang": "rust", "repo": os.path.basename(root), "rev": revision.stdout.strip()}
    meta.update(files=len(texts), loc=sum(len(text.starts) for text in texts), seconds=seconds, **truth.count)
    with (gzip.open if arguments.out.endswith(".gz") else open)(arguments.out, "wt") as out:
        for line in [meta, *truth.lines, *truth.edges]:
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    print(json.dumps(meta))


if __name__ == "__main__":
    main()
