//! `foretoken trace`: plain generations, recorded.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, BufWriter, Write},
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
        out.flush()?;
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

/// What a trace that is there already holds. A line that a killed run left unfinished is cut off.
fn known(path: &Path) -> anyhow::Result<Option<(TraceHeader, BTreeSet<String>)>> {
    let cannot = || format!("cannot go on with {}", path.display());
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(cannot)?,
    };
    if text.is_empty() {
        return Ok(None);
    }
    let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let (header, traces) = replay::read(&text[..whole]).with_context(cannot)?;
    if whole < text.len() {
        let file = OpenOptions::new().write(true).open(path).with_context(cannot)?;
        file.set_len(whole as u64).with_context(cannot)?;
    }
    Ok(Some((header, traces.into_iter().map(|trace| trace.id).collect())))
}
