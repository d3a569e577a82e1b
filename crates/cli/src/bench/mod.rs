//! `foretoken bench`: strategies side by side on many prompts.

mod watch;

use std::{fs, path::Path};

use anyhow::{Context, bail};
use console::Style;
use foretoken::{
    CandidateSource, GuessAndVerify, Model, Request, Sampling, Strategy,
    blocking::BlockingDecoder,
    decoder::Experience,
    pool::{SharedPool, SharedPoolConfig},
    replay::loop_start,
    strategy::Auto,
};
use foretoken_report::{Record, Run, Summary};

use crate::{
    args::{BenchArgs, PromptArgs},
    dataset::{self, Item},
    exit::{Exit, complain, notice},
    interrupt::{self, Heeded},
    output, progress, prompt, session,
    session::Opened,
    strategy_list::{self, Named},
    table::Table,
};
use watch::Watch;

/// Tokens of the run before the measured ones, which only warms the machine up.
const WARM_UP: usize = 16;

/// A strategy with what it keeps from prompt to prompt.
struct Contestant {
    name: String,
    source: Box<dyn CandidateSource>,
    experience: Experience,
}

/// Runs the subcommand.
pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Exit> {
    let sampling = args.sampling.settings()?;
    let items = dataset::read(&args.prompts)?;
    let strategies = strategies(args)?;
    let names: Vec<String> = strategies.iter().map(|named| named.text.clone()).collect();
    let cannot = || format!("cannot write results to {}", args.out.display());
    fs::create_dir_all(&args.out).with_context(cannot)?;
    let (mut file, mut records) =
        foretoken_report::open(&args.out.join("results.jsonl")).with_context(cannot)?;
    if let Some(record) = records.first()
        && !record.runs.iter().map(|run| &run.strategy).eq(&names)
    {
        bail!(
            "{} holds results of other strategies: give another --out, or the same --strategies",
            args.out.display()
        );
    }
    let mut opened = Opened::open(&args.model)?;
    sampling.validate_for(opened.loaded.model.info().vocabulary)?;
    let mut contestants = contestants(strategies, &opened, args)?;

    let heeded = Heeded::begin();
    let bar = progress::prompts("Measuring", items.len());
    let (mut left_out, mut differs) = (0, false);
    for (index, item) in items.iter().enumerate() {
        if records.iter().any(|record| record.id == item.id) {
            bar.inc(1);
            continue;
        }
        let Some(record) = measure(&mut opened, &mut contestants, item, index, &sampling, args)?
        else {
            if interrupt::asked() {
                break;
            }
            left_out += 1;
            continue;
        };
        for run in record.runs.iter().filter(|run| !run.identical) {
            complain(&format!(
                "{} said something else than plain decoding to {}",
                run.strategy, record.id
            ));
            differs = true;
        }
        foretoken_report::append(&mut file, &record).with_context(cannot)?;
        records.push(record);
        bar.inc(1);
    }
    bar.finish_and_clear();
    drop(heeded);
    if left_out > 0 {
        notice(&format!("{left_out} prompts are left out: they do not fit in the context."));
    }
    let summary = Summary::new(&records, &names);
    save(&args.out.join("summary.json"), &summary)?;
    if args.json {
        output::print_json(&summary)?;
    } else {
        show(&opened.title(), &summary)?;
    }
    Ok(match () {
        () if differs => Exit::Differs,
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

fn contestants(
    strategies: Vec<Named>,
    opened: &Opened,
    args: &BenchArgs,
) -> anyhow::Result<Vec<Contestant>> {
    let contestant = |named: Named| -> anyhow::Result<Contestant> {
        let source: Box<dyn CandidateSource> = if args.shared_pool && named.text == Auto::NAME {
            Box::new(
                Auto::default().with_shared(SharedPool::new("bench", SharedPoolConfig::default())?),
            )
        } else {
            named.spec.build()
        };
        Ok(Contestant { name: named.text, source, experience: opened.experience.clone() })
    };
    strategies.into_iter().map(contestant).collect()
}

/// All strategies on one prompt, one beginning after the other from prompt to prompt; `None` if it does not fit in the
/// context, or if Ctrl-C came.
fn measure(
    opened: &mut Opened,
    contestants: &mut [Contestant],
    item: &Item,
    index: usize,
    sampling: &Sampling,
    args: &BenchArgs,
) -> anyhow::Result<Option<Record>> {
    let prompt = prompt::encode(&opened.loaded, &PromptArgs::default(), &item.turns[0])?;
    if prompt.len() >= opened.loaded.model.info().context_length {
        return Ok(None);
    }
    let request = Request::new(prompt)
        .with_max_new_tokens(args.max_new_tokens.get())
        .with_sampling(sampling.clone());
    let config = session::config(args.verify);
    if index == 0 {
        let short = request.clone().with_max_new_tokens(WARM_UP);
        let plain = contestants[0].source.fork();
        GuessAndVerify::new(&mut opened.loaded.model, plain).decode_blocking(&short, &mut ())?;
    }
    let count = contestants.len();
    let mut outputs: Vec<Option<(foretoken::Generation, Watch)>> = Vec::new();
    outputs.resize_with(count, || None);
    for turn in 0..count {
        let chosen = (index + turn) % count;
        let one = &mut contestants[chosen];
        let mut watch = Watch::default();
        let mut decoder = GuessAndVerify::new(&mut opened.loaded.model, &mut one.source)
            .with_config(config)
            .with_experience(std::mem::take(&mut one.experience));
        let generation = decoder.decode_blocking(&request, &mut watch)?;
        one.experience = decoder.experience();
        if interrupt::asked() {
            return Ok(None);
        }
        outputs[chosen] = Some((generation, watch));
    }
    let outputs: Vec<(foretoken::Generation, Watch)> = outputs.into_iter().flatten().collect();
    let tokens = outputs[0].0.tokens.clone();
    let loop_start = loop_start(&tokens);
    let run = |(one, (generation, watch)): (&Contestant, &(foretoken::Generation, Watch))| {
        let statistics = &generation.statistics;
        Run {
            strategy: one.name.clone(),
            identical: generation.tokens == tokens,
            seconds: watch.seconds(generation.tokens.len()),
            prefill_seconds: statistics.prefill_time.as_secs_f64(),
            seconds_loops_cut: watch.seconds(loop_start.unwrap_or(tokens.len())),
            steps: statistics.steps,
            nodes: statistics.nodes,
            forward_seconds: statistics.forward_time.as_secs_f64(),
            walk_seconds: statistics.walk_time.as_secs_f64(),
            commit_seconds: statistics.commit_time.as_secs_f64(),
            propose_seconds: statistics.propose_time.as_secs_f64(),
            observe_seconds: statistics.observe_time.as_secs_f64(),
            sources: statistics.sources.clone(),
        }
    };
    let runs = contestants.iter().zip(&outputs).map(run).collect();
    Ok(Some(Record {
        id: item.id.clone(),
        task: item.task.clone(),
        turn: 0,
        prompt_tokens: request.prompt.len(),
        tokens,
        loop_start,
        runs,
    }))
}

/// Replaces the file whole.
fn save(path: &Path, summary: &Summary) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let temporary = path.with_extension("json.part");
    fs::write(&temporary, serde_json::to_string_pretty(summary)? + "\n").with_context(cannot)?;
    fs::rename(&temporary, path).with_context(cannot)
}

fn show(title: &str, summary: &Summary) -> anyhow::Result<()> {
    let mut table = Table::new([
        "strategy",
        "task",
        "tokens",
        "tokens/s",
        "speedup",
        "loops cut",
        "5% below",
        "tokens/step",
        "nodes/step",
        "identical",
    ]);
    for strategy in &summary.strategies {
        let all = ("all".to_owned(), &strategy.overall);
        let tasks = strategy.tasks.iter().map(|(task, figures)| (task.clone(), figures));
        for (task, figures) in std::iter::once(all).chain(tasks) {
            let first = task == "all";
            let cells = [
                if first { strategy.strategy.clone() } else { String::new() },
                task,
                figures.tokens.to_string(),
                format!("{:.1}", figures.tokens as f64 / figures.seconds),
                format!("{:.3}", figures.speedup),
                format!("{:.3}", figures.speedup_loops_cut),
                format!("{:.2}", figures.speedup_p5),
                format!("{:.2}", figures.tokens_per_step),
                format!("{:.2}", figures.nodes_per_step),
                if figures.identical { "yes" } else { "NO" }.to_owned(),
            ];
            table.row(cells, if first { Style::new() } else { Style::new().dim() });
        }
    }
    output::print(&format!("{title}\n\n{}", table.render()))?;
    Ok(())
}
