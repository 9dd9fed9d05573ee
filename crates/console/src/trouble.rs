//! What went wrong, as a page: the problems of the API in the frame of the console.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html as HtmlBody, IntoResponse, Response};
use scoreline_http::{Problem, Slug};

use crate::assets::{ASSETS, Assets};
use crate::html::{Html, inert};

/// A problem that is shown as a page.
pub(crate) struct Trouble(Problem);

#[derive(Template)]
#[template(path = "trouble.html")]
struct Page {
    assets: &'static Assets,
    title: &'static str,
    detail: Html,
    is_signed_out: bool,
}

impl Trouble {
    /// This problem.
    pub fn of(problem: Problem) -> Self {
        Self(problem)
    }

    /// A thing that is not there.
    pub fn not_found(what: &str) -> Self {
        Self(Problem::new(Slug::NotFound, what))
    }
}

impl<E> From<E> for Trouble
where
    Problem: From<E>,
{
    fn from(error: E) -> Self {
        Self(Problem::from(error))
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (_, status, title) = self.0.slug().parts();
        let page = Html::of(&Page {
            assets: &ASSETS,
            title,
            detail: inert(self.0.detail()),
            is_signed_out: status == StatusCode::UNAUTHORIZED,
        });
        let mut response = (status, HtmlBody(page.into_string())).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let bearer = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}
