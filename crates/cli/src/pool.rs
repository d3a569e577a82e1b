//! `foretoken pool`: files of what followed what.

use std::{fmt::Write, fs, num::NonZeroUsize, path::Path};

use anyhow::{Context, bail};
use console::style;
use foretoken::{
    Token,
    candle::{LoadOptions, tokenizer::Special},
    memory,
    pool::{Datastore, PoolFile, SharedPool, SharedPoolConfig},
};

use crate::{
    args::{Keep, PoolBuildArgs, PoolCommand},
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
    let tokenizer = model.load(&options, &mut |_| {})?.tokenizer;
    let mut texts = Vec::new();
    for path in &args.files {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        texts.push(tokenizer.encode(&text, Special::NONE)?);
    }
    let mut file = PoolFile::new(memory::tokenizer_hash(&tokenizer));
    let tokens: usize = texts.iter().map(Vec::len).sum();
    let mut said = format!("{} texts, {tokens} tokens", texts.len());
    if args.keep != Keep::Texts {
        for text in &texts {
            publish(&pool, text);
        }
        file.set_pool(&pool);
        write!(said, ", {} contexts", pool.len())?;
    }
    if args.keep != Keep::Counts {
        file.set_datastore(&Datastore::build(&texts));
        said += ", indexed";
    }
    file.write(&args.out)?;
    output::print(&format!("{said}: {}\n", args.out.display()))?;
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
    if let Some(store) = file.datastore() {
        line("texts", &format!("{} tokens, indexed", store.len()))?;
    }
    for (name, data) in file.sections() {
        line("section", &format!("{name}, {} bytes", data.len()))?;
    }
    output::print(&text)?;
    Ok(Exit::Done)
}

fn merge(out: &Path, files: &[impl AsRef<Path>]) -> anyhow::Result<Exit> {
    let Some((first, others)) = files.split_first() else { bail!("there are no pools to merge") };
    // What it holds besides stays.
    let mut file = PoolFile::read(first)?;
    let sum = SharedPool::load(first, file.tokenizer())?;
    for path in others {
        let path = path.as_ref();
        let other = PoolFile::read_for(path, file.tokenizer())?;
        if other.datastore().is_some() {
            bail!(
                "{} holds texts, and merge adds up counts alone: name it first, or build one pool of all texts",
                path.display()
            );
        }
        let pool = SharedPool::load(path, file.tokenizer())?;
        sum.merge(&pool).with_context(|| path.display().to_string())?;
    }
    file.set_pool(&sum);
    file.write(out)?;
    output::print(&format!("{} contexts: {}\n", sum.len(), out.display()))?;
    Ok(Exit::Done)
}
