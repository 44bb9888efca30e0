"""Writes a BERT sentence encoder as an ONNX folder, straight from its safetensors weights.

Usage: export.py MODEL_FOLDER OUTPUT_FOLDER

The graph is written node by node instead of being traced, so that the export needs numpy, onnx
and safetensors and no deep-learning framework.
"""

import json
import pathlib
import shutil
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

TOKENIZER_FILES = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
]


class Graph:
    """Nodes and constants in the order in which they were added."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def constant(self, name, array):
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def op(self, kind, inputs, **attributes):
        output = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output


class Encoder:
    """The layers of BERT over one graph."""

    def __init__(self, graph, weights, config):
        self.graph, self.weights, self.config = graph, weights, config

    def weight(self, name):
        return self.graph.constant(name, self.weights[name])

    def linear(self, x, name):
        kernel = self.graph.constant(f"{name}.kernel", self.weights[f"{name}.weight"].T)
        product = self.graph.op("MatMul", [x, kernel])
        return self.graph.op("Add", [product, self.weight(f"{name}.bias")])

    def norm(self, x, name):
        inputs = [x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias")]
        epsilon = self.config["layer_norm_eps"]
        return self.graph.op("LayerNormalization", inputs, axis=-1, epsilon=epsilon)

    def heads(self, x, order):
        count = self.config["num_attention_heads"]
        size = self.config["hidden_size"] // count
        shape = self.graph.constant("heads.shape", np.array([0, 0, count, size], np.int64))
        return self.graph.op("Transpose", [self.graph.op("Reshape", [x, shape])], perm=order)

    def attention(self, x, mask, layer):
        graph, size = self.graph, self.config["hidden_size"]
        query = self.heads(self.linear(x, f"{layer}.attention.self.query"), [0, 2, 1, 3])
        key = self.heads(self.linear(x, f"{layer}.attention.self.key"), [0, 2, 3, 1])
        value = self.heads(self.linear(x, f"{layer}.attention.self.value"), [0, 2, 1, 3])
        head = size // self.config["num_attention_heads"]
        scale = graph.constant("scale", np.float32(1 / np.sqrt(head)))
        scores = graph.op("Mul", [graph.op("MatMul", [query, key]), scale])
        shares = graph.op("Softmax", [graph.op("Add", [scores, mask])], axis=-1)
        mixed = graph.op("Transpose", [graph.op("MatMul", [shares, value])], perm=[0, 2, 1, 3])
        shape = graph.constant("hidden.shape", np.array([0, 0, size], np.int64))
        return self.linear(graph.op("Reshape", [mixed, shape]), f"{layer}.attention.output.dense")

    def layer(self, x, mask, index):
        name, graph = f"encoder.layer.{index}", self.graph
        attended = graph.op("Add", [x, self.attention(x, mask, name)])
        x = self.norm(attended, f"{name}.attention.output.LayerNorm")
        inner = graph.op("Gelu", [self.linear(x, f"{name}.intermediate.dense")])
        outer = graph.op("Add", [x, self.linear(inner, f"{name}.output.dense")])
        return self.norm(outer, f"{name}.output.LayerNorm")

    def embeddings(self):
        graph, name = self.graph, "embeddings"
        words = graph.op("Gather", [self.weight(f"{name}.word_embeddings.weight"), "input_ids"])
        kinds = self.weight(f"{name}.token_type_embeddings.weight")
        kinds = graph.op("Gather", [kinds, "token_type_ids"])
        length = graph.op("Shape", ["input_ids"], start=1, end=2)
        start = graph.constant("start", np.array([0], np.int64))
        places = self.weight(f"{name}.position_embeddings.weight")
        axes = graph.constant("axes", np.array([0], np.int64))
        places = graph.op("Slice", [places, start, length, axes])
        summed = graph.op("Add", [graph.op("Add", [words, kinds]), places])
        return self.norm(summed, f"{name}.LayerNorm")

    def mask(self):
        graph = self.graph
        axes = graph.constant("mask.axes", np.array([1, 2], np.int64))
        mask = graph.op("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        absent = graph.op("Sub", [graph.constant("one", np.float32(1)), mask])
        lowest = graph.constant("lowest", np.finfo(np.float32).min)
        return graph.op("Unsqueeze", [graph.op("Mul", [absent, lowest]), axes])


def build(weights, config):
    """The model, from token ids to the hidden state of every token."""
    graph = Graph()
    encoder = Encoder(graph, weights, config)
    x, mask = encoder.embeddings(), encoder.mask()
    for index in range(config["num_hidden_layers"]):
        x = encoder.layer(x, mask, index)
    graph.nodes.append(helper.make_node("Identity", [x], ["last_hidden_state"]))

    sides = ["batch", "sequence"]
    names = ["input_ids", "attention_mask", "token_type_ids"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, sides) for name in names]
    shape = [*sides, config["hidden_size"]]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, shape)
    constants = list(graph.constants.values())
    body = helper.make_graph(graph.nodes, "bert", inputs, [output], initializer=constants)
    # Opset 20 is the first with Gelu; ONNX Runtime reads it since 1.17.
    opsets = [helper.make_opsetid("", 20)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    target.mkdir(parents=True, exist_ok=True)
    config = json.loads((source / "config.json").read_text())
    weights = load_file(source / "model.safetensors")
    onnx.save(build(weights, config), target / "model.onnx")
    for name in TOKENIZER_FILES:
        if (source / name).exists():
            (target / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(source / name, target / name)


if __name__ == "__main__":
    main()
