//! `foretoken replay`: strategies scored on a trace.

use std::{collections::BTreeMap, fs::File, io::BufReader, path::Path};

use anyhow::{Context, bail};
use console::Style;
use foretoken::{
    CandidateSource, ContextCosts, CostTable, GuessAndVerify, Statistics,
    blocking::BlockingDecoder,
    decoder::{Calibration, Experience},
    memory::Memory,
    pool::TokenizerHash,
    replay::{self, ReplayModel, Trace},
};
use serde::{Deserialize, Serialize};

use crate::{
    args::ReplayArgs,
    compare,
    exit::Exit,
    interrupt::{self, Heeded},
    output, progress, session,
    strategy_list::{self, Named},
    table::Table,
    unended::Unended,
};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    traces: usize,
    strategies: Vec<Score>,
}

/// What one strategy came to.
#[derive(Serialize)]
struct Score {
    strategy: String,
    overall: Figures,
    tasks: BTreeMap<String, Figures>,
}

/// Totals over some traces.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Figures {
    tokens: usize,
    steps: usize,
    tokens_per_step: f64,
    nodes_per_step: f64,
    /// The time of plain decoding over the time of the strategy.
    speedup: f64,
    /// The same if wrong guesses cost nothing.
    ceiling: f64,
    /// Of proposing, observing and the like, in microseconds a step, on this machine.
    overhead_us: f64,
    #[serde(skip)]
    sums: Sums,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    nodes: usize,
    plain: f64,
    forward: f64,
    perfect: f64,
    overhead: f64,
}

