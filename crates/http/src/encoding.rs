//! Compressed request bodies, limited by what they inflate to: a few bytes of a bomb must not
//! become gigabytes.

use std::io::Read;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};

use crate::app::App;
use crate::problem::{Problem, Slug};

/// A request's body as text, of at most `body_bytes_max` bytes.
pub(crate) fn decompressed(
    app: &App,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, Problem> {
    let body = body.map_err(|error| not_read(app, &error))?;
    let named = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let encoding = named.unwrap_or_default().trim().to_ascii_lowercase();
    // Some clients' libraries name an encoding even where there is nothing to encode.
    if body.is_empty() {
        return Ok(body);
    }
    let reader: Box<dyn Read> = match &*encoding {
        "" | "identity" => return Ok(body),
        "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(&*body)),
        "zstd" => {
            Box::new(zstd::Decoder::new(&*body).map_err(|error| not_inflated("zstd", &error))?)
        }
        other => {
            let detail = format!("the body's encoding is {other:?}; gzip and zstd are understood");
            return Err(Problem::new(Slug::UnsupportedEncoding, detail));
        }
    };
    let max = app.settings.body_bytes_max;
    let mut text = Vec::new();
    reader
        .take(max as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|error| not_inflated(&encoding, &error))?;
    if text.len() > max { Err(too_many_bytes(app)) } else { Ok(text.into()) }
}

fn not_read(app: &App, error: &BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_many_bytes(app);
    }
    Problem::new(Slug::InvalidJson, format!("the body did not arrive whole: {error}"))
        .error("Invalid JSON payload")
}

fn too_many_bytes(app: &App) -> Problem {
    let max = app.settings.body_bytes_max;
    Problem::new(Slug::TooLarge, format!("the body has more than {max} bytes (body_bytes_max)"))
}

fn not_inflated(encoding: &str, error: &std::io::Error) -> Problem {
    Problem::new(Slug::InvalidJson, format!("the body is not valid {encoding}: {error}"))
        .error("Invalid JSON payload")
}
