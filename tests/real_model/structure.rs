//! Outputs that obey a schema, on the real model.

use foretoken::blocking::BlockingDecoder;
use foretoken::grammar::{self, Grammar, JsonSpace};
use foretoken::{
    CandidateSource, Constraint, Forced, GuessAndVerify, Request, Sampling, StopReason, strategy,
};
use libtest_mimic::Failed;
use serde_json::Value;

use super::Shared;

const SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "city": { "type": "string", "maxLength": 20 },
        "country": { "type": "string", "maxLength": 20 },
        "inhabitants": { "type": "integer", "minimum": 1, "maximum": 99999999 },
        "sights": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": { "type": "string", "maxLength": 24 },
                    "kind": { "enum": ["building", "park", "museum"] }
                },
                "required": ["name", "kind"],
                "additionalProperties": false
            },
            "minItems": 1,
            "maxItems": 3
        }
    },
    "required": ["city", "country", "inhabitants", "sights"],
    "additionalProperties": false
}"#;

const QUESTION: &str = "Describe Rome in JSON, with its country, its inhabitants and two sights.";

/// JSON comes out that the schema describes, the same under every strategy.
pub(super) fn json_obeys_its_schema(shared: &mut Shared) -> Result<(), Failed> {
    let prompt = shared.prompt(QUESTION);
    let vocabulary = grammar::vocabulary(&shared.loaded.tokenizer)?;
    for (space, temperature) in
        [(JsonSpace::None, 0.0), (JsonSpace::Free, 0.0), (JsonSpace::Free, 0.8)]
    {
        let grammar = Grammar::json_schema_with(SCHEMA, space, &vocabulary)?;
        let sampling = Sampling::default().with_temperature(temperature).with_seed(3);
        let request = Request::new(prompt.clone()).with_max_new_tokens(300).with_sampling(sampling);
        let mut decode = |source: Box<dyn CandidateSource>| {
            let mut decoder = GuessAndVerify::new(&mut shared.loaded.model, source);
            decoder.set_constraint(Some(grammar.fork()));
            decoder.decode_blocking(&request, &mut ())
        };
        let plain = decode(strategy::by_name("autoregressive")?)?;
        let text = shared.loaded.tokenizer.decode(&plain.tokens);
        if plain.stop != StopReason::EndOfSequence {
            return Err(format!("ended by {:?}: {text}", plain.stop).into());
        }
        check(&serde_json::from_str(&text)?).ok_or_else(|| format!("not as described: {text}"))?;
        for name in ["auto", "lookahead", "prompt-lookup+recycling"] {
            let joined = (Forced::new(grammar.fork()), strategy::by_name(name)?);
            let output = decode(Box::new(joined))?;
            if output.tokens != plain.tokens {
                return Err(format!("{name} differs from {text}").into());
            }
            let forced = output.statistics.sources.iter().find(|source| source.name == "forced");
            if forced.is_none_or(|forced| forced.accepted == 0) {
                return Err(format!("nothing forced was right under {name}: {text}").into());
            }
        }
    }
    Ok(())
}

/// Whether a value is what the schema describes.
fn check(value: &Value) -> Option<()> {
    let short = |value: &Value, most| {
        value.as_str().filter(|text| text.chars().count() <= most).map(|_| ())
    };
    short(&value["city"], 20)?;
    short(&value["country"], 20)?;
    value["inhabitants"].as_u64().filter(|count| (1..=99_999_999).contains(count))?;
    let sights = value["sights"].as_array().filter(|sights| (1..=3).contains(&sights.len()))?;
    for sight in sights {
        short(&sight["name"], 24)?;
        sight["kind"].as_str().filter(|kind| ["building", "park", "museum"].contains(kind))?;
    }
    (value.as_object()?.len() == 4).then_some(())
}
