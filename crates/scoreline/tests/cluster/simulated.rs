//! A day of players on PostgreSQL and Redis, every number compared, by the command that anybody can type.

use std::process::Command;

#[test]
fn every_number_of_a_day_through_the_queue_is_as_reckoned() {
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_scoreline"));
    simulate.args(["simulate", "--day", "--dau", "300", "--profile", "queue", "--seed", "5"]);
    let output = simulate.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{said}");
    assert!(told.contains("Nothing differs.") && told.contains("verify: clean"), "{told}");
}
