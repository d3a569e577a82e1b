#!/usr/bin/env python3
"""Compares foretoken with llama.cpp on one GGUF file.

    cargo build --release
    pip install llama-cpp-python
    python3 benches/peers.py --model model.gguf

Both read the same file, get the same prompts as they are (no chat template), decode greedily and use the same number of
threads. Runs alternate, foretoken first, and each figure is the median of the rounds' own ratios, so that a machine that
slows down for a while slows down both. What is compared:

  plain decoding   tokens a second, one token a pass, the passes over the prompt apart
  prefill          tokens a second over a prompt of 512 tokens
  t(8)             one pass over 8 tokens behind 256, the next token of each wanted

llama.cpp is called through the low-level interface of llama-cpp-python and timed around its own calls: what Python does
between them (choosing the largest logit) counts for neither side. A package that was compiled on this machine uses its
instruction set; a package that came compiled may not.
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

try:
    import llama_cpp
    import numpy
except ImportError as error:
    sys.exit(f"error: {error.name} is missing: pip install llama-cpp-python")

PROMPTS = [
    "The lighthouse keeper wrote one line in his book every evening. Tonight he wrote that",
    "def median(values):\n    \"\"\"Return the middle value of a list of numbers.\"\"\"\n",
    "Question: Why do ships float although they are made of steel?\nAnswer:",
    "Ingredients: two cups of flour, two eggs, two cups of milk, a pinch of salt.\nSteps:\n1.",
]

# Prose of ours, repeated and cut to the length of a prefill.
PASSAGE = (
    "A river begins as a thread of water between stones. It gathers other threads, learns the shape of its valley, and "
    "carries sand, leaves and stories down to the plain. People build their mills beside it and their houses above the "
    "line that the floods have drawn. In dry years they can walk across; in wet ones they count the steps that the water "
    "takes towards their doors. Nobody owns it, though everybody says so. "
)

PREFILL_TOKENS = 512
BATCH = 8
CONTEXT = 256


class Llama:
    """llama.cpp, with one sequence that is emptied before each run."""

    def __init__(self, model, threads, context):
        self.llama = llama_cpp.Llama(
            model_path=str(model),
            n_ctx=context,
            n_batch=PREFILL_TOKENS,
            n_ubatch=PREFILL_TOKENS,
            n_threads=threads,
            n_threads_batch=threads,
            n_gpu_layers=0,
            verbose=False,
        )
        self.context = self.llama.ctx
        self.vocabulary = self.llama.n_vocab()
        self.batch = llama_cpp.llama_batch_init(PREFILL_TOKENS, 0, 1)

    def tokenize(self, text):
        return self.llama.tokenize(text.encode(), add_bos=True, special=True)

    def text(self, tokens):
        return self.llama.detokenize(tokens, special=False).decode(errors="ignore")

    def keep(self, count):
        """Forgets all but the first tokens."""
        memory = llama_cpp.llama_get_memory(self.context)
        llama_cpp.llama_memory_seq_rm(memory, -1, count, -1)

    def seconds(self, tokens, position, all_logits=False):
        """One pass over some tokens, timed until its logits can be read."""
        batch = self.batch
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens):
            batch.token[index] = token
            batch.pos[index] = position + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = all_logits or index == len(tokens) - 1
        started = time.perf_counter()
        if llama_cpp.llama_decode(self.context, batch) != 0:
            sys.exit("error: llama.cpp could not compute a pass")
        llama_cpp.llama_synchronize(self.context)
        return time.perf_counter() - started

    def largest(self):
        logits = llama_cpp.llama_get_logits_ith(self.context, -1)
        address = ctypes.cast(logits, ctypes.POINTER(ctypes.c_float))
        return int(numpy.ctypeslib.as_array(address, shape=(self.vocabulary,)).argmax())

    def decode(self, prompt, count):
        """Tokens a second of plain decoding, and the tokens."""
        self.keep(0)
        self.seconds(prompt, 0)
        tokens, spent = [self.largest()], 0.0
        while len(tokens) < count:
            spent += self.seconds(tokens[-1:], len(prompt) + len(tokens) - 1)
            tokens.append(self.largest())
        return (len(tokens) - 1) / spent, tokens

    def prefill(self, prompt):
        """Tokens a second over a prompt."""
        self.keep(0)
        return len(prompt) / self.seconds(prompt, 0)

    def passes(self, tokens, rounds):
        """Seconds of a pass over one token and over several, behind a context."""
        self.keep(0)
        self.seconds(tokens[:CONTEXT], 0)
        times = {1: [], BATCH: []}
        for round_ in range(rounds + 1):
            for count, measured in times.items():
                self.keep(CONTEXT)
                some = tokens[CONTEXT : CONTEXT + count]
                spent = self.seconds(some, CONTEXT, all_logits=True)
                if round_ > 0:
                    measured.append(spent)
        return {count: statistics.median(measured) for count, measured in times.items()}


class Foretoken:
    """The program, once for each measurement."""

    def __init__(self, program, model, threads, context):
        self.program = program
        self.fixed = ["--model", model, "--threads", threads, "--context", context, "--json"]
        # What is calibrated here is nothing to keep.
        self.cache = tempfile.TemporaryDirectory()

    def run(self, *arguments):
        command = [str(argument) for argument in (self.program, *arguments, *self.fixed)]
        environment = {**os.environ, "FORETOKEN_CACHE": self.cache.name}
        result = subprocess.run(command, capture_output=True, text=True, env=environment)
        if result.returncode != 0:
            sys.exit(f"error: {' '.join(command)}: {result.stderr.strip()}")
        return json.loads(result.stdout)

    def compare(self, prompt, count):
        arguments = ["--strategies", "autoregressive", "--runs", 1, "--max-new-tokens", count]
        return self.run("compare", *arguments, "--raw", "--prompt", prompt)

    def decode(self, prompt, count):
        """Tokens a second of plain decoding, and the tokens."""
        (run,) = self.compare(prompt, count)["runs"]
        # Passes and not tokens: llama.cpp's first token comes from the prompt's own pass.
        return run["steps"] / run["seconds"], run["tokens"]

    def prefill(self, prompt):
        """Tokens a second over a prompt, and how many tokens it has."""
        report = self.compare(prompt, 1)
        return report["prompt_tokens"] / report["prefill_seconds"], report["prompt_tokens"]

    def passes(self, rounds):
        """Seconds of a pass over one token and over several, behind a context."""
        report = self.run("calibrate", "--contexts", CONTEXT, "--rounds", rounds)
        points = {point["n"]: point["ms"] / 1e3 for point in report["contexts"][0]["points"]}
        return {count: points[count] for count in (1, BATCH)}


def prompts_of(path):
    """The prompts of a file: JSON lines with `prompt`, or with `turns`, of which the first counts."""
    prompts = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            prompts.append(record["prompt"] if "prompt" in record else record["turns"][0])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            sys.exit(f"error: {path}, line {number}: {error!r}; it needs `prompt` or `turns`")
    return prompts or sys.exit(f"error: {path} has no prompts")


class Figure:
    """One thing that is compared: a value of each side for each run."""

    def __init__(self, name, unit, scale=1.0):
        self.name, self.unit, self.scale = name, unit, scale
        self.ours, self.theirs = [], []

    def add(self, ours, theirs):
        self.ours.append(ours * self.scale)
        self.theirs.append(theirs * self.scale)

    def summary(self):
        ratios = [ours / theirs for ours, theirs in zip(self.ours, self.theirs)]
        return {
            "name": self.name,
            "unit": self.unit,
            "foretoken": statistics.median(self.ours),
            "llama_cpp": statistics.median(self.theirs),
            "ratio": statistics.median(ratios),
            "ratios": ratios,
        }


def measure(ours, theirs, prompts, arguments):
    """All figures, and on how many prompts both sides said the same."""
    decoding = Figure("plain decoding", "tokens/s")
    prefill = Figure(f"prefill of {PREFILL_TOKENS} tokens", "tokens/s")
    one, several = (Figure(f"t({count})", "ms", 1e3) for count in (1, BATCH))
    growth = Figure(f"t({BATCH})/t(1)", "")
    long = theirs.tokenize(PASSAGE * 12)[:PREFILL_TOKENS]
    passage = theirs.text(long)
    same = set()
    for round_ in range(arguments.rounds):
        for index, prompt in enumerate(prompts):
            progress(f"round {round_ + 1} of {arguments.rounds}, prompt {index + 1}")
            rate, tokens = ours.decode(prompt, arguments.tokens)
            their_rate, their_tokens = theirs.decode(theirs.tokenize(prompt), arguments.tokens)
            decoding.add(rate, their_rate)
            if their_tokens[: len(tokens)] == tokens:
                same.add(index)
        progress(f"round {round_ + 1} of {arguments.rounds}, prefill")
        rate, count = ours.prefill(passage)
        if abs(count - len(long)) > 2:
            print(f"warning: the passage has {count} and {len(long)} tokens", file=sys.stderr)
        prefill.add(rate, theirs.prefill(long))
        progress(f"round {round_ + 1} of {arguments.rounds}, passes")
        mine, yours = ours.passes(5), theirs.passes(long, 9)
        one.add(mine[1], yours[1])
        several.add(mine[BATCH], yours[BATCH])
        growth.add(mine[BATCH] / mine[1], yours[BATCH] / yours[1])
    progress("")
    return [figure.summary() for figure in (decoding, prefill, one, several, growth)], len(same)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def parse():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="a GGUF file")
    parser.add_argument("--prompts", type=Path, help="JSON lines with `prompt` or `turns`")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of both sides")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side")
    parser.add_argument("--tokens", type=int, default=64, help="tokens decoded of each prompt")
    parser.add_argument("--foretoken", type=Path, default=root / "target/release/foretoken")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    if min(arguments.threads, arguments.rounds, arguments.tokens - 1) < 1:
        parser.error("threads and rounds are at least 1, tokens at least 2")
    for path in (arguments.model, arguments.foretoken):
        if not path.is_file():
            parser.error(f"there is no file {path}")
    return arguments


def main():
    arguments = parse()
    prompts = prompts_of(arguments.prompts) if arguments.prompts else PROMPTS
    theirs = Llama(arguments.model, arguments.threads, 0)
    longest = max(len(theirs.tokenize(prompt)) for prompt in prompts)
    context = max(longest, PREFILL_TOKENS) + arguments.tokens + 64
    theirs = Llama(arguments.model, arguments.threads, context)
    ours = Foretoken(arguments.foretoken, arguments.model, arguments.threads, context)
    figures, same = measure(ours, theirs, prompts, arguments)
    system = llama_cpp.llama_print_system_info().decode()
    if arguments.json:
        report = {
            "model": arguments.model.name,
            "threads": arguments.threads,
            "rounds": arguments.rounds,
            "prompts": len(prompts),
            "same_text": same,
            "llama_cpp_python": llama_cpp.__version__,
            "llama_cpp_system": system,
            "figures": figures,
        }
        print(json.dumps(report))
        return
    print(f"{arguments.model.name}, {arguments.threads} threads, {arguments.rounds} rounds")
    print(f"llama-cpp-python {llama_cpp.__version__}: {system}")
    print(f"{'':24}{'foretoken':>12}{'llama.cpp':>12}{'ratio':>8}")
    for figure in figures:
        values = "".join(f"{figure[side]:12.2f}" for side in ("foretoken", "llama_cpp"))
        print(f"{figure['name']:24}{values}{figure['ratio']:8.2f}  {figure['unit']}")
    print(f"Both say the same on {same} of {len(prompts)} prompts.")


if __name__ == "__main__":
    main()
