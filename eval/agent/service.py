"""The strict model server in this process, with a record of what it was asked and when.

Its folder (`strict_llm_mock.py`) is no part of this repository; `--mock` says where it is. Each
scripted turn names Flux's own tools, so nothing is translated.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOCK = ROOT.parent / "shared" / "agentbench"
KINDS = {
    "anthropic": ("anthropic", "claude-sonnet-5-5", ""),
    "chat": ("openai", "gpt-6-sol", "/v1"),
    "responses": ("openai-responses", "gpt-6-sol", "/v1"),
}


def arguments(about):
    """What all these programs take."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--flux", default=str(ROOT / "target" / "release" / "flux"), help="the binary")
    parser.add_argument("--mock", default=str(MOCK), help="folder of strict_llm_mock.py")
    parser.add_argument("--api", choices=sorted(KINDS), default="anthropic")
    return parser


def call(tool, **given):
    """A call of one of Flux's tools, for a turn's content."""
    return {"call_raw": {"name": tool, "arguments": given}}


class Service:
    """A running server and what was seen of it."""

    def __init__(self, folder, scenario, api="anthropic", remember=None):
        """`remember` is given each request instead of keeping all of them, and no answer is kept."""
        sys.path.insert(0, str(folder))
        try:
            import strict_llm_mock as mock
        except ImportError:
            sys.exit(f"there is no strict_llm_mock.py in {folder}: name its folder with --mock")
        self.api, self.asked, self.arrivals, self.sent = api, [], [], []
        outer, lock = self, threading.Lock()

        class Mock(mock.Mock):
            def handle(self, h, kind, path, headers, raw):
                with lock:
                    outer.arrivals.append(time.time())
                    (remember or outer.asked.append)(json.loads(raw))
                return super().handle(h, kind, path, headers, raw)

        class Answer(mock.Answer):
            def put(self, data):
                if not remember:
                    outer.sent.append((time.time(), bytes(data)))
                return super().put(data)

        # `serve` looks both up by name in its module.
        kept = mock.Mock, mock.Answer
        mock.Mock, mock.Answer = Mock, Answer
        # Else the end of an answer may wait 40 ms for the client's acknowledgement of what came before.
        mock.Handler.disable_nagle_algorithm = True
        options = argparse.Namespace(dialect=None, api_key="k", tool_map=None, workspace=None)
        self.server, self.mock = mock.serve(scenario, opts=options, contracts=mock.Contracts(None))
        self.restore = lambda: (setattr(mock, "Mock", kept[0]), setattr(mock, "Answer", kept[1]))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def environment(self, home):
        """What Flux needs to find it, with nothing of the user's own."""
        provider, model, path = KINDS[self.api]
        known = self.mock.model(model)
        return os.environ | {
            "HOME": str(home), "NO_PROXY": "*", "FLUX_PROVIDER": provider, "FLUX_MODEL": model,
            "FLUX_BASE_URL": self.url + path, "FLUX_API_KEY": "k",
            "FLUX_CONTEXT_WINDOW": str(known["context_window"]), "FLUX_MAX_OUTPUT": str(known["max_output"]),
            "FLUX_CACHE_DIR": f"{home}/cache", "FLUX_STATE_DIR": f"{home}/state",
            "FLUX_CONFIG_DIR": f"{home}/config",
        }

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.restore()


def heard(body):
    """What a request holds, whatever its dialect: texts of the user, texts of the model, calls by
    id as (tool, arguments), results by id."""
    said = {"user": [], "model": [], "calls": {}, "results": {}}
    for item in body.get("messages", body.get("input", [])):
        kind, role = item.get("type"), item.get("role")
        if kind == "function_call":
            said["calls"][item["call_id"]] = (item["name"], item["arguments"])
        elif kind == "function_call_output":
            said["results"][item["call_id"]] = item["output"]
        elif role == "tool":
            said["results"][item["tool_call_id"]] = item["content"]
        elif role in ("user", "assistant"):
            for one in item.get("tool_calls") or []:
                said["calls"][one["id"]] = (one["function"]["name"], one["function"]["arguments"])
            parts = item.get("content") or []
            blocks(said, role, [{"type": "text", "text": parts}] if isinstance(parts, str) else parts)
    return said


def blocks(said, role, parts):
    for part in parts:
        if part["type"] == "tool_use":
            said["calls"][part["id"]] = (part["name"], json.dumps(part["input"]))
        elif part["type"] == "tool_result":
            said["results"][part["tool_use_id"]] = part["content"]
        elif part["type"] in ("text", "input_text", "output_text"):
            said["user" if role == "user" else "model"].append(part["text"])
