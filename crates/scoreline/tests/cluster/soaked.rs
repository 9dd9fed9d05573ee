//! A minute of a soak on PostgreSQL and Redis, by the command that anybody can type: things break one after
//! the other, and afterwards every number is right.

use std::process::Command;

#[test]
fn every_number_is_right_after_a_minute_in_which_one_thing_after_the_other_breaks() {
    let mut soak = Command::new(env!("CARGO_BIN_EXE_scoreline"));
    soak.args(["soak", "--minutes", "1", "--every", "8", "--rate", "40", "--seed", "3"]);
    let output = soak.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{said}");
    assert!(told.contains("Nothing differs.") && told.contains("verify: clean"), "{told}");
    let faults = told.lines().filter(|line| line.trim_start().starts_with("after")).count();
    assert!(faults >= 6, "{told}");
}
