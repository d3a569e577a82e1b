use foretoken_core::{ModelError, Token, Want};
use foretoken_kernels::{MOST_BEST, Scored};

/// What is known of the token after one row of a pass.
///
/// Memory is kept from pass to pass.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The row.
    pub(crate) row: usize,
    asked: Want,
    known: Want,
    not_a_number: bool,
    /// The largest logits, the largest first, the lower token first on a tie.
    ranked: Vec<Scored>,
    logits: Vec<f32>,
}

/// Where an engine puts what a reading asks for.
pub(crate) enum Target<'a> {
    /// As many of the largest logits as there is room for.
    Best(&'a mut [Scored]),
    /// All logits.
    Logits(&'a mut [f32]),
}

impl Reading {
    /// Forgets everything and asks for `want` of `row`.
    pub(crate) fn reset(&mut self, row: usize, want: Want, vocabulary: usize) {
        self.row = row;
        self.asked = Want::Nothing;
        self.known = Want::Nothing;
        self.not_a_number = false;
        self.ask(want, vocabulary);
    }

    /// Asks for `want` if it is not known already.
    pub(crate) fn ask(&mut self, want: Want, vocabulary: usize) {
        let want = match want {
            Want::TopK(k) if usize::from(k).min(vocabulary) > MOST_BEST => Want::Logits,
            Want::TopK(k) if k <= 1 || vocabulary <= 1 => Want::Argmax,
            Want::TopK(k) => Want::TopK(usize::from(k).min(vocabulary) as u16),
            want => want,
        };
        if want > self.known && !self.not_a_number {
            self.asked = want;
        }
    }

    /// Whether something is asked that is not known.
    pub(crate) fn is_open(&self) -> bool {
        self.asked > self.known
    }

    /// Room for the answer of an open reading.
    pub(crate) fn target(&mut self, vocabulary: usize) -> Target<'_> {
        let best = match self.asked {
            Want::TopK(k) => usize::from(k),
            Want::Logits => {
                self.logits.resize(vocabulary, 0.0);
                return Target::Logits(&mut self.logits);
            }
            Want::Nothing | Want::Argmax => 1,
        };
        self.ranked.resize(best, Scored::default());
        Target::Best(&mut self.ranked)
    }

    /// Answers with these logits.
    pub(crate) fn take(&mut self, logits: &[f32]) {
        self.asked = Want::Logits;
        self.logits.clear();
        self.logits.extend_from_slice(logits);
        self.settle();
    }

    /// Changes the logits in the target by a function that keeps their order.
    pub(crate) fn cap(&mut self, cap: impl Fn(&mut [f32])) {
        match self.asked {
            Want::Logits => cap(&mut self.logits),
            _ => self.ranked.iter_mut().for_each(|best| cap(std::slice::from_mut(&mut best.value))),
        }
    }

    /// The answer is in its target.
    pub(crate) fn settle(&mut self) {
        self.known = self.asked;
        if self.known == Want::Logits {
            self.not_a_number = self.logits.iter().any(|logit| logit.is_nan());
        }
    }

    /// One of the logits is not a number.
    pub(crate) fn settle_not_a_number(&mut self) {
        self.known = self.asked;
        self.not_a_number = true;
    }

    fn check(&self) -> Result<(), ModelError> {
        if self.not_a_number { Err(ModelError::not_a_number()) } else { Ok(()) }
    }

    /// The most likely token; asked before.
    pub(crate) fn argmax(&self) -> Result<Token, ModelError> {
        self.check()?;
        if self.known < Want::Logits {
            return Ok(self.ranked[0].index);
        }
        let better = |best: usize, token: usize| {
            if self.logits[token] > self.logits[best] { token } else { best }
        };
        Ok((1..self.logits.len()).fold(0, better) as Token)
    }

    /// The `k` most likely tokens with their logits; asked before.
    pub(crate) fn top_k(&self, k: usize) -> Result<Vec<(Token, f32)>, ModelError> {
        self.check()?;
        if self.known < Want::Logits {
            let best = self.ranked.iter().take(k.max(1));
            return Ok(best.map(|scored| (scored.index, scored.value)).collect());
        }
        let k = k.clamp(1, self.logits.len());
        Ok(if k <= MOST_BEST { few_best(&self.logits, k) } else { many_best(&self.logits, k) })
    }

    /// All logits; asked before.
    pub(crate) fn logits(&self) -> Result<&[f32], ModelError> {
        self.check()?;
        Ok(&self.logits)
    }
}

