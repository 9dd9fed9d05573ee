//! Tables as CSV. A cell is never a formula to whatever opens it, and no character in it steers
//! anything.

use crate::html::inert_attribute;

/// One line.
pub(super) fn csv_line<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
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
