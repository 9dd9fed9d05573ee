//! A browser, as whoever sits before it uses it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::webdriver::{Driver, capabilities};

/// How long anything may take to show before a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page.
pub struct Browser {
    driver: Driver,
    session: String,
}

impl Browser {
    /// A new one, as wide as a desk.
    pub async fn start() -> Self {
        let driver = Driver::start().await;
        let made = driver.command("POST", "/session", Some(&capabilities(&driver.mark()))).await;
        let made = made.expect("Chromium starts");
        let session = made["sessionId"].as_str().expect("a session").to_owned();
        let browser = Self { driver, session };
        browser.is_as_wide_as(1_280).await;
        browser
    }

    /// What tells its processes from those of other browsers.
    pub fn mark(&self) -> String {
        self.driver.mark()
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        let path = format!("/session/{}{path}", self.session);
        self.driver.command("POST", &path, Some(&body)).await
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", body).await.expect("the browser does it")
    }

    /// Sets the width of its window.
    pub async fn is_as_wide_as(&self, width: u32) {
        let metrics = json!({
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Prefers light or dark pages.
    pub async fn prefers(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Runs scripts of pages, or not.
    pub async fn runs_scripts(&self, yes: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !yes })).await;
    }

    /// Goes to an address.
    pub async fn opens(&self, address: &str) {
        self.post("/url", json!({ "url": address })).await.expect("the page opens");
    }

    /// What a script answers.
    pub async fn asks(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.post("/execute/sync", body).await.expect("the script runs")
    }

    /// Waits until a script answers true.
    #[track_caller]
    pub fn sees(&self, what: &str, script: &str) -> impl Future<Output = ()> + use<'_> {
        let place = std::panic::Location::caller();
        let (what, script) = (what.to_owned(), format!("return {script}"));
        async move {
            let start = Instant::now();
            loop {
                let body = json!({ "script": script, "args": [] });
                // While a page is left for another, there is none.
                let answer = self.post("/execute/sync", body).await;
                if answer == Ok(Value::Bool(true)) {
                    return;
                }
                if start.elapsed() > DEADLINE {
                    let text = self.asks("return document.body.innerText").await;
                    panic!("{what} was not seen ({place}), but {answer:?} in {text}");
                }
            }
        }
    }

    /// Waits until the page shows a text.
    #[track_caller]
    pub fn reads(&self, text: &str) -> impl Future<Output = ()> + use<'_> {
        self.sees(text, &format!("document.body.innerText.includes({})", json!(text)))
    }

    async fn element(&self, selector: &str) -> String {
        let body = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", body).await;
        let found = found.unwrap_or_else(|error| panic!("{selector} is there: {error}"));
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Types into a field; a line break sends its form.
    pub async fn types(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        let typed = self.post(&format!("/element/{element}/value"), json!({ "text": text })).await;
        typed.unwrap_or_else(|error| panic!("{selector} takes text: {error}"));
    }

    /// Clicks.
    pub async fn clicks(&self, selector: &str) {
        let element = self.element(selector).await;
        let clicked = self.post(&format!("/element/{element}/click"), json!({})).await;
        clicked.unwrap_or_else(|error| panic!("{selector} can be clicked: {error}"));
    }

    /// Clicks on what leads to another page, or to the same one anew, and waits until the former one is left. Needs no
    /// scripts.
    pub async fn follows(&self, selector: &str) {
        let before = self.loaded().await;
        self.clicks(selector).await;
        let start = Instant::now();
        while self.loaded().await == before {
            assert!(start.elapsed() < DEADLINE, "{selector} leads nowhere");
        }
    }

    /// Which page it is: another one each time that a page is loaded.
    async fn loaded(&self) -> Value {
        self.devtools("Page.getFrameTree", json!({})).await["frameTree"]["frame"]["loaderId"].take()
    }
}
