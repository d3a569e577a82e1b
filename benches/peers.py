#!/usr/bin/env python3
"""Compares foretoken with llama.cpp and with candle-transformers' stock model on one GGUF file.

    cargo build --release
    cargo build --release -p foretoken-benches --example stock
    pip install llama-cpp-python
    python3 benches/peers.py --model model.gguf

All read the same file, get the same prompts as they are (no chat template), decode greedily and use the same number of
threads. Runs alternate, foretoken first, and each figure is the median of the rounds' own ratios, so that a machine that
slows down for a while slows down all. What is compared:

  plain decoding   tokens a second, one token a pass, the passes over the prompt apart
  prefill          tokens a second over a prompt of 512 tokens
  t(8)             one pass over 8 tokens behind 256, the next token of each wanted (the stock model tells only the last)

llama.cpp is called through the low-level interface of llama-cpp-python and timed around its own calls: what Python does
between them (choosing the largest logit) counts for no side. A package that was compiled on this machine uses its
instruction set; a package that came compiled may not. The stock model runs in a program of this repository; without it
its column is left out.
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


class Stock:
    """candle-transformers' model, in a program that answers a line with a line: see `stock.rs`."""

    def __init__(self, program, model, threads):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        self.process = subprocess.Popen(
            [str(program), str(model)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, **question):
        print(json.dumps(question), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        return json.loads(answer) if answer else sys.exit("error: the stock model gave no answer")

    def decode(self, prompt, count):
        """Tokens a second of plain decoding, and the tokens."""
        answer = self.ask(prompt=prompt, count=count)
        return (count - 1) / sum(answer["passes"]), answer["tokens"]

    def prefill(self, prompt):
        """Tokens a second over a prompt."""
        return len(prompt) / self.ask(prompt=prompt, count=1)["prefill"]

    def passes(self, tokens, rounds):
        """Seconds of a pass over one token and over several, behind a context."""
        # Its cache cannot be cut, so the context grows by a few tokens.
        then = [tokens[CONTEXT : CONTEXT + count] for _ in range(rounds) for count in (1, BATCH)]
        times = self.ask(prompt=tokens[:CONTEXT], count=1, then=then)["then"]
        return {1: statistics.median(times[::2]), BATCH: statistics.median(times[1::2])}


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

    def __init__(self, name, unit, sides, scale=1.0):
        self.name, self.unit, self.scale = name, unit, scale
        self.values = {side: [] for side in sides}

    def add(self, **values):
        for side, value in values.items():
            self.values[side].append(value * self.scale)

    def ratios(self, peer):
        return [ours / theirs for ours, theirs in zip(self.values["foretoken"], self.values[peer])]

    def summary(self):
        medians = {side: statistics.median(values) for side, values in self.values.items()}
        ratios = {peer: self.ratios(peer) for peer in self.values if peer != "foretoken"}
        return {
            "name": self.name,
            "unit": self.unit,
            **medians,
            "ratio": {peer: statistics.median(values) for peer, values in ratios.items()},
            "ratios": ratios,
        }


def measure(sides, prompts, arguments):
    """All figures, and for each peer on how many prompts it says the same as foretoken."""
    ours, llama = sides["foretoken"], sides["llama_cpp"]
    peers = {side: engine for side, engine in sides.items() if side != "foretoken"}
    decoding = Figure("plain decoding", "tokens/s", sides)
    prefill = Figure(f"prefill of {PREFILL_TOKENS} tokens", "tokens/s", sides)
    one, several = (Figure(f"t({count})", "ms", sides, 1e3) for count in (1, BATCH))
    growth = Figure(f"t({BATCH})/t(1)", "", sides)
    long = llama.tokenize(PASSAGE * 12)[:PREFILL_TOKENS]
    passage = llama.text(long)
    same = {peer: set() for peer in peers}
    for round_ in range(arguments.rounds):
        for index, prompt in enumerate(prompts):
            progress(f"round {round_ + 1} of {arguments.rounds}, prompt {index + 1}")
            rate, tokens = ours.decode(prompt, arguments.tokens)
            decoding.add(foretoken=rate)
            for peer, engine in peers.items():
                rate, their_tokens = engine.decode(llama.tokenize(prompt), arguments.tokens)
                decoding.add(**{peer: rate})
                if their_tokens[: len(tokens)] == tokens:
                    same[peer].add(index)
        progress(f"round {round_ + 1} of {arguments.rounds}, prefill")
        rate, count = ours.prefill(passage)
        if abs(count - len(long)) > 2:
            print(f"warning: the passage has {count} and {len(long)} tokens", file=sys.stderr)
        prefill.add(foretoken=rate, **{peer: engine.prefill(long) for peer, engine in peers.items()})
        progress(f"round {round_ + 1} of {arguments.rounds}, passes")
        passes = {"foretoken": ours.passes(5), "llama_cpp": llama.passes(long, 9)}
        if "candle" in peers:
            passes["candle"] = peers["candle"].passes(long, 5)
        one.add(**{side: times[1] for side, times in passes.items()})
        several.add(**{side: times[BATCH] for side, times in passes.items()})
        growth.add(**{side: times[BATCH] / times[1] for side, times in passes.items()})
    progress("")
    figures = [figure.summary() for figure in (decoding, prefill, one, several, growth)]
    return figures, {peer: len(prompts) for peer, prompts in same.items()}


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
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each side")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each side")
    parser.add_argument("--tokens", type=int, default=64, help="tokens decoded of each prompt")
    parser.add_argument("--foretoken", type=Path, default=root / "target/release/foretoken")
    parser.add_argument("--stock", type=Path, default=root / "target/release/examples/stock")
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
    llama = Llama(arguments.model, arguments.threads, 0)
    longest = max(len(llama.tokenize(prompt)) for prompt in prompts)
    context = max(longest, PREFILL_TOKENS) + arguments.tokens + 64
    sides = {
        "foretoken": Foretoken(arguments.foretoken, arguments.model, arguments.threads, context),
        "llama_cpp": Llama(arguments.model, arguments.threads, context),
    }
    if arguments.stock.is_file():
        sides["candle"] = Stock(arguments.stock, arguments.model, arguments.threads)
    else:
        print(f"note: without candle's stock model: there is no {arguments.stock}", file=sys.stderr)
    figures, same = measure(sides, prompts, arguments)
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
    peers = [side for side in sides if side != "foretoken"]
    print(f"{'':24}{'foretoken':>12}" + "".join(f"{peer:>12}{'ratio':>8}" for peer in peers))
    for figure in figures:
        values = "".join(f"{figure[peer]:12.2f}{figure['ratio'][peer]:8.2f}" for peer in peers)
        print(f"{figure['name']:24}{figure['foretoken']:12.2f}{values}  {figure['unit']}")
    for peer in peers:
        print(f"{peer} says the same as foretoken on {same[peer]} of {len(prompts)} prompts.")


if __name__ == "__main__":
    main()
