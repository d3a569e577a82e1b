//! Replays against the models that were recorded.

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{CandidateSource, CostTable, Generation, Request};
use foretoken_decoder::{BudgetMode, Config, GuessAndVerify, cost_prior};
use foretoken_pool::{NgramPool, PromptLookup};
use foretoken_replay::{ReplayModel, Trace, TraceError, TraceHeader, read, record, write};
use foretoken_testkit::toy::{ToyConfig, ToyModel};
use proptest::prelude::*;

fn toy(copying: bool, seed: u64) -> ToyModel {
    let copying = if copying { 3 } else { 0 };
    ToyModel::new(ToyConfig { seed, copying, ..ToyConfig::default() })
}

fn decode(
    model: &mut dyn foretoken_core::Model,
    source: Box<dyn CandidateSource>,
    request: &Request,
) -> Generation {
    let config = Config::default().with_budget(BudgetMode::Fixed);
    let mut decoder = GuessAndVerify::new(model, source).with_config(config);
    decoder.decode_blocking(request, &mut ()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sources_that_look_at_the_text_score_as_on_the_model(
        prompt in prop::collection::vec(0..12u32, 1..20),
        copying in any::<bool>(),
        seed in 0..50u64,
        tokens in 1..60usize,
    ) {
        let mut model = toy(copying, seed);
        let trace = record(&mut model, &prompt, tokens, 4).unwrap();
        let sources: [Box<dyn CandidateSource>; 2] =
            [Box::new(PromptLookup::default()), Box::new(NgramPool::default())];
        for source in sources {
            let real = decode(&mut model, source.fork(), &trace.request());
            let mut replay = ReplayModel::new(&trace, cost_prior());
            let replayed = decode(&mut replay, source, &trace.request());
            prop_assert_eq!(&real.tokens, &trace.tokens);
            prop_assert_eq!(&replayed.tokens, &trace.tokens);
            prop_assert_eq!(replayed.statistics.steps, real.statistics.steps);
            prop_assert_eq!(replayed.statistics.nodes, real.statistics.nodes);
        }
    }
}

#[test]
fn the_clock_is_the_tables() {
    let trace = record(&mut toy(true, 1), &[1, 2, 3, 1, 2], 50, 4).unwrap();
    let cost = CostTable::linear(0.5, 0.25).unwrap();
    let source = || Box::new(PromptLookup::default());
    let mut model = ReplayModel::new(&trace, cost.clone());
    let output = decode(&mut model, source(), &trace.request());
    let statistics = &output.statistics;
    let nodes = statistics.nodes as f64;
    let expected = 0.5 * (statistics.steps as f64 + 0.25 * (nodes - statistics.steps as f64));
    assert!((statistics.forward_time.as_secs_f64() - expected).abs() < 1e-6);

    let mut perfect = ReplayModel::new(&trace, cost).with_perfect_stopping();
    let output = decode(&mut perfect, source(), &trace.request());
    let accepted = (trace.tokens.len() - output.statistics.steps) as f64;
    let ideal = 0.5 * (output.statistics.steps as f64 + 0.25 * accepted);
    assert!((output.statistics.forward_time.as_secs_f64() - ideal).abs() < 1e-6);
}

#[test]
fn files_come_back_and_damage_is_named() {
    let trace = record(&mut toy(false, 3), &[5, 6], 10, 3).unwrap();
    let mut file = Vec::new();
    write(&mut file, &TraceHeader::new("toy"), [&trace, &trace.clone().cut(4)]).unwrap();
    let (header, traces) = read(&file[..]).unwrap();
    assert_eq!((header.model.as_str(), traces.len()), ("toy", 2));
    assert_eq!(traces[0], trace);
    assert_eq!(traces[1].tokens, trace.tokens[..4]);

    assert!(matches!(read(&b"{}"[..]), Err(TraceError::Header)));
    assert!(matches!(read(&b""[..]), Err(TraceError::Header)));
    let cut = &file[..file.len() - 20];
    assert!(matches!(read(cut), Err(TraceError::Line { line: 3, .. })));
    let damages: [fn(&mut Trace); 4] = [
        |wrong| wrong.tokens[2] = (wrong.tokens[2] + 1) % 12,
        |wrong| wrong.predictions[0].clear(),
        |wrong| wrong.predictions[0][1].0 = 12,
        |wrong| wrong.vocabulary = usize::MAX,
    ];
    for damage in damages {
        let mut wrong = trace.clone();
        damage(&mut wrong);
        let mut file = Vec::new();
        write(&mut file, &TraceHeader::new("toy"), [&wrong]).unwrap();
        assert!(matches!(read(&file[..]), Err(TraceError::Line { line: 2, .. })));
    }
}
