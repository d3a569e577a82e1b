//! A results folder that nobody measured: plausible figures from a formula, for tests and for work on the page.

mod texts;

use std::{fs, path::Path};

use foretoken_core::{DepthCount, SourceStatistics};
use foretoken_report::{Record, append};
use serde_json::{Value, json};

/// Tasks, and how predictable their texts are.
const TASKS: [(&str, f64); 8] = [
    ("humaneval", 0.62),
    ("gsm8k", 0.58),
    ("math_reasoning", 0.52),
    ("mt_bench", 0.3),
    ("qa", 0.36),
    ("rag", 0.66),
    ("summarization", 0.5),
    ("translation", 0.22),
];

/// Strategies, with their sources, how good their guesses are, how many they make, and what making them costs in plain steps.
const STRATEGIES: [(&str, &[&str], f64, f64, f64); 6] = [
    ("autoregressive", &[], 0.0, 0.0, 0.0),
    ("auto", &["suffix", "recycling", "lookahead"], 1.0, 2.4, 0.03),
    ("suffix", &["suffix"], 0.86, 1.9, 0.01),
    ("recycling", &["recycling"], 0.72, 1.7, 0.02),
    ("prompt-lookup", &["prompt-lookup"], 0.7, 2.2, 0.004),
    ("lookahead:w=5,n=4,g=5", &["lookahead"], 0.75, 6.5, 0.05),
];

/// Prompts of each task.
const PROMPTS: usize = 5;

/// Seconds of a plain step.
const PLAIN: f64 = 0.0078;

/// A stream of numbers that look random, the same in every run.
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Between 0 and 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The setting, as its file has it.
pub(crate) fn setting() -> Value {
    let points = |base: f64, slope: f64| -> Value {
        let time =
            |nodes: f64| base + slope * (nodes - 1.0) + if nodes > 8.0 { 0.001 } else { 0.0 };
        [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
            .map(|nodes: u32| json!([nodes, time(f64::from(nodes))]))
            .to_vec()
            .into()
    };
    json!({
        "version": "0.1.0", "model": "Synthetic-135M (made up)", "file_type": "Q4_1",
        "machine": "No machine: figures from a formula", "level": "avx512vnni", "threads": 2,
        "max_new_tokens": 200, "sampling": {}, "budget": "adaptive", "max_nodes": 64, "shared_pool": false,
        "strategies": STRATEGIES.map(|strategy| strategy.0), "bandwidth_gb_s": 17.5, "weight_bytes": 98_000_000,
        "costs": {"contexts": [
            {"context": 256, "points": points(0.0071, 0.00042)},
            {"context": 1024, "points": points(0.0078, 0.00055)},
            {"context": 2048, "points": points(0.0091, 0.00074)},
        ]},
    })
}

/// All records.
pub(crate) fn records() -> Vec<Record> {
    let mut numbers = Numbers(7);
    let mut records = Vec::new();
    for (task, predictable) in TASKS {
        for number in 0..PROMPTS {
            let tokens = 60 + (numbers.share() * 140.0) as usize;
            let predictable = (predictable + (numbers.share() - 0.5) * 0.4).clamp(0.05, 0.9);
            let loops = number == 3 && predictable > 0.5;
            let runs =
                STRATEGIES.map(|strategy| run(strategy, task, tokens, predictable, &mut numbers));
            let record = json!({
                "id": format!("{task}/{number}"),
                "task": task,
                "turn": 0,
                "prompt_tokens": 80 + (numbers.share() * 300.0) as usize,
                "tokens": (0..tokens).collect::<Vec<_>>(),
                "loop_start": loops.then_some(tokens / 2),
                "runs": runs,
            });
            records.push(serde_json::from_value(record).unwrap());
        }
    }
    records
}

fn run(
    (name, sources, quality, guesses, price): (&str, &[&str], f64, f64, f64),
    task: &str,
    tokens: usize,
    predictable: f64,
    numbers: &mut Numbers,
) -> Value {
    // Lookup of quotes shines on code.
    let quality = if (name, task) == ("suffix", "humaneval") { 1.12 } else { quality };
    let chance = predictable * quality * (0.9 + 0.2 * numbers.share());
    let yields = 1.0 + chance / (1.0 - chance.min(0.8)) * 0.75;
    let guesses = guesses * (0.4 + chance);
    let steps = ((tokens as f64 / yields) as usize).max(1);
    let noise = 0.97 + 0.06 * numbers.share();
    let forward = steps as f64 * PLAIN * (1.0 + 0.055 * guesses) * noise;
    let around = steps as f64 * PLAIN * price;
    let accepted = tokens - steps;
    let source = |(index, source): (usize, &&str)| {
        let by_depth = (0..6).map(|depth| {
            let share = (0.42 - 0.13 * index as f64) * 0.62f64.powi(depth);
            let right = (accepted as f64 * share) as usize;
            let rate = (0.86 - 0.14 * index as f64) * 0.91f64.powi(depth) * (0.4 + 0.6 * chance);
            DepthCount { proposed: (right as f64 / rate) as usize, accepted: right }
        });
        let mut statistics = SourceStatistics::default();
        (*source).clone_into(&mut statistics.name);
        statistics.by_depth = by_depth.collect();
        statistics.proposed = statistics.by_depth.iter().map(|depth| depth.proposed).sum();
        statistics.accepted = statistics.by_depth.iter().map(|depth| depth.accepted).sum();
        statistics
    };
    let [walk, commit] = [0.006, 0.004].map(|share| steps as f64 * PLAIN * share);
    let seconds = forward + around + walk + commit + steps as f64 * 1e-5;
    json!({
        "strategy": name,
        "identical": true,
        "seconds": seconds,
        "prefill_seconds": 0.1,
        "seconds_loops_cut": seconds * if numbers.share() < 0.1 { 0.7 } else { 1.0 },
        "steps": steps,
        "nodes": steps + (steps as f64 * guesses) as usize,
        "propose_seconds": around * 0.7,
        "forward_seconds": forward,
        "walk_seconds": walk,
        "commit_seconds": commit,
        "observe_seconds": around * 0.3,
        "sources": sources.iter().enumerate().map(source).collect::<Vec<_>>(),
    })
}

/// Writes the whole folder, a page apart.
pub(crate) fn write(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join("setting.json"), setting().to_string()).unwrap();
    let path = dir.join("results.jsonl");
    let _ = fs::remove_file(&path);
    let (mut file, _) = foretoken_report::open(&path).unwrap();
    for record in records() {
        append(&mut file, &record).unwrap();
    }
    let lines =
        texts::traces().into_iter().map(|trace| serde_json::to_string(&trace).unwrap() + "\n");
    fs::write(dir.join("steps.jsonl"), lines.collect::<String>()).unwrap();
}
