//! `foretoken bench`: strategies side by side on many prompts.

mod contestant;
mod conversation;
mod folder;
mod measurement;
mod rounds;
mod table;
mod trees;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, bail};

use foretoken::{
    Model, Sampling,
    decoder::{Experience, cost_prior},
};
use foretoken_report::{Record, Setting, Summary};

use crate::{
    args::{BenchArgs, Budget},
    calibrate,
    dataset::{self, Item},
    exit::{Exit, complain},
    interrupt::{self, Heeded},
    output,
    session::Opened,
    strategy_list::{self, Named},
};
use contestant::Contestant;
use folder::Folder;
use measurement::Measurement;

/// Runs the subcommand.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Exit> {
    let sampling = args.sampling.settings()?;
    let items = dataset::read(&args.prompts)?;
    let strategies = strategies(args)?;
    fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot write results to {}", args.out.display()))?;
    let opened = Opened::open(&args.model)?;
    sampling.validate_for(opened.loaded.model.info().vocabulary)?;
    let folder = Folder::open(&args.out, setting(args, &opened, &strategies, sampling))?;
    let contestants = contestants(strategies, &folder, args);
    let resumed = !folder.records.is_empty();
    let traced = traced(&items, args.traces);
    let mut measurement =
        Measurement { args, opened, folder, contestants, traced, resumed, warm: false };
    measurement.recall(&items)?;

    let heeded = Heeded::begin();
    let unasked = measurement.measure(&items)?;
    drop(heeded);
    unasked.tell();
    let Measurement { opened, folder, .. } = measurement;
    if folder.records.is_empty() {
        if interrupt::asked() {
            return Ok(Exit::Interrupted);
        }
        bail!(
            "no prompt fits in the context: shorten them, or give a larger --context if the model allows it"
        );
    }
    let summary = Summary::new(&folder.records, &folder.setting.strategies);
    folder.add_summary(&summary)?;
    foretoken_report::html::write(&args.out)?;
    complain_of_differences(&folder.records);
    if args.json {
        output::print_json(&summary)?;
    } else {
        let table = table::render(&opened.title(), &folder.setting, &summary);
        output::print(&(table + "report.html in that folder shows all of it.\n"))?;
    }
    Ok(match () {
        () if !summary.identical() => Exit::Differs,
        () if interrupt::asked() => Exit::Interrupted,
        () => Exit::Done,
    })
}

/// Plain decoding first, then the others.
fn strategies(args: &BenchArgs) -> anyhow::Result<Vec<Named>> {
    let mut strategies = strategy_list::parse(&args.strategies)?;
    let baseline = strategy_list::baseline(&mut strategies)?.index;
    strategies.swap(0, baseline);
    Ok(strategies)
}

/// What is about to be measured, but for the bandwidth of memory.
fn setting(args: &BenchArgs, opened: &Opened, strategies: &[Named], sampling: Sampling) -> Setting {
    let model = &opened.loaded.model;
    let subject =
        calibrate::subject(&opened.loaded.description, opened.threads, args.model.kv.into());
    let mut setting = Setting::default();
    setting.version = String::from(env!("CARGO_PKG_VERSION"));
    setting.model.clone_from(&opened.name);
    setting.file_type = subject.file_type;
    setting.machine = subject.machine;
    setting.level = subject.level;
    setting.threads = subject.threads;
    setting.max_new_tokens = args.max_new_tokens.get();
    setting.context = model.info().context_length;
    setting.cache = subject.cache;
    setting.runs = args.runs.get();
    setting.sampling = sampling;
    setting.budget = String::from(match args.verify.budget {
        Budget::Adaptive => "adaptive",
        Budget::Fixed => "fixed",
    });
    setting.max_nodes = args.verify.max_nodes.into();
    setting.shared_pool = args.shared_pool;
    setting.strategies = strategies.iter().map(|named| named.text.clone()).collect();
    setting.costs.clone_from(&opened.costs);
    setting.weight_bytes = model.bytes_read(0);
    setting
}

/// The strategies, with what they had learned if the folder is gone on with.
fn contestants(strategies: Vec<Named>, folder: &Folder, args: &BenchArgs) -> Vec<Contestant> {
    let mut learned = folder.learned();
    let contestant = |named: Named| {
        let costs = folder.setting.costs.clone().unwrap_or_else(cost_prior);
        let calibration = learned.remove(&named.text).unwrap_or_default();
        Contestant::new(named, Experience::new(costs, calibration), args.shared_pool)
    };
    strategies.into_iter().map(contestant).collect()
}

/// The ids of the first prompts of each task.
fn traced(items: &[Item], of_each: usize) -> BTreeSet<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut first = BTreeSet::new();
    for item in items {
        let count = seen.entry(&item.task).or_default();
        *count += 1;
        if *count <= of_each {
            first.insert(item.id.clone());
        }
    }
    first
}

fn complain_of_differences(records: &[Record]) {
    for record in records {
        for run in record.runs.iter().filter(|run| !run.identical) {
            complain(&format!(
                "{} said something else than plain decoding to {}, turn {}",
                run.strategy,
                record.id,
                record.turn + 1
            ));
        }
    }
}
