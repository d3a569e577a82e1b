//! How tokens are chosen and where an output ends, as options.

use std::{num::NonZeroUsize, time::Duration};

use anyhow::Context;
use clap::Args;
use foretoken::{RepetitionGuard, Request, Sampling, StopStrings, Token};

/// How tokens are chosen. Without any of these the most likely one is.
///
/// Every strategy gives the same tokens with the same seed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sampling")]
pub(crate) struct SamplingArgs {
    /// Divides the logits; 0 always takes the most likely token.
    #[arg(long, value_name = "T", default_value_t = 0.0, allow_negative_numbers = true)]
    temperature: f32,
    /// Only the K most likely tokens; 0 for all.
    #[arg(long, value_name = "K", default_value_t = 0)]
    top_k: usize,
    /// Only the most likely tokens that have this probability together.
    #[arg(long, value_name = "P", default_value_t = 1.0, allow_negative_numbers = true)]
    top_p: f32,
    /// Only tokens at least this fraction as likely as the most likely one.
    #[arg(long, value_name = "P", default_value_t = 0.0, allow_negative_numbers = true)]
    min_p: f32,
    /// Only the tokens of expected surprise that have this probability together.
    #[arg(long, value_name = "P", default_value_t = 1.0, allow_negative_numbers = true)]
    typical_p: f32,
    /// Makes tokens that came already less likely, by a factor.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true)]
    repetition_penalty: f32,
    /// Taken from the logit of a token that came already.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true)]
    presence_penalty: f32,
    /// Taken from the logit of a token for each time that it came.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true)]
    frequency_penalty: f32,
    /// The penalties look at so many last tokens, prompt included. Default: at all.
    #[arg(long, value_name = "N")]
    penalty_window: Option<usize>,
    /// Adds BIAS to the logit of a token, by its number; may be given several times.
    #[arg(long, value_name = "TOKEN=BIAS", value_parser = bias, allow_hyphen_values = true)]
    logit_bias: Vec<(Token, f32)>,
    /// A token, by its number, that never comes out; may be given several times.
    #[arg(long, value_name = "TOKEN")]
    ban_token: Vec<Token>,
    /// The answer does not end before so many tokens.
    #[arg(long, value_name = "N", default_value_t = 0)]
    min_new_tokens: usize,
    /// Which random draws are made.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

impl SamplingArgs {
    /// The settings.
    ///
    /// # Errors
    /// One that is out of its range.
    pub(crate) fn settings(&self) -> anyhow::Result<Sampling> {
        let mut sampling = Sampling::default()
            .with_temperature(self.temperature)
            .with_top_k(self.top_k)
            .with_top_p(self.top_p)
            .with_min_p(self.min_p)
            .with_typical_p(self.typical_p)
            .with_repetition_penalty(self.repetition_penalty)
            .with_presence_penalty(self.presence_penalty)
            .with_frequency_penalty(self.frequency_penalty)
            .with_banned(self.ban_token.iter().copied())
            .with_min_new_tokens(self.min_new_tokens)
            .with_seed(self.seed);
        sampling.penalty_window = self.penalty_window;
        sampling.logit_bias.extend(self.logit_bias.iter().copied());
        sampling.validate()?;
        Ok(sampling)
    }
}

/// Reads `TOKEN=BIAS`.
fn bias(text: &str) -> Result<(Token, f32), String> {
    let wrong = || format!("{text} is not a token's number, = and a number, such as 42=-1.5");
    let (token, bias) = text.split_once('=').ok_or_else(wrong)?;
    Ok((token.parse().map_err(|_| wrong())?, bias.parse().map_err(|_| wrong())?))
}

/// Where an output ends, besides the model's own end and --max-new-tokens.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Endings")]
pub(crate) struct EndingArgs {
    /// End before this text, and show nothing of it; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    stop: Vec<String>,
    /// End after this time, the prompt's included.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    time_budget: Option<f64>,
    /// End when the output goes round in circles.
    #[arg(long)]
    stop_repetition: bool,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub(crate) struct Endings {
    pub(crate) strings: StopStrings,
    time_budget: Option<Duration>,
    guard: Option<RepetitionGuard>,
}

impl EndingArgs {
    /// # Errors
    /// An empty stop string; a time that is none.
    pub(crate) fn endings(&self) -> anyhow::Result<Endings> {
        let time = self.time_budget.map(|seconds| {
            Duration::try_from_secs_f64(seconds)
                .with_context(|| format!("--time-budget {seconds} is not a number of seconds"))
        });
        Ok(Endings {
            strings: StopStrings::new(&self.stop)?,
            time_budget: time.transpose()?,
            guard: self.stop_repetition.then(RepetitionGuard::default),
        })
    }
}

impl Endings {
    /// A request for at most `tokens` tokens after a prompt, with these endings.
    pub(crate) fn request(&self, prompt: &[Token], tokens: NonZeroUsize) -> Request {
        let mut request = Request::new(prompt).with_max_new_tokens(tokens.get());
        request.time_budget = self.time_budget;
        request.repetition_guard = self.guard;
        request
    }
}

#[cfg(test)]
mod tests {
    use super::bias;

    #[test]
    fn a_bias_is_a_token_and_a_number() {
        assert_eq!(bias("7=-1.5"), Ok((7, -1.5)));
        for wrong in ["7", "=1", "a=1", "7=", "7:1", "-7=1"] {
            assert!(bias(wrong).unwrap_err().starts_with(wrong));
        }
    }
}