impl Figures {
    fn add(&mut self, tokens: usize, plain: f64, perfect: f64, statistics: &Statistics) {
        self.tokens += tokens;
        self.steps += statistics.steps;
        let sums = &mut self.sums;
        sums.nodes += statistics.nodes;
        sums.plain += plain;
        sums.perfect += perfect;
        sums.forward += statistics.forward_time.as_secs_f64();
        sums.overhead += (statistics.propose_time + statistics.observe_time).as_secs_f64();
        let steps = self.steps.max(1) as f64;
        self.tokens_per_step = self.tokens as f64 / steps;
        self.nodes_per_step = sums.nodes as f64 / steps;
        self.speedup = sums.plain / sums.forward;
        self.ceiling = sums.plain / sums.perfect;
        self.overhead_us = sums.overhead / steps * 1e6;
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &ReplayArgs) -> anyhow::Result<Exit> {
    let cost = cost(&args.cost)?;
    let strategies = if args.strategies.is_empty() {
        strategy_list::parse(&[compare::DEFAULT_STRATEGIES.to_owned()])?
    } else {
        strategy_list::parse(&args.strategies)?
    };
    let shown = args.trace.display();
    let file = File::open(&args.trace).with_context(|| format!("cannot read the trace {shown}"))?;
    let (header, mut traces) =
        replay::read(BufReader::new(file)).with_context(|| format!("{shown}"))?;
    if args.cut_loops {
        let cut = |trace: Trace| match replay::loop_start(&trace.tokens) {
            Some(start) => trace.cut(start),
            None => trace,
        };
        traces = traces.into_iter().map(cut).collect();
    }
    let heeded = Heeded::begin();
    let bar = progress::prompts("Replaying", traces.len() * strategies.len());
    let mut scores = Vec::new();
    for named in strategies {
        let Some(score) = score(&named, &traces, &cost, args, &bar)? else {
            break;
        };
        scores.push(score);
    }
    bar.finish_and_clear();
    drop(heeded);
    let report = Report { model: &header.model, traces: traces.len(), strategies: scores };
    if args.json {
        output::print_json(&report)?;
    } else {
        show(&report)?;
    }
    Ok(if interrupt::asked() { Exit::Interrupted } else { Exit::Done })
}

/// Decodes all traces with one strategy; `None` if Ctrl-C cut it short.
fn score(
    named: &Named,
    traces: &[Trace],
    cost: &CostTable,
    args: &ReplayArgs,
    bar: &indicatif::ProgressBar,
) -> anyhow::Result<Option<Score>> {
    let (strategy, spec) = (named.text.clone(), &named.spec);
    let (mut overall, mut tasks) = (Figures::default(), BTreeMap::<String, Figures>::new());
    // Nothing of it is written to a file, so any tokenizer will do.
    let shared = args.shared_pool && !named.is_plain();
    let memory = shared.then(|| Memory::new(TokenizerHash::from(0), "replay"));
    let build = || memory.as_ref().map_or_else(|| spec.build(), |memory| memory.source(spec));
    let mut source = build();
    let fresh = Experience::new(cost.clone(), Calibration::default());
    let mut experience = fresh.clone();
    let config = session::config(args.verify);
    for trace in traces {
        if interrupt::asked() {
            return Ok(None);
        }
        bar.inc(1);
        if trace.tokens.is_empty() {
            continue;
        }
        if args.fresh {
            source = build();
            experience = fresh.clone();
        }
        // The ceiling is that of the same drafts: a copy of the source makes them.
        let perfect_config =
            config.with_budget(foretoken::decoder::BudgetMode::Fixed).with_max_nodes(256);
        let mut model = ReplayModel::new(trace, cost.clone()).with_perfect_stopping();
        let mut copy = source.fork();
        // What the copy says must not be in a shared pool when the source decodes the same.
        let mut decoder =
            GuessAndVerify::new(&mut model, Unended(&mut *copy)).with_config(perfect_config);
        let perfect = decoder.decode_blocking(&trace.request(), &mut ())?;
        let perfect = perfect.statistics.forward_time.as_secs_f64();

        let mut model = ReplayModel::new(trace, cost.clone());
        let mut decoder = GuessAndVerify::new(&mut model, &mut source)
            .with_config(config)
            .with_experience(experience);
        let output = decoder.decode_blocking(&trace.request(), &mut ())?;
        experience = decoder.experience();
        if output.tokens != trace.tokens {
            bail!("{strategy} said something else than the trace {}: please report this", trace.id);
        }
        let context = trace.prompt.len() - 1;
        let plain: f64 =
            (0..trace.tokens.len()).map(|index| cost.seconds(1, context + index)).sum();
        for figures in [&mut overall, tasks.entry(trace.task.clone()).or_default()] {
            figures.add(trace.tokens.len(), plain, perfect, &output.statistics);
        }
    }
    Ok(Some(Score { strategy, overall, tasks }))
}

/// `c=X`, or the file that `foretoken calibrate --json` printed.
fn cost(text: &str) -> anyhow::Result<CostTable> {
    #[derive(Deserialize)]
    struct Calibrated {
        contexts: Vec<Behind>,
    }
    #[derive(Deserialize)]
    struct Behind {
        context: usize,
        points: Vec<Point>,
    }
    #[derive(Deserialize)]
    struct Point {
        n: usize,
        ms: f64,
    }
    if let Some(share) = text.strip_prefix("c=") {
        let share: f64 =
            share.parse().with_context(|| format!("--cost {text}: {share} is no number"))?;
        return CostTable::linear(0.01, share).with_context(|| format!("--cost {text}"));
    }
    let read =
        || format!("--cost takes c=X or a file of `foretoken calibrate --json`; {text} is neither");
    let file = std::fs::read_to_string(Path::new(text)).with_context(read)?;
    let Calibrated { contexts } = serde_json::from_str(&file).with_context(read)?;
    let row = |behind: Behind| ContextCosts {
        context: behind.context,
        points: behind.points.into_iter().map(|point| (point.n, point.ms * 1e-3)).collect(),
    };
    CostTable::new(contexts.into_iter().map(row).collect()).with_context(read)
}

fn show(report: &Report<'_>) -> anyhow::Result<()> {
    let mut table = Table::new([
        "strategy",
        "task",
        "tokens/step",
        "nodes/step",
        "speedup",
        "ceiling",
        "overhead µs",
    ]);
    for score in &report.strategies {
        let all = (&"all".to_owned(), &score.overall);
        for (task, figures) in std::iter::once(all).chain(&score.tasks) {
            let first = task == "all";
            let cells = [
                if first { score.strategy.clone() } else { String::new() },
                task.clone(),
                format!("{:.2}", figures.tokens_per_step),
                format!("{:.2}", figures.nodes_per_step),
                format!("{:.3}", figures.speedup),
                format!("{:.3}", figures.ceiling),
                format!("{:.0}", figures.overhead_us),
            ];
            let style = if first { Style::new() } else { Style::new().dim() };
            table.row(cells, style);
        }
    }
    let heading = format!("{}, {} traces\n\n", report.model, report.traces);
    output::print(&(heading + &table.render()))?;
    Ok(())
}
