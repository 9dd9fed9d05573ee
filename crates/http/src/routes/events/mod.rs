//! Events in, and what became of them.

mod dead;
mod post;
mod quarantine;
mod recent;
mod reject_reason;
mod set_aside;
mod stats;
mod unvoid;
mod void;
mod voiding;

use axum::http::Uri;
use scoreline_core::store::{DeadNo, QuarantineNo};
use set_aside::{Filter, PageQuery};

use crate::access::Endpoint;
use crate::problem::Problem;
use crate::request::cursor::Cursor;
use crate::request::query::read_strictly;

/// The endpoints of this area.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![post::endpoint(), stats::endpoint(), recent::endpoint()];
    endpoints.extend([void::endpoint(), unvoid::endpoint()]);
    endpoints.extend(dead::endpoints());
    endpoints.extend(quarantine::endpoints());
    endpoints
}

/// Reads a text as the cursors of the lists, and what they write again: for the fuzzer.
pub(super) fn read_cursors_again(text: &str) {
    fn again<C: Cursor + PartialEq + std::fmt::Debug>(text: &str) {
        if let Some(cursor) = C::read(text) {
            assert_eq!(C::read(&cursor.text()), Some(cursor), "{text:?}");
        }
    }
    again::<DeadNo>(text);
    again::<QuarantineNo>(text);
}

/// Reads the parameters of the lists, as their endpoints do: for the fuzzer.
pub(super) fn read_list_parameters(uri: &Uri) -> Result<(), Problem> {
    let (_, page) = read_strictly::<(Filter, PageQuery)>(uri)?;
    page.after::<DeadNo>()?;
    page.after::<QuarantineNo>().map(drop)
}
