//! Outputs that obey a schema or an expression are the same under every strategy.

#[path = "roster/mod.rs"]
mod roster;

use foretoken::blocking::BlockingDecoder;
use foretoken::decoder::{BudgetMode, Config};
use foretoken::grammar::{Grammar, JsonSpace, Vocabulary};
use foretoken::testkit::toy::{ToyConfig, ToyModel};
use foretoken::{
    CandidateSource, Constraint, Context, DecodeErrorKind, Forced, GuessAndVerify, Request,
    Sampling, StopReason, Token, TokenMask, TokenSet,
};
use proptest::prelude::*;
use serde_json::Value;

const SCHEMA: &str = r#"{
    "type": "object",
    "properties": {
        "name": { "type": "string", "maxLength": 5 },
        "age": { "type": "integer", "minimum": 0, "maximum": 19 },
        "tags": { "type": "array", "items": { "enum": ["a", "an", "me"] }, "minItems": 1, "maxItems": 3 },
        "seen": { "type": "boolean" }
    },
    "required": ["name", "age", "tags", "seen"],
    "additionalProperties": false
}"#;

const PATTERN: &str = "(?:name: [aem]{1,3}, age: 1[0-9]; ?){2,3}true";

/// Token 0 ends an output, token 1 is no text; then characters, then pieces of a schema's texts.
fn texts() -> Vec<String> {
    let characters = "{}[]\":, \n;019aeglmnrstuféd".chars().map(String::from);
    let pieces = [
        "name", "na", "age", "tags", "ag", "ta", "true", "false", "\":", "\": ", "{\"", "\",",
        "\", \"", "[\"", "\"]", "me", "an", "am", "ame", "rue", "\n  ", "\n  \"", ": ", "age\":",
        "1", "19", ": 1",
    ];
    let words = pieces.into_iter().map(String::from);
    [String::new(), String::new()].into_iter().chain(characters).chain(words).collect()
}

/// How a vocabulary cuts forced text, well or badly.
#[derive(Clone, Copy, Debug)]
enum Encoder {
    None,
    Characters,
    Nonsense,
}

fn vocabulary(encoder: Encoder) -> Vocabulary {
    let vocabulary = Vocabulary::new(texts()).unwrap();
    let encode = move |text: &str| {
        if let Encoder::Nonsense = encoder {
            return text.bytes().map(|byte| Token::from(byte) * 7 % 90).collect();
        }
        let texts = texts();
        let token = |letter: char| texts.iter().position(|text| *text == letter.to_string());
        text.chars().filter_map(|letter| token(letter).map(|token| token as Token)).collect()
    };
    match encoder {
        Encoder::None => vocabulary,
        _ => vocabulary.with_encoder(encode).unwrap(),
    }
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Schema(JsonSpace),
    Pattern,
}

impl Form {
    fn grammar(self, vocabulary: &Vocabulary) -> Grammar {
        match self {
            Self::Schema(space) => Grammar::json_schema_with(SCHEMA, space, vocabulary),
            Self::Pattern => Grammar::regex(PATTERN, vocabulary),
        }
        .unwrap()
    }

    /// Whether a whole text is what the form asks for, found without the grammar.
    fn describes(self, text: &str) -> bool {
        if let Self::Pattern = self {
            let rows: Vec<&str> = text.strip_suffix("true").unwrap().split_inclusive(';').collect();
            return rows.iter().filter(|row| row.contains("name: ")).count() >= 2;
        }
        let Ok(Value::Object(members)) = serde_json::from_str(text) else { return false };
        let tags = members["tags"].as_array().unwrap();
        members.len() == 4
            && members["name"].as_str().is_some_and(|name| name.chars().count() <= 5)
            && members["age"].as_u64().is_some_and(|age| age <= 19)
            && (1..=3).contains(&tags.len())
            && tags.iter().all(|tag| ["a", "an", "me"].contains(&tag.as_str().unwrap()))
            && members["seen"].is_boolean()
    }
}

/// What came out, and why no more did.
type Outcome = (Vec<Token>, Option<StopReason>);

fn decode(
    toy: &ToyConfig,
    request: &Request,
    config: Config,
    source: Box<dyn CandidateSource>,
    constraint: Box<dyn Constraint>,
) -> Outcome {
    let mut decoder = GuessAndVerify::new(ToyModel::new(toy.clone()), source).with_config(config);
    decoder.set_constraint(Some(constraint));
    match decoder.decode_blocking(request, &mut ()) {
        Ok(output) => (output.tokens, Some(output.stop)),
        Err(error) => {
            assert_eq!(error.kind(), DecodeErrorKind::NoTokenLeft, "{error}");
            (error.generated().tokens.clone(), None)
        }
    }
}

