//! Columns of text.

use console::{Style, measure_text_width};

/// Rows under a heading. The first column holds names and begins at one place; the others end at one place.
pub(crate) struct Table {
    heading: Vec<&'static str>,
    rows: Vec<(Vec<String>, Style)>,
}

/// Spaces between columns.
const GAP: usize = 2;

impl Table {
    pub(crate) fn new(heading: impl Into<Vec<&'static str>>) -> Self {
        Self { heading: heading.into(), rows: Vec::new() }
    }

    /// Adds a row with a cell for each column.
    pub(crate) fn row(&mut self, cells: impl Into<Vec<String>>, style: Style) {
        self.rows.push((cells.into(), style));
    }

    /// All lines, each with a line break.
    pub(crate) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.heading.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|(cells, _)| cells.get(column));
                let widest = cells.map(|cell| measure_text_width(cell)).max().unwrap_or(0);
                widest.max(measure_text_width(self.heading[column]))
            })
            .collect();
        let heading: Vec<String> = self.heading.iter().map(|&name| name.to_owned()).collect();
        let mut text = line(&heading, &widths, &Style::new().bold());
        for (cells, style) in &self.rows {
            text.push_str(&line(cells, &widths, style));
        }
        text
    }
}

fn line(cells: &[String], widths: &[usize], style: &Style) -> String {
    let mut text = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let padding = " ".repeat(width - measure_text_width(cell));
        if column == 0 {
            text.push_str(cell);
            text.push_str(&padding);
        } else {
            text.push_str(&" ".repeat(GAP));
            text.push_str(&padding);
            text.push_str(cell);
        }
    }
    format!("{}\n", style.apply_to(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(["name", "n"]);
        table.row(["é".to_owned(), "1.00".to_owned()], Style::new());
        table.row(["longer".to_owned(), "12.00".to_owned()], Style::new());
        let text = console::strip_ansi_codes(&table.render()).into_owned();
        assert_eq!(text, "name        n\né        1.00\nlonger  12.00\n");
    }
}
