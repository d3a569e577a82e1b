//! `foretoken trace`: plain generations, recorded.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, bail};
use foretoken::{
    Model,
    replay::{self, TraceHeader},
};

use crate::{
    args::{PromptArgs, TraceArgs},
    dataset,
    exit::{Exit, notice},
    interrupt::{self, Heeded},
    progress, prompt,
    session::Opened,
};

/// Runs the subcommand.
pub(crate) fn run(args: &TraceArgs) -> anyhow::Result<Exit> {
    let items = dataset::read(&args.prompts)?;
    let known = known(&args.out)?;
    let mut opened = Opened::open(&args.model)?;
    if let Some((header, _)) = &known
        && header.model != opened.name
    {
        bail!(
            "{} holds traces of {}, not of {}: give another --out",
            args.out.display(),
            header.model,
            opened.name
        );
    }
    let out = OpenOptions::new().create(true).append(true).open(&args.out);
    let file = out.with_context(|| format!("cannot write the trace {}", args.out.display()))?;
    let mut out = BufWriter::new(file);
    if known.is_none() {
        replay::write_header(&mut out, &TraceHeader::new(&*opened.name))?;
    }
    let done = known.map(|(_, ids)| ids).unwrap_or_default();

    let heeded = Heeded::begin();
    let bar = progress::prompts("Recording", items.len());
    let mut left_out = 0;
    for item in &items {
        if interrupt::asked() {
            break;
        }
        if !done.contains(&item.id) {
            let tokens = prompt::encode(&opened.loaded, &PromptArgs::default(), &item.turns[0])?;
            if tokens.len() >= opened.loaded.model.info().context_length {
                left_out += 1;
                continue;
            }
            let (most, top) = (args.max_new_tokens.get(), args.top_k);
            let mut trace = replay::record(&mut opened.loaded.model, &tokens, most, top)?;
            trace.id.clone_from(&item.id);
            trace.task.clone_from(&item.task);
            replay::write_trace(&mut out, &trace)?;
            out.flush()?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    drop(heeded);
    if left_out > 0 {
        notice(&format!("{left_out} prompts are left out: they do not fit in the context."));
    }
    Ok(if interrupt::asked() { Exit::Interrupted } else { Exit::Done })
}

/// What a trace that is there already holds.
fn known(path: &Path) -> anyhow::Result<Option<(TraceHeader, BTreeSet<String>)>> {
    let cannot = || format!("cannot go on with {}", path.display());
    match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(cannot),
        Ok(file) => {
            let (header, traces) = replay::read(BufReader::new(file)).with_context(cannot)?;
            Ok(Some((header, traces.into_iter().map(|trace| trace.id).collect())))
        }
    }
}
