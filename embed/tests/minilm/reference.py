"""Writes sentence-transformers' own vectors of `texts.json`, to compare ours with.

Usage: reference.py MODEL_FOLDER OUTPUT_FILE
"""

import json
import pathlib
import sys

from sentence_transformers import SentenceTransformer


def main():
    texts = json.loads((pathlib.Path(__file__).parent / "texts.json").read_text())
    model = SentenceTransformer(sys.argv[1], device="cpu")
    vectors = [model.encode(text, normalize_embeddings=True).tolist() for text in texts]
    pathlib.Path(sys.argv[2]).write_text(json.dumps(vectors))


if __name__ == "__main__":
    main()
