"""Renames by rust-analyzer's language server. All answers are gathered before a file changes."""
import json
import os
import subprocess
import threading
import time
from urllib.parse import unquote


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(["rust-analyzer"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.answers, self.next, self.is_quiet = {}, 0, threading.Event()
        threading.Thread(target=self.read, daemon=True).start()
        self.ask("initialize", {
            "processId": os.getpid(), "rootUri": "file://" + folder,
            "capabilities": {"workspace": {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["rename"]}},
                             "experimental": {"serverStatusNotification": True}},
            "initializationOptions": {"checkOnSave": False, "cachePriming": {"enable": False}},
        })
        self.send({"method": "initialized", "params": {}})
        self.is_quiet.wait(300)

    def send(self, message):
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self.process.stdin.flush()

    def read(self):
        stream = self.process.stdout
        while True:
            length = 0
            while (line := stream.readline().strip()):
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(stream.read(length))
            if message.get("method") == "experimental/serverStatus":
                if message["params"].get("quiescent"):
                    self.is_quiet.set()
            elif "method" in message and "id" in message:
                self.send({"id": message["id"], "result": None})
            elif "id" in message:
                self.answers[message["id"]] = message

    def ask(self, method, params):
        self.next += 1
        number = self.next
        self.send({"id": number, "method": method, "params": params})
        end = time.time() + 120
        while time.time() < end:
            if number in self.answers:
                return self.answers.pop(number)
            time.sleep(0.02)
        return {"error": {"message": "timed out"}}


def rust_analyzer(config, choices):
    found = {}
    for name in sorted({choice["project"] for choice in choices}):
        folder = os.path.abspath(config[name]["folder"])
        server = Server(folder)
        for choice in (one for one in choices if one["project"] == name):
            path, line, column = place(folder, choice)
            found[json.dumps(choice)] = server.ask("textDocument/rename", {
                "textDocument": {"uri": "file://" + os.path.join(folder, path)},
                "position": {"line": line, "character": column}, "newName": choice["new"],
            })
        server.process.kill()
    return found


def place(folder, choice):
    """Where the name stands; for a module its `mod name;`."""
    if choice["line"]:
        return choice["path"], choice["line"] - 1, choice["column"]
    above = os.path.dirname(choice["path"])
    if os.path.basename(choice["path"]) == "mod.rs":
        above = os.path.dirname(above)
    for path in ("mod.rs", "lib.rs", "main.rs"):
        path = os.path.join(above, path)
        if os.path.exists(os.path.join(folder, path)):
            with open(os.path.join(folder, path)) as file:
                for number, line in enumerate(file):
                    if line.strip().removeprefix("pub ").removeprefix("pub(crate) ") == f"mod {choice['name']};\n".strip():
                        return path, number, line.index(choice["name"], line.index("mod ") + 4)
    return choice["path"], 0, 0


def apply(folder, answer):
    if "error" in answer or not answer.get("result"):
        return "refused", answer.get("error", {}).get("message", "no answer")
    edit, moves = answer["result"], []
    if outside := [path for path in paths_of(edit) if not path.startswith(folder + os.sep)]:
        # The server renames in the sources of dependencies as well, which all projects of a machine share.
        return "outside", f"would change {outside[0]} and {len(outside) - 1} more outside of the project"
    changes = edit.get("documentChanges") or [
        {"textDocument": {"uri": uri}, "edits": edits} for uri, edits in edit.get("changes", {}).items()
    ]
    for change in changes:
        if change.get("kind") == "rename":
            moves.append((unquote(change["oldUri"][7:]), unquote(change["newUri"][7:])))
        elif "edits" in change:
            rewrite(unquote(change["textDocument"]["uri"][7:]), change["edits"])
    for old, new in moves:
        os.makedirs(os.path.dirname(new), exist_ok=True)
        os.rename(old, new)
    return "changed", ""


def paths_of(edit):
    changes = edit.get("documentChanges") or [{"textDocument": {"uri": uri}} for uri in edit.get("changes", {})]
    for change in changes:
        uris = [change["textDocument"]["uri"]] if "textDocument" in change else [
            change[key] for key in ("uri", "oldUri", "newUri") if key in change]
        yield from (os.path.realpath(unquote(uri[7:])) for uri in uris)


def rewrite(path, edits):
    with open(path, newline="") as file:
        lines = file.read().split("\n")
    text, starts, at = "\n".join(lines), [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    for edit in sorted(edits, key=lambda one: (one["range"]["start"]["line"], one["range"]["start"]["character"]), reverse=True):
        first, last = edit["range"]["start"], edit["range"]["end"]
        start, end = (starts[one["line"]] + one["character"] for one in (first, last))
        text = text[:start] + edit["newText"] + text[end:]
    with open(path, "w", newline="") as file:
        file.write(text)
