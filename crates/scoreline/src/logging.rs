//! Where log lines go: standard error, as text or as JSON; and traces, in programs that were built with
//! them.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// Where spans go, until it is dropped.
#[cfg(feature = "otel")]
pub type Traces = Option<crate::traces::Traces>;
/// Nowhere: the program was built without them.
#[cfg(not(feature = "otel"))]
pub struct Traces;

type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts logging. Keep what it answers: what is not sent yet goes out when that is dropped.
pub fn start(json: bool) -> anyhow::Result<Traces> {
    let filter = || EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines: Boxed = if json {
        lines.json().with_filter(filter()).boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).with_filter(filter()).boxed()
    };
    let (traces, spans) = traced(&filter)?;
    tracing_subscriber::registry()
        .with(std::iter::once(lines).chain(spans).collect::<Vec<_>>())
        .init();
    Ok(traces)
}

#[cfg(feature = "otel")]
fn traced(filter: &dyn Fn() -> EnvFilter) -> anyhow::Result<(Traces, Option<Boxed>)> {
    let Some(traces) = crate::traces::Traces::by_environment()? else { return Ok((None, None)) };
    let spans = traces.layer().with_filter(filter()).boxed();
    Ok((Some(traces), Some(spans)))
}

#[cfg(not(feature = "otel"))]
#[expect(clippy::unnecessary_wraps, reason = "with traces it can fail")]
fn traced(_: &dyn Fn() -> EnvFilter) -> anyhow::Result<(Traces, Option<Boxed>)> {
    Ok((Traces, None))
}
