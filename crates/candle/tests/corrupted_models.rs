//! Whatever happens to a model's file, loading ends in an error or in a model that runs, and never in a panic.
//!
//! By hand over any file: `FORETOKEN_MODEL=model.gguf cargo test -p foretoken-candle --test corrupted_models -- --ignored`

mod corruption;

use std::env;

use corruption::{
    Dice, damage,
    fields::{Head, What},
};
use foretoken_candle::{LoadOptions, Loaded, Special, load_bytes};
use foretoken_core::{Model, Step, TokenTree, Want, blocking::*};
use proptest::prelude::*;

const TINY: &[u8] = foretoken_embedded::TINY;

/// Loads a model and, if it loads, continues a text by four tokens. Errors are one line each.
fn try_out(bytes: &[u8]) -> Result<(), String> {
    let one_line = |message: String| {
        assert!(!message.contains('\n'), "one line: {message}");
        message
    };
    let threads = std::num::NonZeroUsize::MIN;
    let engine = foretoken_candle::CpuOptions::default().with_threads(threads);
    let options = LoadOptions::default().with_engine(engine).with_context(64.try_into().unwrap());
    let loaded = load_bytes("damaged.gguf", bytes, &options);
    let Loaded { mut model, tokenizer, chat_template, .. } =
        loaded.map_err(|error| one_line(error.to_string()))?;
    if let Err(error) = chat_template {
        one_line(error.to_string());
    }
    let mut tokens =
        tokenizer.encode("Once", Special::ALL).map_err(|error| one_line(error.to_string()))?;
    tokens.truncate(8);
    tokens.retain(|&token| (token as usize) < model.info().vocabulary);
    let mut next = tokens.pop().unwrap_or(0);
    let mut run = || {
        let seq = model.open()?;
        for token in tokens.iter().copied().map(Some).chain([None; 4]) {
            let tree = TokenTree::chain(token.unwrap_or(next), &[]);
            let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[Want::Argmax])])?;
            let argmax = pass.argmax_blocking(0, foretoken_core::NodeId::ROOT)?;
            drop(pass);
            if token.is_none() {
                next = argmax;
            }
            model.commit(seq, &[foretoken_core::NodeId::ROOT])?;
        }
        tokenizer.decode(&[next]);
        Ok::<(), foretoken_core::ModelError>(())
    };
    run().map_err(|error| one_line(error.to_string()))
}

/// Damages a file so many times at random.
fn many_times(original: &[u8], times: u64) {
    let head = 0..Head::of(original).end;
    let mut loaded = 0;
    for seed in 0..times {
        let mut dice = Dice(seed);
        let mut bytes = original.to_vec();
        let what = damage(&mut bytes, head.clone(), &mut dice);
        // So that a panic says which one it was.
        println!("{seed}: {what}");
        loaded += u64::from(try_out(&bytes).is_ok());
    }
    println!("{loaded} of {times} damaged files still load");
    assert!(loaded < times);
}

#[test]
fn the_embedded_model_in_two_hundred_broken_states() {
    try_out(TINY).unwrap();
    many_times(TINY, 200);
}

#[test]
#[ignore = "by hand, on the file that FORETOKEN_MODEL names"]
fn a_file_of_ones_own_in_two_hundred_broken_states() {
    let path = env::var_os("FORETOKEN_MODEL").expect("FORETOKEN_MODEL names a GGUF file");
    let bytes = std::fs::read(path).unwrap();
    try_out(&bytes).unwrap();
    many_times(&bytes, 200);
}

/// What a number may be instead, in as many bytes as it has.
fn odd_number(len: usize) -> impl Strategy<Value = Vec<u8>> {
    let edges = prop::sample::select(vec![
        0,
        1,
        2,
        3,
        31,
        33,
        255,
        1 << 16,
        1 << 31,
        (1 << 32) - 1,
        1 << 32,
        1 << 62,
        1 << 63,
        u64::MAX - 31,
        u64::MAX,
        u64::from(f32::NAN.to_bits()),
        u64::from(f32::INFINITY.to_bits()),
        u64::from((-1.0f32).to_bits()),
        f64::NAN.to_bits(),
    ]);
    let any = prop_oneof![4 => edges, 1 => any::<u64>(), 2 => 0u64..64];
    any.prop_map(move |number: u64| number.to_le_bytes()[..len.min(8)].to_vec())
}

/// Damage aimed at one part of a head.
#[derive(Clone, Debug)]
enum Blow {
    /// A number is another one.
    Number(usize, Vec<u8>),
    /// A text is another one.
    Text(usize, u8),
    /// A metadata entry or a tensor is missing, and nothing else knows of it.
    Missing(usize),
    /// One is there twice.
    Twice(usize),
    /// One is in the place of another.
    Swapped(usize, usize),
}