/// Greedy decoding by hand, with a grammar that is made anew for every token.
fn truth(toy: &ToyConfig, request: &Request, form: Form, vocabulary: &Vocabulary) -> Vec<Token> {
    let model = ToyModel::new(toy.clone());
    let ends: TokenSet = [0].into_iter().collect();
    let mut path = request.prompt.clone();
    while path.len() < request.prompt.len() + request.max_new_tokens {
        let context = Context::new(&path, request.prompt.len(), toy.vocabulary, &ends);
        let mut allowed = TokenMask::all(toy.vocabulary);
        form.grammar(vocabulary).allow(&context, &mut allowed);
        let logits = model.logits_after(&path);
        let mut best: Option<Token> = None;
        for token in allowed.iter() {
            if best.is_none_or(|best| logits[token as usize] > logits[best as usize]) {
                best = Some(token);
            }
        }
        let Some(token) = best else { break };
        path.push(token);
        if token == 0 {
            break;
        }
    }
    path.split_off(request.prompt.len())
}

fn encoders() -> impl Strategy<Value = Encoder> {
    prop::sample::select(vec![Encoder::None, Encoder::Characters, Encoder::Nonsense])
}

fn forms() -> impl Strategy<Value = Form> {
    let schemas = [Form::Schema(JsonSpace::Free), Form::Schema(JsonSpace::None)];
    prop::sample::select([&schemas[..], &[Form::Pattern]].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_roster_says_what_plain_decoding_says(
        seed in any::<u64>(),
        form in forms(),
        encoder in encoders(),
        prompt in prop::collection::vec(2u32..50, 1..8),
        fixed in any::<bool>(),
        nodes in 1..40usize,
        temperature in prop::sample::select(vec![0.0f32, 0.0, 0.7, 1.3]),
    ) {
        let texts = texts();
        let toy = ToyConfig { seed, vocabulary: texts.len() + 2, ..ToyConfig::default() };
        let sampling = Sampling::default().with_temperature(temperature).with_seed(seed);
        let mut request = Request::new(prompt).with_max_new_tokens(90).with_sampling(sampling);
        request.end_of_sequence = Some([0].into_iter().collect());
        let budget = if fixed { BudgetMode::Fixed } else { BudgetMode::Adaptive };
        let config = Config::default().with_budget(budget).with_max_nodes(nodes);
        let vocabulary = vocabulary(encoder);
        let grammar = form.grammar(&vocabulary);

        let none: Vec<Box<dyn CandidateSource>> = Vec::new();
        let plain = decode(&toy, &request, config, Box::new(none), grammar.fork());
        if temperature == 0.0 {
            prop_assert_eq!(&plain.0, &truth(&toy, &request, form, &vocabulary));
        }
        if plain.1 == Some(StopReason::EndOfSequence) {
            let text: String = plain.0.iter().map(|&token| texts[token as usize].as_str()).collect();
            prop_assert!(form.describes(&text), "{text}");
        }
        let forced = Forced::new(grammar.fork());
        prop_assert_eq!(&decode(&toy, &request, config, Box::new(forced), grammar.fork()), &plain);
        for (name, source) in roster::sources() {
            let alone = source.fork();
            let output = decode(&toy, &request, config, alone, grammar.fork());
            prop_assert_eq!(&output, &plain, "{}", name);
            let joined = Box::new((Forced::new(grammar.fork()), source));
            let output = decode(&toy, &request, config, joined, grammar.fork());
            prop_assert_eq!(&output, &plain, "forced, {}", name);
        }
    }
}

#[test]
fn forced_text_saves_steps() {
    let texts = texts();
    let toy = ToyConfig { vocabulary: texts.len(), ..ToyConfig::default() };
    let mut request = Request::new([5, 6]).with_max_new_tokens(200);
    request.end_of_sequence = Some([0].into_iter().collect());
    let grammar = Form::Schema(JsonSpace::None).grammar(&vocabulary(Encoder::None));
    let fixed = Config::default().with_budget(BudgetMode::Fixed);
    let mut decoder = GuessAndVerify::new(ToyModel::new(toy), Forced::new(grammar.fork()))
        .with_config(fixed)
        .with_constraint(grammar);
    let output = decoder.decode_blocking(&request, &mut ()).unwrap();
    assert_eq!(output.stop, StopReason::EndOfSequence);
    let forced = &output.statistics.sources[0];
    assert_eq!(forced.name, "forced");
    assert!(forced.accepted > 0 && output.statistics.steps < output.tokens.len(), "{forced:?}");
    // The model of this test cuts words at random; the end is certain in any case.
    assert_eq!(output.tokens.last(), Some(&0));
}
