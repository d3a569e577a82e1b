//! `foretoken pool`: files of what followed what.

use std::{fmt::Write, fs, num::NonZeroUsize, path::Path};

use anyhow::{Context, bail};
use console::style;
use foretoken::{
    Token,
    candle::{LoadOptions, Tokenizer, load, tokenizer::Special},
    pool::{PoolFile, SharedPool, SharedPoolConfig, TokenizerHash},
};

use crate::{
    args::{PoolBuildArgs, PoolCommand},
    exit::Exit,
    locate, output,
};

/// Tokens of a text that count as one sequence.
const SEQUENCE: usize = 1024;

/// Runs the subcommand.
pub(crate) fn run(command: &PoolCommand) -> anyhow::Result<Exit> {
    match command {
        PoolCommand::Build(args) => build(args),
        PoolCommand::Info { file } => info(file),
        PoolCommand::Merge { out, files } => merge(out, files),
    }
}

fn build(args: &PoolBuildArgs) -> anyhow::Result<Exit> {
    let config = SharedPoolConfig::default()
        .with_order(args.order)
        .with_capacity(args.capacity)
        .with_half_life(args.half_life);
    let pool = SharedPool::new(args.scope.as_str(), config)?;
    let model = locate::model(args.model.as_deref())?;
    let options = LoadOptions::default().with_sequences(NonZeroUsize::MIN);
    let tokenizer = load(&model.path, &options)?.tokenizer;
    let mut tokens = 0;
    for file in &args.files {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let encoded = tokenizer.encode(&text, Special::NONE)?;
        tokens += encoded.len();
        publish(&pool, &encoded);
    }
    pool.save(&args.out, hash(&tokenizer))?;
    let (files, contexts) = (args.files.len(), pool.len());
    let out = args.out.display();
    output::print(&format!("{files} texts, {tokens} tokens, {contexts} contexts: {out}\n"))?;
    Ok(Exit::Done)
}

/// Publishes a text in sequences; each knows the tokens before it.
fn publish(pool: &SharedPool, text: &[Token]) {
    for start in (0..text.len()).step_by(SEQUENCE) {
        let before = start.min(pool.config().order);
        let end = text.len().min(start + SEQUENCE);
        pool.publish(&text[start - before..end], before);
    }
}

/// Tells the model's tokens from those of others.
fn hash(tokenizer: &Tokenizer) -> TokenizerHash {
    let tokens = 0..tokenizer.vocabulary_size() as u32;
    TokenizerHash::of_vocabulary(tokens.map(|token| tokenizer.token_bytes(token)))
}

fn info(path: &Path) -> anyhow::Result<Exit> {
    let file = PoolFile::read(path)?;
    let mut text = String::new();
    let mut line = |what: &str, value: &dyn std::fmt::Display| {
        writeln!(text, "{}  {value}", style(format!("{what:9}")).bold())
    };
    line("tokenizer", &file.tokenizer())?;
    if let Some(pool) = file.pool() {
        let config = pool.config();
        line("scope", &format!("{:?}", pool.scope()))?;
        line("contexts", &format!("{} of at most {}", pool.len(), config.capacity))?;
        line("order", &config.order)?;
        line("sequences", &pool.sequences())?;
        line("half-life", &format!("{} sequences", config.half_life))?;
    }
    for (name, data) in file.sections() {
        line("section", &format!("{name}, {} bytes", data.len()))?;
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

fn merge(out: &Path, files: &[impl AsRef<Path>]) -> anyhow::Result<Exit> {
    let mut merged: Option<(TokenizerHash, SharedPool)> = None;
    for path in files {
        let path = path.as_ref();
        let tokenizer = match &merged {
            Some((tokenizer, _)) => *tokenizer,
            None => PoolFile::read(path)?.tokenizer(),
        };
        let pool = SharedPool::load(path, tokenizer)?;
        match &merged {
            Some((_, sum)) => sum.merge(&pool).with_context(|| path.display().to_string())?,
            None => merged = Some((tokenizer, pool)),
        }
    }
    let Some((tokenizer, sum)) = merged else { bail!("there are no pools to merge") };
    sum.save(out, tokenizer)?;
    output::print(&format!("{} contexts: {}\n", sum.len(), out.display()))?;
    Ok(Exit::Done)
}
