"""Serves the ONNX model as OpenAI, Ollama, text-embeddings-inference and Voyage AI would.

Usage: server.py MODEL_FOLDER. Prints its port, and ends when its standard input does. The shapes
of requests and answers are those of the four services' documentation; what they require is
required here too, so that a client that forgets a field fails.
"""

import http.server
import json
import pathlib
import sys
import threading

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


class Model:
    def __init__(self, folder):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.enable_padding()
        providers = ["CPUExecutionProvider"]
        path = str(folder / "model.onnx")
        self.session = onnxruntime.InferenceSession(path, providers=providers)

    def embed(self, texts):
        assert isinstance(texts, list) and all(isinstance(text, str) for text in texts)
        encoded = self.tokenizer.encode_batch(texts)
        ids = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": 0 * ids}
        hidden = self.session.run(None, inputs)[0]
        means = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return means.tolist()


def data(vectors, model):
    items = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors)
    ]
    return {"object": "list", "data": items, "model": model, "usage": {"total_tokens": 1}}


def open_ai(model, body):
    assert body["model"] == "minilm"
    return data(model.embed(body["input"]), body["model"])


def voyage(model, body):
    assert body["model"] == "minilm" and body["input_type"] in ("query", "document")
    assert body["truncation"] is True
    return data(model.embed(body["input"]), body["model"])


def ollama(model, body):
    assert body["model"] == "minilm"
    vectors = model.embed(body["input"])
    return {"model": "minilm", "embeddings": vectors, "total_duration": 1, "load_duration": 1}


def tei(model, body):
    assert "model" not in body and body["truncate"] is True
    return model.embed(body["inputs"])


ROUTES = {
    "/v1/embeddings": open_ai,
    "/api/embed": ollama,
    "/embed": tei,
    "/voyage/v1/embeddings": voyage,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        known = self.path == "/info"
        answer = {"model_id": "minilm", "max_input_length": 256} if known else {"error": "no"}
        self.reply(200 if known else 404, answer)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        route = ROUTES.get(self.path)
        if route is None:
            return self.reply(404, {"error": f"no {self.path}"})
        try:
            self.reply(200, route(self.server.model, body))
        except (AssertionError, KeyError) as error:
            self.reply(400, {"error": {"message": f"bad request: {error!r}"}})

    def reply(self, status, answer):
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.model = Model(pathlib.Path(sys.argv[1]))
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
