//! What a chart or a table shows, as data: CSV for a spreadsheet, JSON for a program.

use std::fmt::Write;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::Chart;
use super::csv::csv_line;
use crate::html::is_shown_by_name;

/// In which form data is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A table.
    Csv,
    /// A list of objects.
    Json,
}

impl Format {
    /// A name of a file without its ending, and what the ending says. CSV if it says nothing.
    pub fn of(file: &str) -> (&str, Self) {
        match file.rsplit_once('.') {
            Some((name, "json")) => (name, Self::Json),
            Some((name, "csv")) => (name, Self::Csv),
            _ => (file, Self::Csv),
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A text, of whomever.
    Text(String),
    /// A number.
    Number(f64),
    /// Nothing was measured.
    Missing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(count: i64) -> Self {
        Self::Number(count as f64)
    }
}

impl From<Option<f64>> for Cell {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Missing, Self::Number)
    }
}

/// A table of data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    /// What it is.
    pub name: String,
    /// What exactly its figures mean.
    pub about: String,
    /// What the columns are called.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The data, to be sent.
    pub fn answer(&self, format: Format) -> Response {
        let (kind, text) = match format {
            Format::Csv => ("text/csv; charset=utf-8", self.csv()),
            Format::Json => ("application/json", self.json()),
        };
        ([(header::CONTENT_TYPE, kind)], text).into_response()
    }

    /// As CSV, numbers as they are.
    pub fn csv(&self) -> String {
        let mut csv = csv_line(self.columns.iter().map(String::as_str));
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(written).collect();
            csv.push_str(&csv_line(cells.iter().map(String::as_str)));
        }
        csv
    }

    /// As JSON, an object for each row.
    pub fn json(&self) -> String {
        let object = |row: &Vec<Cell>| -> Value {
            let named = self.columns.iter().cloned().zip(row.iter().map(value));
            Value::Object(named.collect::<Map<_, _>>())
        };
        let rows: Vec<Value> = self.rows.iter().map(object).collect();
        let all = json!({ "name": self.name, "definition": self.about, "rows": rows });
        // What turns text around or hides in it is written by its number, which means the same.
        let mut text = String::new();
        for letter in all.to_string().chars() {
            if is_shown_by_name(letter) {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    write!(text, "\\u{unit:04x}").expect("a String takes everything");
                }
            } else {
                text.push(letter);
            }
        }
        text
    }
}

fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Missing => String::new(),
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => json!(text),
        #[expect(clippy::cast_possible_truncation, reason = "it is a whole number of this size")]
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            json!(*number as i64)
        }
        Cell::Number(number) => json!(number),
        Cell::Missing => Value::Null,
    }
}

impl Chart {
    /// The data of the chart.
    pub fn sheet(&self) -> Sheet {
        let names = self.series.iter().map(|series| series.name.clone());
        let row = |(at, point): (usize, &super::Point)| {
            let values = self.series.iter().map(|series| series.values.get(at).copied().flatten());
            let key = self.keys.get(at).unwrap_or(&point.name);
            std::iter::once(Cell::Text(key.clone())).chain(values.map(Cell::from)).collect()
        };
        Sheet {
            name: self.heading.clone(),
            about: self.about.clone(),
            columns: std::iter::once(self.of.to_owned()).chain(names).collect(),
            rows: self.points.iter().enumerate().map(row).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_is_inert_in_both_forms_and_the_same_when_read() {
        let name = "=1+1\u{202e}\u{e0041}";
        let sheet = Sheet {
            columns: vec!["Name".to_owned(), "Players".to_owned()],
            rows: vec![vec![name.into(), Cell::Number(3.0)], vec!["x".into(), Cell::Missing]],
            ..Sheet::default()
        };
        assert_eq!(sheet.csv(), "Name,Players\r\n\"'=1+1[RLO][U+E0041]\",3\r\nx,\r\n");
        let text = sheet.json();
        assert!(!text.contains('\u{202e}') && !text.contains('\u{e0041}'), "{text}");
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["rows"][0], json!({ "Name": name, "Players": 3 }));
        assert_eq!(read["rows"][1]["Players"], Value::Null);
    }

    #[test]
    fn the_ending_of_a_name_says_the_form() {
        assert_eq!(Format::of("active.json"), ("active", Format::Json));
        assert_eq!(Format::of("a.b.csv"), ("a.b", Format::Csv));
        assert_eq!(Format::of("active"), ("active", Format::Csv));
    }
}
