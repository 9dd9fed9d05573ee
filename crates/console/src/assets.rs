//! The style sheet, the script and the icon, embedded, under names that hold a hash of what they are,
//! so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Where what pages for everybody need is served.
pub(crate) const PUBLIC: &str = "/privacy/assets";

/// One embedded file.
pub(crate) struct Asset {
    /// Where it is served.
    pub path: String,
    name: String,
    kind: &'static str,
    content: &'static [u8],
}

/// All of them.
pub(crate) struct Assets {
    /// The style sheet.
    pub css: Asset,
    /// The script.
    pub js: Asset,
    /// The icon of the page.
    pub icon: Asset,
}

/// All embedded files.
pub(crate) static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    css: Asset::new(
        "console",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/console.css"),
    ),
    js: Asset::new(
        "console",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/console.js"),
    ),
    icon: Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../assets/icon.svg")),
});

impl Asset {
    /// Where it is served for pages that are no operator's: a proxy may keep the console to itself.
    pub fn public_path(&self) -> String {
        format!("{PUBLIC}/{}", self.name)
    }

    fn new(stem: &str, extension: &str, kind: &'static str, content: &'static [u8]) -> Self {
        let digest = Sha256::digest(content);
        let hash: Vec<String> = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let hash = hash.concat();
        let name = format!("{stem}.{hash}.{extension}");
        Self { path: format!("/console/assets/{name}"), name, kind, content }
    }
}

/// `GET /console/assets/{name}`, for anybody: nothing in them is secret.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let all = [&ASSETS.css, &ASSETS.js, &ASSETS.icon];
    let Some(asset) = all.into_iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let head = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (head, asset.content).into_response()
}
