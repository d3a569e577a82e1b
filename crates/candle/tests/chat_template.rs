//! Templates written here, for what real ones rely on.

use std::fs;

use candle_core::quantized::gguf_file::Value;
use foretoken_candle::{ChatTemplate, Message};
use serde_json::json;

fn render(source: &str, messages: &[Message]) -> String {
    ChatTemplate::new(source, "<s>", "</s>").unwrap().render(messages, true).unwrap()
}

#[test]
fn blocks_are_trimmed_as_the_reference_does() {
    let source = "\
{{ bos_token }}
{% for message in messages %}
    {% if message['role'] == 'user' %}
[{{ message.content | trim }}]
    {% endif %}
{% endfor %}
{{- eos_token }}
";
    let messages = [Message::user(" a "), Message::assistant("b"), Message::user("c")];
    assert_eq!(render(source, &messages), "<s>\n[a]\n[c]\n</s>");
}

#[test]
fn python_methods_and_loop_controls_work() {
    let source = "{%- set state = namespace(found=false) -%}\
        {%- for message in messages -%}\
        {%- if message.role.startswith('sys') %}{% continue %}{% endif -%}\
        {%- if state.found %}{% break %}{% endif -%}\
        {%- set state.found = message.content.split('!')[0].upper() == 'HI' -%}\
        {{ message.get('content').replace('i', 'o').strip() }}{{ message.get('name', '?') }}\
        {%- if message.tool_calls is defined %}never{% endif -%}\
        {%- endfor -%}\
        {{ messages[::-1][0]['content'] }}{% if tools %}never{% endif %}";
    let messages = [Message::system("s"), Message::user("Hi! "), Message::user("last")];
    assert_eq!(render(source, &messages), "Ho!?last");
}

#[test]
fn generation_prompt_is_the_callers_choice() {
    let source = "{{ messages|length }}{% if add_generation_prompt %} go{% endif %}";
    let template = ChatTemplate::new(source, "", "").unwrap();
    assert_eq!(template.render(&[], true).unwrap(), "0 go");
    assert_eq!(template.render(&[], false).unwrap(), "0");
}

#[test]
fn text_is_not_escaped_and_not_expanded() {
    let hostile = "<b>&'\"</b> {{ bos_token }} {% for %}";
    assert_eq!(render("{{ messages[0].content }}", &[Message::user(hostile)]), hostile);
}

#[test]
fn dates_are_given() {
    let date = render("{{ strftime_now('%Y-%m-%d') }}", &[]);
    assert_eq!((date.len(), &date[..2], &date[4..5]), (10, "20", "-"), "{date}");
}

#[test]
fn errors_are_one_line() {
    let invalid = ChatTemplate::new("a\n{% if %}", "", "").unwrap_err().to_string();
    assert!(invalid.starts_with("the chat template cannot be read: "), "{invalid}");
    assert!(invalid.contains("line 2") && !invalid.contains('\n'), "{invalid}");

    let refusing = "{% if messages[0].role != 'user' %}\
        {{ raise_exception('Roles must\n alternate: ' + messages[0].role) }}{% endif %}";
    let template = ChatTemplate::new(refusing, "", "").unwrap();
    assert_eq!(template.render(&[Message::user("")], true).unwrap(), "");
    assert_eq!(
        template.render(&[Message::new("tool", "")], true).unwrap_err().to_string(),
        "the chat template refuses these messages: Roles must alternate: tool"
    );

    let failing = ChatTemplate::new("{{ messages[0].content.frobnicate() }}", "", "").unwrap();
    let failed = failing.render(&[Message::user("")], true).unwrap_err().to_string();
    assert!(failed.starts_with("the chat template fails on these messages: "), "{failed}");
    assert!(failed.contains("frobnicate") && !failed.contains('\n'), "{failed}");
}

#[test]
fn gguf_metadata_names_template_and_tokens() {
    let text = |text: &str| Value::String(text.to_owned());
    let mut metadata = std::collections::HashMap::from([
        ("tokenizer.ggml.tokens".to_owned(), Value::Array(vec![text("<a>"), text("<b>")])),
        ("tokenizer.ggml.bos_token_id".to_owned(), Value::U32(1)),
        ("tokenizer.ggml.eos_token_id".to_owned(), Value::U32(7)),
    ]);
    assert!(ChatTemplate::from_gguf(&metadata).unwrap().is_none());
    metadata.insert(
        "tokenizer.chat_template".to_owned(),
        text("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"),
    );
    let template = ChatTemplate::from_gguf(&metadata).unwrap().unwrap();
    assert_eq!(template.render(&[Message::user("x")], true).unwrap(), "<b>x");
}

#[test]
fn configuration_files_name_template_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer_config.json");
    let read = |config: serde_json::Value| {
        fs::write(&path, config.to_string()).unwrap();
        ChatTemplate::from_file(&path)
    };
    let prompt = |template: Option<ChatTemplate>| template.unwrap().render(&[], true).unwrap();
    let config = json!({ "chat_template": "a{{ bos_token }}", "bos_token": { "content": "<s>" } });
    assert_eq!(prompt(read(config).unwrap()), "a<s>");
    let named = json!([
        { "name": "tools", "template": "t" }, { "name": "default", "template": "d{{ eos_token }}" },
    ]);
    let config = json!({ "chat_template": named, "eos_token": "</s>" });
    assert_eq!(prompt(read(config).unwrap()), "d</s>");
    assert!(read(json!({})).unwrap().is_none());
    fs::write(folder.path().join("chat_template.jinja"), "j").unwrap();
    assert_eq!(prompt(read(json!({})).unwrap()), "j");
    let message = read(json!({ "chat_template": 5 })).unwrap_err().to_string();
    assert!(message.contains("chat_template is neither text nor a list"), "{message}");
}

/// A file may hold any program.
#[test]
fn a_template_that_does_not_end_is_stopped() {
    let source =
        "{% for a in range(100000) %}{% for b in range(100000) %}xxxxxxxx{% endfor %}{% endfor %}";
    let error = ChatTemplate::new(source, "", "").unwrap().render(&[], true).unwrap_err();
    assert!(error.to_string().contains("fuel"), "{error}");
    // Long conversations are not.
    let source = "{% for message in messages %}{{ message.role }}: {{ message.content | trim }}\n{% endfor %}";
    let messages = vec![Message::user("hello"); 20_000];
    assert!(render(source, &messages).len() > 200_000);
}
