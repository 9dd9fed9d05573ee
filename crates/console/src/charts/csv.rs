//! Tables as CSV. A cell is never a formula to whatever opens it, and no character in it steers
//! anything.

use super::{Chart, Series};
use crate::html::inert_attribute;

/// One line.
pub(crate) fn csv_line<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let text = inert_attribute(text);
    let is_number = text.parse::<f64>().is_ok();
    let is_formula = text.starts_with(['=', '+', '-', '@']) && !is_number;
    let text = if is_formula { format!("'{text}") } else { text };
    if text.contains([',', '"', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

impl Chart {
    /// The data of the chart, numbers as they are.
    pub fn csv(&self) -> String {
        let names = self.series.iter().map(|series| series.name.as_str());
        let mut csv = csv_line(std::iter::once(self.of).chain(names));
        for (at, point) in self.points.iter().enumerate() {
            let value = |series: &Series| series.values.get(at).copied().flatten();
            let cells: Vec<String> = self
                .series
                .iter()
                .map(|series| value(series).map_or_else(String::new, |value| value.to_string()))
                .collect();
            let cells = cells.iter().map(String::as_str);
            csv.push_str(&csv_line(std::iter::once(point.name.as_str()).chain(cells)));
        }
        csv
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let line =
            csv_line(["=1+1", "@SUM(A1)", "+49", "-5", "-x", "a,b", "say \"x\"", "\u{202e}x\n"]);
        let wanted =
            "\"'=1+1\",\"'@SUM(A1)\",+49,-5,\"'-x\",\"a,b\",\"say \"\"x\"\"\",[RLO]x[LF]\r\n";
        assert_eq!(line, wanted);
    }
}
