//! The `OpenAPI` document, the routes, docs/api.md, the problems and the reject codes, kept in step.
//!
//! That every documented endpoint exists and answers what the document says is tested over HTTP by
//! the tests of scoreline-server.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use scoreline_core::event::RejectCode;
use scoreline_http::{Slug, openapi_json};
use scoreline_testkit::contract::Contract;
use serde_json::Value;

const DOCS: &str = include_str!("../../../docs/api.md");

fn contract() -> Contract {
    Contract::read(openapi_json())
}

/// What stands between backticks in docs/api.md.
fn quoted() -> impl Iterator<Item = &'static str> {
    DOCS.split('`').skip(1).step_by(2)
}

/// Everything in a JSON value, with where it stands.
fn walk(value: &Value, place: &str, see: &mut impl FnMut(&str, &Value)) {
    see(place, value);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(value, &format!("{place}/{name}"), see);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{at}"), see);
            }
        }
        _ => {}
    }
}

#[test]
fn the_document_is_the_one_that_is_kept_in_docs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let served = format!("{}\n", openapi_json());
    if std::env::var_os("RENEW_OPENAPI").is_some() {
        fs::write(&path, &served).expect("docs/openapi.json is written");
    }
    let kept = fs::read_to_string(&path).expect("docs/openapi.json");
    assert!(
        kept == served,
        "docs/openapi.json is not what the routes say. Renew it, and look at the difference with the \
         eyes of a released client:\n  RENEW_OPENAPI=1 cargo test -p scoreline-http --test documentation"
    );
}

#[test]
fn every_problem_is_documented_with_its_status_and_no_other_is() {
    for slug in Slug::ALL {
        let (name, status, _) = slug.parts();
        let row = format!("| `/problems/{name}` | {} | {} |\n", status.as_u16(), slug.when());
        assert!(DOCS.contains(&row), "docs/api.md lacks {row}");
    }
    let known: BTreeSet<&str> = Slug::ALL.iter().map(|slug| slug.parts().0).collect();
    let documented: BTreeSet<&str> =
        quoted().filter_map(|text| text.strip_prefix("/problems/")).collect();
    assert_eq!(documented, known, "docs/api.md names other problems than there are");
}

#[test]
fn the_document_shows_every_problem_and_no_other() {
    let known: BTreeSet<String> = Slug::ALL.iter().map(|slug| slug.parts().0.to_owned()).collect();
    let contract = contract();
    let mut shown = BTreeSet::new();
    walk(contract.document(), "#", &mut |place, value| {
        let Some(problem) = value.get("application/problem+json") else { return };
        for (name, example) in problem["examples"].as_object().expect("examples of a problem") {
            let value = &example["value"];
            contract
                .fits(&problem["schema"], value, "$")
                .unwrap_or_else(|reason| panic!("{place}: {reason}"));
            assert_eq!(value["type"], format!("/problems/{name}"), "{place}");
            shown.insert(name.clone());
        }
    });
    assert_eq!(shown, known);
}

#[test]
fn every_reject_code_is_documented() {
    for code in RejectCode::ALL {
        assert!(quoted().any(|text| text == code.as_str()), "docs/api.md lacks {}", code.as_str());
    }
}

#[test]
fn every_endpoint_stands_in_docs_and_the_other_way_round() {
    let contract = contract();
    let described: BTreeSet<String> =
        contract.operations().iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let named: BTreeSet<String> = quoted()
        .filter(|text| ["GET /", "POST /", "DELETE /"].iter().any(|it| text.starts_with(it)))
        .map(|text| text.split(['?', ' ']).take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(named, described, "docs/api.md and the document name different endpoints");
}

/// The sources under a folder.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            let text = fs::read_to_string(&path).expect("a source");
            found.push((path, text));
        }
    }
    found
}

#[test]
fn every_route_comes_with_its_description() {
    // Only `Endpoint` registers a handler, together with what the document says of it and who may call
    // it. `.route(` and its relatives would add an endpoint that is open and that nobody can read about.
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for (path, text) in &sources {
        for bare in [".route(", ".route_service(", ".nest(", ".nest_service("] {
            assert!(!text.contains(bare), "{}: {bare}", path.display());
        }
    }
    let described: usize =
        sources.iter().map(|(_, text)| text.matches("#[utoipa::path(").count()).sum();
    assert_eq!(described, contract().operations().len(), "a handler is not registered");
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let contract = contract();
    let mut used = BTreeSet::new();
    walk(contract.document(), "#", &mut |place, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').expect("references stay in the document");
            assert!(contract.document().pointer(pointer).is_some(), "{place}: {reference}");
            used.insert(pointer.to_owned());
        }
    });
    // It is what every path answers that is not in the document.
    used.insert("/components/responses/EndpointNotFound".to_owned());
    let mut there = BTreeSet::new();
    for kind in ["schemas", "responses"] {
        let components = contract.document()["components"][kind].as_object().expect("components");
        there.extend(components.keys().map(|name| format!("/components/{kind}/{name}")));
    }
    assert_eq!(there, used, "components that nothing refers to");
}

