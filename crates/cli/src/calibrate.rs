//! `foretoken calibrate`: how the time of a pass grows with its nodes.

use std::{
    fmt::Write,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use console::{Style, style};
use foretoken::{
    Model,
    candle::{Description, KvType, Level, catalogue::Cache},
    measure::{
        self, CostTable, Plan,
        cost::{self, ContextCosts, Store, Subject},
    },
};
use serde::Serialize;

use crate::{
    args::CalibrateArgs,
    exit::{Exit, complain, notice},
    interrupt::{Heeded, Interrupted},
    output, progress,
    session::Opened,
    table::Table,
};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    file_type: &'a str,
    cache: &'a str,
    machine: &'a str,
    threads: usize,
    level: &'a str,
    rounds: usize,
    /// Of reading memory, with all threads together; 10^9 bytes a second.
    bandwidth_gb_s: f64,
    contexts: Vec<Behind>,
    /// Where the times are kept; `null` if they could not be.
    kept_in: Option<&'a Path>,
}

/// Times behind one context.
#[derive(Serialize)]
struct Behind {
    context: usize,
    /// Bytes that any pass must read.
    bytes: u64,
    /// The time that reading them takes.
    floor_ms: f64,
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Point {
    n: usize,
    ms: f64,
    /// t(n)/t(1), or over the smallest n that was measured.
    ratio: f64,
}

impl Behind {
    fn new(costs: &ContextCosts, bytes: u64, bandwidth: f64) -> Self {
        let first = costs.points.first().map_or(1.0, |&(_, seconds)| seconds);
        let point =
            |&(n, seconds): &(usize, f64)| Point { n, ms: seconds * 1e3, ratio: seconds / first };
        let points = costs.points.iter().map(point).collect();
        Self { context: costs.context, bytes, floor_ms: bytes as f64 / bandwidth * 1e3, points }
    }
}

/// Runs the subcommand.
pub(crate) fn run(args: &CalibrateArgs) -> anyhow::Result<Exit> {
    let mut opened = Opened::open(&args.model)?;
    let mut plan = Plan::for_model(opened.loaded.model.info()).with_rounds(args.rounds.get())?;
    if !args.contexts.is_empty() {
        plan = plan.with_contexts(args.contexts.as_slice())?;
    }
    let subject = subject(&opened.loaded.description, opened.threads, args.model.kv.into());

    let bandwidth = measure::bandwidth(opened.threads);
    let table = measure_with_bar(&mut opened, &plan)?;
    let model = &opened.loaded.model;
    let contexts: Vec<Behind> = table
        .contexts()
        .iter()
        .map(|costs| Behind::new(costs, model.bytes_read(costs.context), bandwidth))
        .collect();
    let kept = keep(&subject, &table);
    let kept_in = kept.as_deref().ok();
    if args.json {
        output::print_json(&Report {
            model: &opened.name,
            file_type: &subject.file_type,
            cache: &subject.cache,
            machine: &subject.machine,
            threads: subject.threads,
            level: &subject.level,
            rounds: plan.rounds(),
            bandwidth_gb_s: bandwidth * 1e-9,
            contexts,
            kept_in,
        })?;
    } else {
        show(&opened, &plan, bandwidth, &contexts, kept_in)?;
    }
    if let Err(error) = kept {
        complain(&format!("the times are not kept: {error:#}"));
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

/// What a model's times are kept by: its own name, since the same file may be called in several ways.
pub(crate) fn subject(description: &Description, threads: NonZeroUsize, kv: KvType) -> Subject {
    Subject {
        model: description.name.clone(),
        file_type: description.file_type.clone(),
        bytes: description.bytes,
        cache: match kv {
            KvType::F32 => "f32",
            KvType::F16 => "f16",
        }
        .to_owned(),
        machine: cost::machine(),
        threads: threads.get(),
        level: Level::detect().to_string(),
    }
}

/// The times that were kept of it, if any were and can be read.
pub(crate) fn kept(subject: &Subject) -> Option<CostTable> {
    let cache = Cache::from_environment().ok()?;
    match Store::at(cache.calibrations()).load(subject) {
        Ok(table) => table,
        Err(error) => {
            notice(&format!("{error}. Until then typical times are assumed."));
            None
        }
    }
}

fn measure_with_bar(opened: &mut Opened, plan: &Plan) -> anyhow::Result<CostTable> {
    let _heeded = Heeded::begin();
    let bar = progress::rows("Measuring");
    let table = measure::calibrate(&mut opened.loaded.model, plan, &mut progress::watch(&bar));
    bar.finish_and_clear();
    Ok(table?.ok_or(Interrupted)?)
}

fn keep(subject: &Subject, table: &CostTable) -> anyhow::Result<PathBuf> {
    Ok(Store::at(Cache::from_environment()?.calibrations()).save(subject, table)?)
}

fn show(
    opened: &Opened,
    plan: &Plan,
    bandwidth: f64,
    contexts: &[Behind],
    kept_in: Option<&Path>,
) -> anyhow::Result<()> {
    let title = style(opened.title()).bold();
    let (threads, rounds, rate) = (opened.threads, plan.rounds(), bandwidth * 1e-9);
    let level = Level::detect();
    let mut text = format!(
        "{title}, {threads} threads, {level}, medians of {rounds} rounds; memory is read at {rate:.1} GB/s\n"
    );
    for Behind { context, bytes, floor_ms, points } in contexts {
        let megabytes = *bytes as f64 * 1e-6;
        writeln!(
            text,
            "\nContext {context}: a pass reads {megabytes:.0} MB, which takes {floor_ms:.1} ms\n"
        )?;
        let mut table = Table::new(["n", "t(n), ms", "t(n)/t(1)", "t(n)/floor"]);
        for Point { n, ms, ratio } in points {
            let times =
                [format!("{ms:.2}"), format!("{ratio:.2}"), format!("{:.2}", ms / floor_ms)];
            let [time, ratio, over] = times;
            table.row([n.to_string(), time, ratio, over], Style::new());
        }
        text.push_str(&table.render());
    }
    if let Some(path) = kept_in {
        writeln!(text, "\nKept in {}.", path.display())?;
    }
    output::print(&text)?;
    Ok(())
}
