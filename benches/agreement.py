#!/usr/bin/env python3
"""Checks foretoken's plain decoding against llama.cpp on one GGUF file.

    cargo build --release
    pip install llama-cpp-python
    python3 benches/agreement.py --model model.gguf

foretoken decodes greedily; llama.cpp reads the same tokens and says at each position what it would have chosen. Where the
two differ, llama.cpp's logit of its own choice is at most --close above that of foretoken's: both round activations to eight
bits, each in its own way. One prompt is longer than the windows of models that have local layers. The exit code is 1 if
a difference is larger, or if the prompts' tokens differ.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

try:
    import llama_cpp
    import numpy
except ImportError as error:
    sys.exit(f"error: {error.name} is missing: pip install llama-cpp-python")

PASSAGE = (
    "The river runs past the mill and the old bridge. Every morning the miller opens the gate, and the water turns the "
    "wheel. "
)
PROMPTS = [
    "The capital of France is",
    "def fibonacci(n):\n",
    "Once upon a time there was a small fox who",
    "Zutaten: zwei Tassen Mehl, zwei Eier, eine Prise Salz.\nZubereitung:",
    PASSAGE * 45 + "At night the miller",
]


def main():
    root = Path(__file__).resolve().parent.parent
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--model", required=True, help="a GGUF file")
    arguments.add_argument("--tokens", type=int, default=40, help="tokens decoded of each prompt")
    arguments.add_argument("--close", type=float, default=0.5, help="the largest difference of logits that counts as a close call")
    arguments.add_argument("--foretoken", default=root / "target/release/foretoken")
    arguments = arguments.parse_args()

    llama = llama_cpp.Llama(arguments.model, n_ctx=2048, logits_all=True, verbose=False)
    failed = False
    for prompt in PROMPTS:
        command = [arguments.foretoken, "generate", "--model", arguments.model, "--raw", "--json"]
        command += ["--strategy", "autoregressive", "--max-new-tokens", str(arguments.tokens), "--prompt", prompt]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        ours = json.loads(run.stdout)
        ids = llama.tokenize(prompt.encode(), add_bos=True, special=False)
        if len(ids) != ours["prompt_tokens"]:
            print(f"the prompt has {ours['prompt_tokens']} tokens, {len(ids)} for llama.cpp: {prompt[:40]!r}")
            failed = True
            continue
        llama.reset()
        llama.eval(ids)
        gaps = []
        for token in ours["tokens"]:
            row = numpy.array(llama.scores[llama.n_tokens - 1])
            if row.argmax() != token:
                gaps.append(float(row.max() - row[token]))
            llama.eval([token])
        worst = max(gaps, default=0.0)
        failed |= worst > arguments.close
        print(f"{len(ids):5} + {len(ours['tokens'])} tokens: {len(gaps)} other choices, at most {worst:.2f} apart: {prompt[:40]!r}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