#[test]
fn every_operation_is_described_whole() {
    let contract = contract();
    let document = contract.document();
    let names = |list: &Value, key: &str| -> BTreeSet<String> {
        let items = list.as_array().into_iter().flatten();
        items.filter_map(|item| item[key].as_str().map(str::to_owned)).collect()
    };
    let areas = names(&document["tags"], "name");
    let schemes = document["components"]["securitySchemes"].as_object().expect("schemes");
    let mut ids = BTreeSet::new();
    for (method, path, operation) in contract.operations() {
        let what = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{what} has no id"));
        assert!(ids.insert(id.to_owned()), "{what}: the id {id} is taken");
        assert!(operation["summary"].is_string(), "{what} has no summary");
        for area in operation["tags"].as_array().expect("tags") {
            assert!(areas.contains(area.as_str().expect("a text")), "{what}: {area}");
        }
        for scheme in operation["security"].as_array().into_iter().flatten() {
            let known =
                scheme.as_object().expect("a scheme").keys().all(|it| schemes.contains_key(it));
            assert!(known, "{what}: {scheme}");
        }
        let in_path: BTreeSet<String> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(str::to_owned)
            .collect();
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let of_path = parameters.iter().filter(|parameter| parameter["in"] == "path").cloned();
        assert_eq!(names(&of_path.collect(), "name"), in_path, "{what}");
        assert!(parameters.iter().all(|one| one["schema"].is_object()), "{what}: {parameters:?}");
    }
}

#[test]
fn every_operation_says_how_it_can_end() {
    let contract = contract();
    for (method, path, operation) in contract.operations() {
        let what = format!("{method} {path}");
        let responses = operation["responses"].as_object().expect("responses");
        assert!(!responses.is_empty(), "{what} ends in no way");
        for (status, response) in responses {
            let response = contract.resolved(response).expect("a description");
            let described = response["description"].as_str().is_some_and(|text| !text.is_empty());
            assert!(described, "{what} {status} has no description");
            for (kind, media) in response["content"].as_object().into_iter().flatten() {
                assert!(media["schema"].is_object(), "{what} {status} {kind} has no schema");
                for example in media["examples"].as_object().into_iter().flatten() {
                    assert_eq!(example.1["value"]["status"].to_string(), *status, "{what}");
                }
                let is_problem = status.starts_with(['4', '5']) && kind != "application/json";
                assert_eq!(kind == "application/problem+json", is_problem, "{what} {status}");
            }
        }
        let is_limited = !["/health", "/livez", "/readyz", "/metrics"].contains(&path)
            && !path.starts_with("/api/health")
            && path != "/api/events/health";
        assert_eq!(responses.contains_key("429"), is_limited, "{what}");
        let is_guarded = operation["security"].is_array();
        assert_eq!(responses.contains_key("401"), is_guarded, "{what}");
    }
}

#[test]
fn every_body_has_an_example_that_fits_it() {
    let contract = contract();
    let mut seen = 0;
    for (method, path, operation) in contract.operations() {
        let what = format!("{method} {path}");
        let content = &operation["requestBody"]["content"]["application/json"];
        if content.is_null() {
            continue;
        }
        seen += 1;
        let example = contract.example(content);
        assert!(example.is_object(), "{what} has no example");
        contract
            .fits(&content["schema"], example, "$")
            .unwrap_or_else(|reason| panic!("{what}: {reason}"));
    }
    assert!(seen >= 9, "only {seen} operations have a body");
}

#[test]
fn every_answer_that_games_read_has_an_example_that_fits_it() {
    let contract = contract();
    for (method, path, operation) in contract.operations() {
        if !path.starts_with("/api/v2/") && path != "/api/events" {
            continue;
        }
        let what = format!("{method} {path}");
        let good = ["200", "201", "202"].map(|status| &operation["responses"][status]["content"]);
        let content = good.into_iter().find(|content| content.is_object());
        let content =
            &content.unwrap_or_else(|| panic!("{what} has no answer"))["application/json"];
        let example = contract.example(content);
        assert!(example.is_object(), "{what} has no example");
        contract
            .fits(&content["schema"], example, "$")
            .unwrap_or_else(|reason| panic!("{what}: {reason}"));
    }
}
