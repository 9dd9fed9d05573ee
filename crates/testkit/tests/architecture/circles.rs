//! No file of a crate imports another in a circle: what two files need lies in a third below them.
//!
//! A file and those in its folder count as one where they import each other, as a module knows its
//! parts and they may know it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::named_paths;
use crate::{crate_names, crates_folder};

/// A module path without `crate`.
type Module = Vec<String>;
/// Which modules each module imports.
type Imports = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_file_imports_another_in_a_circle() {
    let mut circles = Vec::new();
    for name in crate_names() {
        let imports = imports_of(&crates_folder().join(&name).join("src"));
        if let Some(circle) = circle(imports) {
            let files: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            circles.push(format!("{name}: {}", files.join(" -> ")));
        }
    }
    assert_eq!(circles, Vec::<String>::new(), "files that import each other in a circle");
}

fn imports_of(source: &Path) -> Imports {
    let mut texts = BTreeMap::new();
    read_modules(source, &[], &mut texts);
    let mut imports = Imports::new();
    for (module, text) in &texts {
        let named = named_paths(module, text);
        let files = named.iter().filter_map(|path| file_of(path, &texts));
        let others = files.filter(|other| !other.starts_with(module) && !module.starts_with(other));
        imports.insert(module.clone(), others.collect());
    }
    imports
}

/// Reads every file below `folder`, which is that of `module`. The root of a crate names all its
/// modules and is none of them.
fn read_modules(folder: &Path, module: &[String], texts: &mut BTreeMap<Module, String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources can be read") {
        let path = entry.expect("readable").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        let is_root = module.is_empty() && ["lib", "main"].contains(&&*name);
        let own = if name == "mod" { module.to_vec() } else { [module, &[name]].concat() };
        if path.is_dir() {
            read_modules(&path, &own, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_root {
            texts.insert(own, std::fs::read_to_string(&path).expect("a source is text"));
        }
    }
}

/// The module of the file in which a path lies.
fn file_of(path: &[String], texts: &BTreeMap<Module, String>) -> Option<Module> {
    let lengths = (1..=path.len()).rev();
    lengths.map(|length| &path[..length]).find(|path| texts.contains_key(*path)).map(<[_]>::to_vec)
}

/// One circle, its first file again at its end; `None` if there is none.
fn circle(mut imports: Imports) -> Option<Vec<Module>> {
    // A module that imports nothing of what is left is in no circle.
    loop {
        let (left, free): (Imports, Imports) = imports
            .clone()
            .into_iter()
            .partition(|(_, others)| others.iter().any(|other| imports.contains_key(other)));
        imports = left;
        if free.is_empty() {
            break;
        }
    }
    let mut way = vec![imports.keys().next()?.clone()];
    loop {
        let last = way.last().expect("it has begun");
        let next = imports[last].iter().find(|other| imports.contains_key(*other));
        let next = next.expect("everyone left imports one that is left").clone();
        if let Some(at) = way.iter().position(|module| *module == next) {
            way.push(next);
            return Some(way.split_off(at));
        }
        way.push(next);
    }
}

#[test]
fn a_circle_is_found_behind_those_that_only_lead_to_it() {
    let module = |name: &str| vec![name.to_owned()];
    let imports = |edges: &[(&str, &[&str])]| -> Imports {
        let others = |names: &[&str]| names.iter().map(|name| module(name)).collect();
        edges.iter().map(|(name, names)| (module(name), others(names))).collect()
    };
    let straight: &[(&str, &[&str])] = &[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])];
    assert_eq!(circle(imports(straight)), None);
    let round: &[(&str, &[&str])] =
        &[("a", &["b"]), ("b", &["c", "d"]), ("c", &["d"]), ("d", &["b"]), ("e", &[])];
    let found = circle(imports(round)).expect("b, c and d");
    assert_eq!(found, ["b", "c", "d", "b"].map(module));
}
