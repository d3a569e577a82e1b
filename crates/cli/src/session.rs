//! A loaded model with the prompt's tokens: what a subcommand decodes.

use std::num::NonZeroUsize;

use anyhow::bail;
use foretoken::{
    CostTable, Model, Request, Token,
    candle::{CandleModel, CpuOptions, Description, LoadOptions, Loaded, Tokenizer},
    decoder::{Calibration, Config, Experience, cost_prior},
};

use crate::{
    args::{ModelArgs, PromptArgs, VerifyArgs},
    calibrate,
    locate::{self, Located},
    progress, prompt, threads,
};

/// Prompt tokens of one pass: Ctrl-C is heeded between passes, and larger ones are hardly faster.
const PREFILL_CHUNK: usize = 128;

/// A model as its files have it.
pub(crate) struct Opened {
    pub(crate) loaded: Loaded,
    /// What the model is called.
    pub(crate) name: String,
    pub(crate) threads: NonZeroUsize,
    /// The pass times that `foretoken calibrate` kept, if it did.
    pub(crate) costs: Option<CostTable>,
    /// What decoders start from: these times, or typical ones.
    pub(crate) experience: Experience,
}

impl Opened {
    /// Finds and loads the model.
    ///
    /// # Errors
    /// What finding, fetching and loading say.
    pub(crate) fn open(args: &ModelArgs) -> anyhow::Result<Self> {
        let given = args.threads.and_then(|threads| NonZeroUsize::new(threads.into()));
        let threads = given.unwrap_or_else(threads::physical_cores);
        let located = locate::model(args.model.as_deref())?;
        let loaded = load(&located, args, threads)?;
        let name = located.name;
        let costs =
            calibrate::kept(&calibrate::subject(&loaded.description, threads, args.kv.into()));
        let cost = costs.clone().unwrap_or_else(cost_prior);
        let experience = Experience::new(cost, Calibration::default());
        Ok(Self { loaded, name, threads, costs, experience })
    }

    /// The model in a few words.
    pub(crate) fn title(&self) -> String {
        title(&self.name, &self.loaded.description)
    }

    /// The model with the tokens of a prompt.
    pub(crate) fn with_prompt(self, prompt: Vec<Token>) -> Session {
        let Self { loaded, name, threads, experience, .. } = self;
        let Loaded { model, tokenizer, description, .. } = loaded;
        let threads = threads.get();
        Session { model, tokenizer, name, description, threads, prompt, experience }
    }
}

fn title(name: &str, description: &Description) -> String {
    let Description { architecture, file_type, .. } = description;
    format!("{name} ({architecture}, {file_type})")
}

/// A model and what it is to continue.
pub(crate) struct Session {
    pub(crate) model: CandleModel,
    pub(crate) tokenizer: Tokenizer,
    /// What the model is called.
    pub(crate) name: String,
    pub(crate) description: Description,
    pub(crate) threads: usize,
    pub(crate) prompt: Vec<Token>,
    /// What decoders start from.
    pub(crate) experience: Experience,
}

impl Session {
    /// Loads the model and encodes `text`.
    ///
    /// # Errors
    /// What loading and encoding say; a prompt that the context cannot hold.
    pub(crate) fn open(args: &ModelArgs, prompt: &PromptArgs, text: &str) -> anyhow::Result<Self> {
        let opened = Opened::open(args)?;
        let tokens = prompt::encode(&opened.loaded, prompt, text)?;
        let context = opened.loaded.model.info().context_length;
        if tokens.len() >= context {
            bail!(
                "the prompt has {} tokens and leaves no room in the context of {context}: shorten it{}",
                tokens.len(),
                if args.context.is_some_and(|given| given.get() > context) {
                    ", since this model has no longer context"
                } else {
                    ", or give a larger --context if the model allows it"
                }
            );
        }
        Ok(opened.with_prompt(tokens))
    }

    /// What to decode.
    pub(crate) fn request(&self, max_new_tokens: NonZeroUsize) -> Request {
        Request::new(self.prompt.clone()).with_max_new_tokens(max_new_tokens.get())
    }

    /// The model in a few words.
    pub(crate) fn title(&self) -> String {
        title(&self.name, &self.description)
    }
}

/// How steps are verified.
pub(crate) fn config(args: VerifyArgs) -> Config {
    Config::default()
        .with_budget(args.budget.into())
        .with_max_nodes(args.max_nodes.into())
        .with_prefill_chunk(PREFILL_CHUNK)
}

fn load(located: &Located, args: &ModelArgs, threads: NonZeroUsize) -> anyhow::Result<Loaded> {
    let engine = CpuOptions::default().with_threads(threads).with_cache(args.kv.into());
    let mut options = LoadOptions::default().with_engine(engine).with_sequences(NonZeroUsize::MIN);
    if let Some(context) = args.context {
        options = options.with_context(context);
    }
    let bar = progress::bytes("Loading");
    let loaded = located.load(&options, &mut |step| {
        progress::advance(&bar, step.done, step.total);
    });
    bar.finish_and_clear();
    Ok(loaded?)
}
