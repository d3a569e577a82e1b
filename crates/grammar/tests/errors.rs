//! What cannot be a constraint is said in one line, and nothing panics.

use foretoken_grammar::{
    Grammar, GrammarError,
    GrammarErrorKind::{self, Json, NeverMatches, Regex, Schema, Unsupported},
    JsonSpace, Vocabulary,
};
use proptest::prelude::*;

fn bytes() -> Vocabulary {
    let ascii = (0..128u8).map(|byte| vec![byte]);
    Vocabulary::new(ascii.chain([Vec::new()])).unwrap()
}

fn assert_refused(result: Result<Grammar, GrammarError>, kind: GrammarErrorKind, word: &str) {
    let error = result.expect_err(word);
    let line = error.to_string();
    assert_eq!(error.kind(), kind, "{line}");
    assert!(line.contains(word) && !line.contains('\n') && line.len() < 400, "{word}: {line}");
}

#[test]
fn schemas() {
    let vocabulary = bytes();
    for (schema, kind, word) in [
        ("{\"type\": ", Json, "line 1"),
        ("", Json, "EOF"),
        ("3", Schema, "object"),
        ("[]", Schema, "object"),
        (r#"{"type": "strnig"}"#, Schema, "strnig"),
        (r#"{"type": 3}"#, Schema, "type"),
        (r#"{"properties": []}"#, Schema, "properties"),
        (r##"{"$ref": "#/$defs/none"}"##, Schema, "none"),
        (r#"{"type": "string", "pattern": "("}"#, Schema, "("),
        (r#"{"type": "object", "dependentSchemas": {}}"#, Unsupported, "dependentSchemas"),
        (
            r#"{"oneOf": [{"type": "object"}, {"type": "object", "maxProperties": 3}]}"#,
            Unsupported,
            "oneOf",
        ),
        ("false", NeverMatches, "false"),
        (r#"{"type": "integer", "minimum": 5, "maximum": 4}"#, NeverMatches, "minimum"),
        (r#"{"type": "string", "minLength": 5, "maxLength": 4}"#, NeverMatches, "minLength"),
        (r#"{"enum": []}"#, NeverMatches, "empty"),
    ] {
        assert_refused(Grammar::json_schema(schema, &vocabulary), kind, word);
    }
    for schema in ["true", "{}", r#"{"type": "object"}"#, r#"{"const": 3}"#] {
        for space in [JsonSpace::Free, JsonSpace::None] {
            Grammar::json_schema_with(schema, space, &vocabulary).expect(schema);
        }
    }
}

#[test]
fn regular_expressions() {
    let vocabulary = bytes();
    for (pattern, kind, word) in [
        ("(", Regex, "byte 0"),
        ("a{2,1}", Regex, "byte 1"),
        ("[z-a]", Regex, "byte 1"),
        ("", Regex, "empty"),
        ("^$", Regex, "empty"),
        (r"a(?=b)", Regex, "look-around"),
        (r"a\bb", Unsupported, "\\b"),
        (r"[^\s\S]", NeverMatches, "vocabulary"),
        (r"ab[^\s\S]", NeverMatches, "vocabulary"),
        ("é", NeverMatches, "vocabulary"),
    ] {
        assert_refused(Grammar::regex(pattern, &vocabulary), kind, word);
    }
    for pattern in ["a", "^a$", "a/b", "\n", "[0-9]{3}-[0-9]{4}", r"(?i)yes|no", r"\$"] {
        Grammar::regex(pattern, &vocabulary).expect(pattern);
    }
}

#[test]
fn grammars() {
    let vocabulary = bytes();
    let lark = |grammar| Grammar::lark(grammar, &vocabulary);
    assert_refused(lark("start: \"a\" b"), GrammarErrorKind::Grammar, "b");
    assert_refused(lark("begin: \"a\""), GrammarErrorKind::Grammar, "start");
    lark("start: \"(\" start \")\" | \"x\"").unwrap();
}

#[test]
fn vocabularies() {
    let kind = |result: Result<Vocabulary, GrammarError>| result.unwrap_err().kind();
    let none: [&str; 0] = [];
    assert_eq!(kind(Vocabulary::new(none)), GrammarErrorKind::Vocabulary);
    assert_eq!(kind(Vocabulary::new(["", ""])), GrammarErrorKind::Vocabulary);
    // A token that is too long for any use, and bytes that no text has.
    let odd = Vocabulary::new([vec![b'a'; 5000], vec![0xff], b"a".to_vec()]).unwrap();
    assert_eq!(odd.len(), 3);
    let clone = odd.clone();
    assert_eq!(kind(odd.with_encoder(|_| Vec::new())), GrammarErrorKind::Vocabulary);
    clone.with_encoder(|_| Vec::new()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_makes_a_parser_panic(text in r#"[a-c\[\](){}*+?|^$.\\/"':,0-9 \n-]{0,20}"#) {
        let vocabulary = bytes();
        let results = [
            Grammar::json_schema(&text, &vocabulary),
            Grammar::regex(&text, &vocabulary),
            Grammar::lark(&text, &vocabulary),
            Grammar::lark(&format!("start: {text}"), &vocabulary),
        ];
        for error in results.into_iter().filter_map(Result::err) {
            prop_assert!(!error.to_string().contains('\n'));
            prop_assert!(!error.to_string().contains("panic"), "{}", error);
        }
    }
}
