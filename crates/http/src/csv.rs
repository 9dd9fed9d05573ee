//! Tables as CSV, for spreadsheets: RFC 4180, with nothing in a cell that a spreadsheet would run.

use std::fmt::Write as _;

/// A cell.
pub(crate) enum Cell {
    /// A text, perhaps one that a client chose.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// Nothing.
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.to_string()))
    }
}

/// A table with a head.
pub(crate) struct Table {
    text: String,
}

impl Table {
    /// An empty table with these columns.
    pub fn new<'n>(columns: impl IntoIterator<Item = &'n str>) -> Self {
        let mut table = Self { text: String::new() };
        table.row(columns.into_iter().map(Cell::from));
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                self.text.push(',');
            }
            match cell {
                Cell::Text(text) => self.quoted(&text),
                Cell::Number(number) => self.text.push_str(&number),
                Cell::Empty => {}
            }
        }
        self.text.push_str("\r\n");
    }

    /// Spreadsheets take a text for a formula that begins with one of these characters, wherever it came
    /// from; an apostrophe before it keeps it a text.
    fn quoted(&mut self, text: &str) {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
        let guard = if is_formula { "'" } else { "" };
        let plain = !is_formula && !text.contains(['"', ',', '\r', '\n']);
        let written = if plain {
            write!(self.text, "{text}")
        } else {
            write!(self.text, "\"{guard}{}\"", text.replace('"', "\"\""))
        };
        written.expect("a text grows");
    }

    /// The text of it.
    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_wrote_stays_one_cell_and_runs_nowhere() {
        let mut table = Table::new(["value", "dau"]);
        for text in ["ios", "a,\"b\"\r\nc", "=HYPERLINK(\"x\")", "@SUM(1)", "-1+2", "+1", ""] {
            table.row([Cell::from(text), Cell::from(-5)]);
        }
        table.row([Cell::Empty, Cell::from(Some(0.5))]);
        let expected = "value,dau\r\nios,-5\r\n\"a,\"\"b\"\"\r\nc\",-5\r\n\
            \"'=HYPERLINK(\"\"x\"\")\",-5\r\n\"'@SUM(1)\",-5\r\n\"'-1+2\",-5\r\n\"'+1\",-5\r\n,-5\r\n,0.5\r\n";
        assert_eq!(table.finish(), expected);
    }
}
