//! The console in a real browser: headless Chromium, driven over `WebDriver`, against a server with a real
//! database.

mod accessibility;
mod browser;
mod site;
mod story;
mod webdriver;

/// How many processes have this among their arguments.
fn processes_with(argument: &str) -> usize {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let lines = processes.filter_map(|one| std::fs::read(one.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(argument)).count()
}

#[tokio::test]
async fn a_browser_ends_with_its_test() {
    let browser = browser::Browser::start().await;
    let mark = browser.mark();
    assert!(processes_with(&mark) > 0, "the browser runs");
    drop(browser);
    assert_eq!(processes_with(&mark), 0, "nothing is left behind");
}
