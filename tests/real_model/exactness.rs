//! Bits that do not depend on how they are computed.

use std::num::NonZeroUsize;

use foretoken::blocking::BlockingModel;
use foretoken::candle::{CandleModel, CpuOptions, LoadOptions};
use foretoken::{Model, Step, Token, TokenTree};
use libtest_mimic::Failed;

use super::{QUESTIONS, Shared, bushy, pass_rows};

/// The same tree, before and after a commit and a truncation, has the same bits
/// with any number of threads.
pub(crate) fn thread_counts_agree(shared: &mut Shared) -> Result<(), Failed> {
    let prompt = shared.prompt(QUESTIONS[5]);
    let mut expected = None;
    for threads in [1, 2, 3] {
        let threads = NonZeroUsize::new(threads).ok_or("not zero")?;
        let options = LoadOptions::default()
            .with_engine(CpuOptions::default().with_threads(threads))
            .with_context(NonZeroUsize::new(512).ok_or("not zero")?);
        let mut model = CandleModel::load(&shared.path, &options)?;
        let bits = story(&mut model, &prompt)?;
        if *expected.get_or_insert_with(|| bits.clone()) != bits {
            return Err(format!("{threads} threads compute other bits than one").into());
        }
    }
    Ok(())
}

/// A fingerprint of the logits of each pass: a tree behind the prompt; what
/// follows its deepest path; the tree again, after truncation; a chain.
fn story(model: &mut dyn Model, prompt: &[Token]) -> Result<Vec<u64>, Failed> {
    let tree = bushy(prompt, 16)?;
    let chain = TokenTree::chain(prompt[1], &prompt[2..12]);
    let seq = model.open()?;
    let beginning = TokenTree::chain(prompt[0], &prompt[1..]);
    drop(model.forward_blocking(&[Step::new(seq, &beginning, &[])])?);
    model.commit(seq, &beginning.nodes().collect::<Vec<_>>())?;
    let mut bits = vec![fingerprint(&pass_rows(model, seq, &tree)?)];
    let deepest = tree.nodes().max_by_key(|&node| tree.depth(node)).ok_or("a root")?;
    model.commit(seq, &tree.path(deepest))?;
    bits.push(fingerprint(&pass_rows(model, seq, &tree)?));
    model.truncate(seq, prompt.len())?;
    bits.push(fingerprint(&pass_rows(model, seq, &tree)?));
    bits.push(fingerprint(&pass_rows(model, seq, &chain)?));
    if bits[0] != bits[2] || bits[0] == bits[1] {
        return Err("a truncated sequence is as if it had never been longer".into());
    }
    model.close(seq);
    Ok(bits)
}

fn fingerprint(rows: &[Vec<f32>]) -> u64 {
    let bits = rows.iter().flatten().map(|logit| u64::from(logit.to_bits()));
    bits.fold(0xcbf2_9ce4_8422_2325, |hash, bits| (hash ^ bits).wrapping_mul(0x0100_0000_01b3))
}
