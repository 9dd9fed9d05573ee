//! docs/api.md names every problem and every reject code.

use scoreline_core::event::RejectCode;
use scoreline_http::Slug;

const DOCS: &str = include_str!("../../../docs/api.md");

#[test]
fn every_problem_is_documented_with_its_status() {
    for slug in Slug::ALL {
        let (name, status, _) = slug.parts();
        let row = format!("| `/problems/{name}` | {} |", status.as_u16());
        assert!(DOCS.contains(&row), "docs/api.md lacks {row}");
    }
}

#[test]
fn every_reject_code_is_documented() {
    for code in RejectCode::ALL {
        assert!(
            DOCS.contains(&format!("`{}`", code.as_str())),
            "docs/api.md lacks {}",
            code.as_str()
        );
    }
}
