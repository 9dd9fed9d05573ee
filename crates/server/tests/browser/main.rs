//! The console in a real browser: headless Chromium, driven over `WebDriver`, against a server with a real
//! database.

mod accessibility;
mod browser;
mod site;
mod story;
mod webdriver;
