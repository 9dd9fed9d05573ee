//! Traces by OpenTelemetry: every request as a span, sent to a collector by OTLP over HTTP.
//!
//! Only in programs that were built with the feature `otel`, and only where the environment names a
//! collector.

use anyhow::Context;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Registry;

/// What spans are said to be of.
const SERVICE: &str = "scoreline";
/// The settings of OpenTelemetry that name a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Where spans go. What is not sent yet goes out when it is dropped.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// To the collector that the environment names; `None` if it names none.
    pub fn by_environment() -> anyhow::Result<Option<Self>> {
        if ENDPOINTS.iter().all(|name| std::env::var_os(name).is_none()) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().build();
        Ok(Some(Self::by(exporter.context("traces cannot be sent")?)))
    }

    /// To the collector at an address.
    #[cfg(test)]
    fn to(endpoint: &str) -> anyhow::Result<Self> {
        Ok(Self::by(SpanExporter::builder().with_http().with_endpoint(endpoint).build()?))
    }

    fn by(exporter: SpanExporter) -> Self {
        let resource = Resource::builder().with_service_name(SERVICE).build();
        let provider = SdkTracerProvider::builder();
        Self(provider.with_resource(resource).with_batch_exporter(exporter).build())
    }

    /// The layer that makes spans of what is traced.
    pub fn layer(&self) -> OpenTelemetryLayer<Registry, Tracer> {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer(SERVICE))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(traces.error = %error, "the last spans were not sent");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn a_span_reaches_the_collector() {
        let collector = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = collector.local_addr().expect("it is bound");
        let received = std::thread::spawn(move || {
            let (mut stream, _) = collector.accept().expect("a connection");
            let mut request = Vec::new();
            let mut chunk = [0; 4_096];
            while !String::from_utf8_lossy(&request).contains("a request of a test") {
                let read = stream.read(&mut chunk).expect("it is sent");
                assert!(read > 0, "it ended early: {}", String::from_utf8_lossy(&request));
                request.extend(&chunk[..read]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("it is read");
            String::from_utf8_lossy(&request).into_owned()
        });
        let traces = Traces::to(&format!("http://{address}/v1/traces")).expect("it can be sent");
        let subscriber = tracing_subscriber::registry().with(traces.layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info_span!("a request of a test").in_scope(|| {});
        });
        drop(traces);
        let request = received.join().expect("it arrived");
        assert!(request.starts_with("POST /v1/traces "), "{request}");
        assert!(request.contains(SERVICE), "{request}");
    }
}
