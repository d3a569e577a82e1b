//! A GGUF file: its head, its tokenizer, its chat template, its network.
#![no_main]

use std::num::NonZeroUsize;

use foretoken_candle::{CpuOptions, LoadOptions, load_bytes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let engine = CpuOptions::default().with_threads(NonZeroUsize::MIN);
    let context = NonZeroUsize::new(64).expect("it is not zero");
    let options = LoadOptions::default().with_engine(engine).with_context(context);
    let _ = load_bytes("fuzz.gguf", bytes, &options);
});