fn blow() -> impl Strategy<Value = Blow> {
    let head = Head::of(TINY);
    let (fields, parts) = (head.fields.len(), head.entries.len() + head.tensors.len());
    prop_oneof![
        6 => (0..fields, odd_number(8)).prop_map(|(index, number)| Blow::Number(index, number)),
        1 => (0..fields, any::<u8>()).prop_map(|(index, byte)| Blow::Text(index, byte)),
        1 => (0..parts).prop_map(Blow::Missing),
        1 => (0..parts).prop_map(Blow::Twice),
        1 => (0..parts, 0..parts).prop_map(|(one, other)| Blow::Swapped(one, other)),
    ]
}

/// Strikes; counts, and the alignment of what follows the head, stay right where a part is moved.
fn strike(bytes: &mut Vec<u8>, blow: &Blow) {
    let head = Head::of(TINY);
    let part = |index: usize| {
        let entries = head.entries.len();
        if index < entries {
            (head.entries[index].clone(), 16)
        } else {
            (head.tensors[index - entries].clone(), 8)
        }
    };
    let mut rebuild = |at: std::ops::Range<usize>, with: &[u8], count: usize, change: i64| {
        let mut new = TINY[..head.end].to_vec();
        let number = u64::from_le_bytes(new[count..count + 8].try_into().unwrap());
        let number = number.wrapping_add_signed(change);
        new[count..count + 8].copy_from_slice(&number.to_le_bytes());
        new.splice(at, with.iter().copied());
        new.resize(new.len().next_multiple_of(32), 0);
        new.extend_from_slice(&TINY[head.end.next_multiple_of(32)..]);
        *bytes = new;
    };
    match blow {
        Blow::Number(index, number) => {
            let at = head.fields[*index].at.clone();
            let len = at.len().min(number.len());
            if at.end <= bytes.len() {
                bytes[at.start..at.start + len].copy_from_slice(&number[..len]);
            }
        }
        Blow::Text(index, byte) => {
            let at = head.fields[*index].at.clone();
            if at.end <= bytes.len() {
                bytes[at].fill(*byte);
            }
        }
        Blow::Missing(index) => {
            let (at, count) = part(*index);
            rebuild(at, &[], count, -1);
        }
        Blow::Twice(index) => {
            let (at, count) = part(*index);
            rebuild(at.end..at.end, &TINY[at.clone()], count, 1);
        }
        Blow::Swapped(one, other) => {
            let (at, count) = part(*one);
            let (with, _) = part(*other);
            rebuild(at, &TINY[with], count, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn aimed_damage_does_no_harm(blows in prop::collection::vec(blow(), 1..3)) {
        let mut bytes = TINY.to_vec();
        for blow in &blows {
            strike(&mut bytes, blow);
        }
        let _ = try_out(&bytes);
    }
}

#[test]
fn each_kind_of_damage_is_said() {
    let head = Head::of(TINY);
    let with = |what: What, index: usize, number: u64| {
        let at = head.of_kind(what).nth(index).unwrap().at.clone();
        let mut bytes = TINY.to_vec();
        let len = at.len();
        bytes[at].copy_from_slice(&number.to_le_bytes()[..len]);
        try_out(&bytes).unwrap_err()
    };
    for (message, words) in [
        (with(What::Magic, 0, 7), "does not begin"),
        (with(What::Version, 0, 77), "version 77"),
        (with(What::Count, 0, u64::MAX), "tensors"),
        (with(What::Count, 0, 1 << 17), "room"),
        (with(What::Count, 1, 1 << 40), "metadata entries"),
        (with(What::Length, 0, u64::MAX), "bytes of text"),
        (with(What::ValueType, 0, 99), "type 99"),
        (with(What::Dimensions, 0, 5), "5 dimensions"),
        (with(What::Dimensions, 0, 0), "0 dimensions"),
        (with(What::Dimension, 0, 1 << 62), "shape"),
        (with(What::Dimension, 1, 1 << 40), "should end at byte"),
        (with(What::ElementType, 0, 200), "200"),
        (with(What::Offset, 0, 1 << 50), "should end at byte"),
        (with(What::Offset, 0, 3), "offset"),
        (try_out(&[]).unwrap_err(), "damaged.gguf"),
    ] {
        assert!(message.contains(words), "{words}: {message}");
        assert!(message.contains("damaged.gguf"), "{message}");
    }
    // Every tensor is needed.
    for index in 0..head.tensors.len() {
        let mut bytes = TINY.to_vec();
        strike(&mut bytes, &Blow::Missing(head.entries.len() + index));
        let message = try_out(&bytes).unwrap_err();
        assert!(message.contains("has no tensor") || message.contains("no part of"), "{message}");
    }
}
