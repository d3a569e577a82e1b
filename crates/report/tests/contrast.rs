//! The style sheet's colours can be told from what they stand on, in light and in dark.

use std::collections::BTreeMap;

type Colour = [f64; 3];

const STYLE: &str = include_str!("../src/html/assets/style.css");

/// The colours of the first rule after `begin`.
fn colours(begin: &str) -> BTreeMap<&'static str, Colour> {
    let rule = STYLE.split_once(begin).unwrap().1.split_once('}').unwrap().0;
    let declarations = rule.lines().filter_map(|line| line.trim().strip_prefix("--"));
    let colour = |line: &'static str| {
        let (name, value) = line.trim_end_matches(';').split_once(": ")?;
        let digits = value.strip_prefix('#')?;
        let part = |at| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        Some((name, [part(0), part(2), part(4)]))
    };
    declarations.filter_map(colour).collect()
}

/// WCAG 2.2, relative luminance and contrast ratio.
fn contrast(a: Colour, b: Colour) -> f64 {
    let linear = |part: f64| {
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance =
        |[r, g, b]: Colour| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn mixed(colour: Colour, share: f64, paper: Colour) -> Colour {
    [0, 1, 2].map(|part| colour[part] * share + paper[part] * (1.0 - share))
}

#[test]
fn colours_can_be_told_from_what_they_stand_on() {
    for (theme, begin) in
        [("light", ":root {"), ("dark", "(prefers-color-scheme: dark) {\n  :root {")]
    {
        let colours = colours(begin);
        let [paper, card, ink] = ["paper", "card", "ink"].map(|name| colours[name]);
        for text in ["ink", "quiet", "good", "bad"] {
            for ground in [paper, card] {
                let ratio = contrast(colours[text], ground);
                assert!(ratio >= 4.5, "{theme}: {text} has {ratio:.2}");
            }
        }
        for number in 0..8 {
            let colour = colours[format!("c{number}").as_str()];
            let ratio = contrast(colour, paper);
            assert!(ratio >= 3.0, "{theme}: c{number} has {ratio:.2}");
            // Words on the strongest tints.
            for ground in [paper, card] {
                let ratio = contrast(ink, mixed(colour, 0.36, ground));
                assert!(ratio >= 4.5, "{theme}: ink on c{number} has {ratio:.2}");
            }
        }
    }
}
