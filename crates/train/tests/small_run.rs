//! The whole road in a minute: vocabulary, training that is stopped and gone on with, the GGUF file, an answer.

use std::num::NonZeroUsize;

use foretoken::{
    GuessAndVerify, Request,
    blocking::BlockingDecoder,
    candle::{LoadOptions, Special, load},
    strategy,
};
use foretoken_train::{
    corpus, export,
    network::Shape,
    tokenizer,
    training::{Plan, Trainer},
};

const SEED: u64 = 5;

fn shape() -> Shape {
    Shape {
        vocabulary: 400,
        hidden: 64,
        layers: 2,
        heads: 2,
        kv_heads: 1,
        head_dim: 32,
        feed_forward: 128,
        context: 128,
        ..Shape::default()
    }
}

fn plan(tokens: u64) -> Plan {
    let (batch, part, checkpoint) = (1024, 512, 10_240);
    Plan { tokens, batch, part, rate: 0.01, threads: 2, checkpoint, seconds: f64::INFINITY }
}

#[test]
fn a_small_model_learns_and_can_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let texts = (0..400).map(|index| corpus::document(SEED, index).text);
    let vocabulary = tokenizer::learn(texts, 400).unwrap();
    let open = |name: &str| {
        Trainer::open(&folder.path().join(name), shape(), vocabulary.clone(), SEED).unwrap()
    };

    let mut trainer = open("whole");
    let before = trainer.check().unwrap();
    trainer.run(&plan(122_880), &mut |_, _| {}).unwrap();
    let after = trainer.check().unwrap();
    // From nothing, ln 400 nats a token, to more than how often each token comes.
    assert!(before > 5.8 && after < 3.5, "from {before} to {after}");

    // Stopped again and again and gone on with, a run ends where it would have.
    let mut sessions = 0;
    let resumed = loop {
        let mut stopped = open("stopped");
        if stopped.progress().tokens >= 122_880 {
            break stopped;
        }
        stopped.run(&Plan { seconds: 1.0, ..plan(122_880) }, &mut |_, _| {}).unwrap();
        sessions += 1;
    };
    assert!((resumed.check().unwrap() - after).abs() < 1e-4, "{sessions} sessions");

    let path = folder.path().join("small.gguf");
    export::write(trainer.network(), &vocabulary, "small", &path).unwrap();
    let options = LoadOptions::default().with_sequences(NonZeroUsize::MIN);
    let mut loaded = load(&path, &options).unwrap();
    let prompt = loaded.tokenizer.encode("Once upon a time", Special::ALL).unwrap();
    let request = Request::new(prompt).with_max_new_tokens(20);
    let mut say = |name: &str| {
        let source = strategy::by_name(name).unwrap();
        let mut decoder = GuessAndVerify::new(&mut loaded.model, source);
        decoder.decode_blocking(&request, &mut ()).unwrap().tokens
    };
    let plain = say("autoregressive");
    assert_eq!(plain, say("auto"));
    let text = loaded.tokenizer.decode(&plain);
    assert!(text.chars().filter(|letter| letter.is_alphabetic()).count() > 10, "{text:?}");
}
