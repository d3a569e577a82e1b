//! Figures and names as text.

/// A ratio with two digits, as `1.51`.
pub(super) fn ratio(value: f64) -> String {
    finite(value, |value| format!("{value:.2}"))
}

/// A share, as `37%`; one digit more where little is left of it.
pub(super) fn percent(share: f64) -> String {
    finite(share, |share| {
        let digits = usize::from((0.0005..0.0095).contains(&share));
        format!("{:.digits$}%", share * 100.0)
    })
}

/// Three digits of any positive number, as `128`, `17.4` or `0.062`.
pub(super) fn three_digits(value: f64) -> String {
    finite(value, |value| {
        let digits = match value.abs() {
            size if size >= 99.95 => 0,
            size if size >= 9.995 => 1,
            size if size >= 0.9995 || size == 0.0 => 2,
            _ => 3,
        };
        format!("{value:.digits$}")
    })
}

fn finite(value: f64, text: impl FnOnce(f64) -> String) -> String {
    if value.is_finite() { text(value) } else { "–".to_owned() }
}

/// A count with its noun, as `1 step` or `1,206 steps`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let ending = match number {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{} {noun}{ending}", thousands(number))
}

/// A whole number with commas.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What people call a kind of task.
pub(super) fn task(name: &str) -> String {
    let known = name.to_lowercase().replace(['_', ' '], "-");
    let called = match known.as_str() {
        "humaneval" | "human-eval" => "code",
        "mt-bench" => "chat",
        "summarization" | "summary" => "summaries",
        "qa" | "question-answering" => "questions",
        "rag" | "retrieval" => "retrieved text",
        "gsm8k" => "word problems",
        "math-reasoning" => "mathematics",
        _ => return name.replace('_', " "),
    };
    called.to_owned()
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Text for HTML and SVG, between tags and in attributes.
///
/// Control characters, which no page may hold, become their pictures; line breaks and tabs stay.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            '\u{0}'..='\u{1f}' => {
                escaped.extend(char::from_u32(0x2400 + character as u32));
            }
            '\u{7f}'..='\u{9f}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A name as code in HTML.
pub(super) fn code(name: &str) -> String {
    format!("<code>{}</code>", escape(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_matter() {
        assert_eq!(ratio(1.514_9), "1.51");
        assert_eq!(ratio(f64::NAN), "–");
        assert_eq!([0.371, 0.004, 0.0001].map(percent), ["37%", "0.4%", "0%"]);
        let shown = [1234.5, 128.4, 17.44, 1.0, 0.062_3].map(three_digits);
        assert_eq!(shown, ["1234", "128", "17.4", "1.00", "0.062"]);
        assert_eq!(count(1206, "token"), "1,206 tokens");
        assert_eq!([count(1, "step"), count(2, "guess")], ["1 step", "2 guesses"]);
        assert_eq!(list(&["a", "b", "c"].map(str::to_owned)), "a, b and c");
    }

    #[test]
    fn nothing_gets_out_of_its_place() {
        assert_eq!(escape("</script>&\"'"), "&lt;/script&gt;&amp;&quot;&#39;");
        assert_eq!(escape("a\u{0}\u{1b}[1m\u{9b}\n"), "a\u{2400}\u{241b}[1m\u{fffd}\n");
    }
}