/// The `k` largest logits in one scan: almost none of a vocabulary is larger than the `k`-th largest so far.
fn few_best(logits: &[f32], k: usize) -> Vec<(Token, f32)> {
    let mut best: Vec<(Token, f32)> = Vec::with_capacity(k + 1);
    for (token, &logit) in (0..).zip(logits) {
        if best.len() == k && logit <= best[k - 1].1 {
            continue;
        }
        // Zeros of either sign are a tie, and on a tie the lower token, which came before, is first.
        let place = best.partition_point(|&(_, other)| other >= logit);
        best.insert(place, (token, logit));
        best.truncate(k);
    }
    best
}

/// The same by partial sorting.
fn many_best(logits: &[f32], k: usize) -> Vec<(Token, f32)> {
    let mut order: Vec<Token> = (0..logits.len() as Token).collect();
    let ranked = |&a: &Token, &b: &Token| {
        // Neither is NaN, and equal zeros of either sign are a tie.
        let (x, y) = (logits[a as usize], logits[b as usize]);
        y.partial_cmp(&x).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(&b))
    };
    if k < order.len() {
        order.select_nth_unstable_by(k - 1, ranked);
        order.truncate(k);
    }
    order.sort_unstable_by(ranked);
    order.into_iter().map(|token| (token, logits[token as usize])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(logits: &[f32], want: Want) -> Reading {
        let mut reading = Reading::default();
        reading.reset(0, want, logits.len());
        match reading.target(logits.len()) {
            Target::Best(_) => panic!("logits were asked for"),
            Target::Logits(out) => out.copy_from_slice(logits),
        }
        reading.settle();
        reading
    }

    #[test]
    fn ties_go_to_the_lower_token() {
        let reading = read(&[-1.0, 0.0, -0.0, 3.0, 3.0, 0.0], Want::Logits);
        assert_eq!(reading.argmax().unwrap(), 3);
        let tokens = |k| -> Vec<Token> {
            reading.top_k(k).unwrap().into_iter().map(|(token, _)| token).collect()
        };
        assert_eq!(tokens(0), [3]);
        assert_eq!(tokens(4), [3, 4, 1, 2]);
        assert_eq!(tokens(9), [3, 4, 1, 2, 5, 0]);
    }

    #[test]
    fn a_logit_that_is_no_number_is_an_error() {
        let reading = read(&[0.0, f32::NAN], Want::Logits);
        assert!(
            reading.argmax().is_err() && reading.top_k(2).is_err() && reading.logits().is_err()
        );
    }

    #[test]
    fn what_is_known_answers_smaller_questions() {
        let mut reading = Reading::default();
        reading.reset(0, Want::TopK(200), 1000);
        assert!(matches!(reading.target(1000), Target::Logits(_)), "beyond what the kernel ranks");
        reading.reset(0, Want::TopK(5), 3);
        assert!(matches!(reading.target(3), Target::Best(best) if best.len() == 3));
        reading.settle();
        reading.ask(Want::Argmax, 3);
        assert!(!reading.is_open());
        reading.ask(Want::Logits, 3);
        assert!(reading.is_open());
    }

    #[test]
    fn one_scan_finds_what_sorting_finds() {
        // Few values, so that ties are everywhere, zeros of either sign among them.
        let logits: Vec<f32> = (0..300u32)
            .map(|token| {
                [0.0, -0.0, 1.0, 2.0, -1.0, f32::NEG_INFINITY, 3.0]
                    [(token * token % 97 % 7) as usize]
            })
            .collect();
        for len in [1, 2, 7, 64, 300] {
            for k in (1..=len.min(MOST_BEST)).step_by(3) {
                let tokens = |best: Vec<(Token, f32)>| -> Vec<Token> {
                    best.into_iter().map(|(token, _)| token).collect()
                };
                let (few, many) = (few_best(&logits[..len], k), many_best(&logits[..len], k));
                assert_eq!(tokens(few), tokens(many), "{k} of {len}");
            }
        }
    }
}
