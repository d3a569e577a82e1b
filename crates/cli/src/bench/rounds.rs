//! All strategies on one prompt.

use foretoken::{
    Generation, Request,
    candle::{CandleModel, Tokenizer},
    decoder::Config,
    replay::loop_start,
};
use foretoken_report::{Run, Steps};

use super::{contestant::Contestant, trees::Trees, watch::Watch};
use crate::interrupt;

/// Tokens of the run before the measured ones, which only warms the machine up.
const WARM_UP: usize = 32;

/// How a prompt is decoded.
pub(super) struct Plan<'a> {
    pub(super) request: &'a Request,
    pub(super) config: Config,
    /// Measured runs of each strategy.
    pub(super) runs: usize,
    /// The index of the strategy that begins: in turn from prompt to prompt.
    pub(super) first: usize,
}

/// A whole run.
type Whole = (Generation, Watch);

/// Lets every strategy decode a little, as it will when it is measured, and learn nothing.
///
/// # Errors
/// What decoding says.
pub(super) fn warm_up(
    model: &mut CandleModel,
    contestants: &[Contestant],
    plan: &Plan<'_>,
) -> anyhow::Result<()> {
    let short = plan.request.clone();
    let most = WARM_UP.min(short.max_new_tokens);
    let short = short.with_max_new_tokens(most);
    for one in contestants {
        one.copy().run(model, &short, plan.config, &mut Watch::default())?;
    }
    Ok(())
}

/// Runs every strategy once a round, one beginning after the other from round to round. The last run of each is the one
/// that it learns from; the others are those of copies that know what it knew before. `None` if Ctrl-C came.
///
/// # Errors
/// What decoding says.
pub(super) fn measure(
    model: &mut CandleModel,
    contestants: &mut [Contestant],
    plan: &Plan<'_>,
) -> anyhow::Result<Option<Vec<Vec<Whole>>>> {
    let count = contestants.len();
    let mut wholes: Vec<Vec<Whole>> = Vec::new();
    wholes.resize_with(count, Vec::new);
    for round in 0..plan.runs {
        for turn in 0..count {
            let chosen = (plan.first + round + turn) % count;
            let mut watch = Watch::default();
            let one = &mut contestants[chosen];
            let generation = if round + 1 == plan.runs {
                one.run(model, plan.request, plan.config, &mut watch)?
            } else {
                one.copy().run(model, plan.request, plan.config, &mut watch)?
            };
            if interrupt::asked() {
                return Ok(None);
            }
            wholes[chosen].push((generation, watch));
        }
    }
    Ok(Some(wholes))
}

/// The run of each strategy whose time is the median; the first strategy is plain decoding, whose tokens count.
pub(super) fn runs(contestants: &[Contestant], wholes: Vec<Vec<Whole>>) -> Vec<Run> {
    let tokens = wholes[0][0].0.tokens.clone();
    let cut = loop_start(&tokens).unwrap_or(tokens.len());
    let run = |(one, wholes): (&Contestant, Vec<Whole>)| {
        let identical = wholes.iter().all(|(generation, _)| generation.tokens == tokens);
        let (generation, watch) = median(wholes);
        let statistics = generation.statistics;
        let (steps_loops_cut, nodes_loops_cut) = watch.steps(cut);
        Run {
            strategy: one.name.clone(),
            identical,
            seconds: watch.seconds(generation.tokens.len()),
            prefill_seconds: statistics.prefill_time.as_secs_f64(),
            seconds_loops_cut: watch.seconds(cut),
            steps: statistics.steps,
            nodes: statistics.nodes,
            steps_loops_cut,
            nodes_loops_cut,
            forward_seconds: statistics.forward_time.as_secs_f64(),
            walk_seconds: statistics.walk_time.as_secs_f64(),
            commit_seconds: statistics.commit_time.as_secs_f64(),
            propose_seconds: statistics.propose_time.as_secs_f64(),
            observe_seconds: statistics.observe_time.as_secs_f64(),
            sources: statistics.sources,
        }
    };
    contestants.iter().zip(wholes).map(run).collect()
}

/// The run in the middle by time; the faster one of the two of an even number.
fn median(mut wholes: Vec<Whole>) -> Whole {
    let seconds = |(generation, watch): &Whole| watch.seconds(generation.tokens.len());
    wholes.sort_by(|a, b| seconds(a).total_cmp(&seconds(b)));
    wholes.swap_remove((wholes.len() - 1) / 2)
}

/// Decodes the prompt once more with what strategies knew before it, and notes their trees: looking at trees takes time
/// that measured runs are not to have. `None` if Ctrl-C came.
///
/// # Errors
/// What decoding says.
pub(super) fn trees(
    model: &mut CandleModel,
    tokenizer: &Tokenizer,
    before: Vec<Contestant>,
    plan: &Plan<'_>,
) -> anyhow::Result<Option<Vec<Steps>>> {
    let mut all = Vec::new();
    for mut one in before {
        let mut trees = Trees::new(tokenizer);
        one.run(model, plan.request, plan.config, &mut trees)?;
        if interrupt::asked() {
            return Ok(None);
        }
        all.push(Steps { strategy: one.name, ..trees.finish() });
    }
    Ok(Some(all))
}
