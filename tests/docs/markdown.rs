//! As much of Markdown as the tests of the documentation need.

/// A fenced block of code.
pub(crate) struct Block {
    /// What follows the fence: `rust,no_run`.
    pub(crate) info: String,
    pub(crate) code: String,
}

/// The text of a page and its blocks.
pub(crate) fn split(page: &str) -> (String, Vec<Block>) {
    let (mut text, mut blocks) = (String::new(), Vec::new());
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (open.take(), line.strip_prefix("```")) {
            (None, None) => text.extend([line, "\n"]),
            (None, Some(info)) => {
                open = Some(Block { info: info.to_owned(), code: String::new() });
            }
            (Some(block), Some(_)) => blocks.push(block),
            (Some(mut block), None) => {
                block.code.extend([line, "\n"]);
                open = Some(block);
            }
        }
    }
    assert!(open.is_none(), "a block of code is not closed");
    (text, blocks)
}

/// Where the links of a text lead.
pub(crate) fn links(text: &str) -> Vec<&str> {
    let after = text.split("](").skip(1);
    after.filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).collect()
}

/// The spans of code in a text.
pub(crate) fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The anchors of the headings of a page, as the forge and the book make them.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    let (text, _) = split(page);
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().chars();
        let kept = kept.filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}
