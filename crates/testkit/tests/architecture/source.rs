//! What a source file names of its own crate: every path that begins with `crate::` or `super::`, be
//! it imported or written out, in code outside tests and comments.

/// The absolute module paths, without `crate`, that a file of module `module` names.
pub fn named_paths(module: &[String], text: &str) -> Vec<Vec<String>> {
    let code = without_tests(&without_comments(text));
    let mut paths = Vec::new();
    for (root, base) in [("crate", Some(Vec::new())), ("super", parent(module))] {
        let Some(base) = base else { continue };
        for rest in after_each(&code, root) {
            read_tree(&mut rest.chars().peekable(), &base, &mut paths);
        }
    }
    paths
}

fn parent(module: &[String]) -> Option<Vec<String>> {
    module.split_last().map(|(_, parent)| parent.to_vec())
}

/// The text after every path root `word::`.
fn after_each<'a>(code: &'a str, word: &str) -> impl Iterator<Item = &'a str> {
    let root = format!("{word}::");
    let found: Vec<usize> = code.match_indices(&root).map(|(at, _)| at).collect();
    found.into_iter().filter_map(move |at| {
        let begins_path = !code[..at].ends_with(|before: char| is_of_name(before) || before == ':');
        begins_path.then(|| &code[at + root.len()..])
    })
}

/// Reads a path or a tree such as `a::{b, c::d}` and adds each path in it to `paths`, after `base`.
fn read_tree(
    text: &mut std::iter::Peekable<std::str::Chars<'_>>,
    base: &[String],
    paths: &mut Vec<Vec<String>>,
) {
    let mut path = base.to_vec();
    loop {
        skip_space(text);
        if text.next_if_eq(&'{').is_some() {
            loop {
                read_tree(text, &path, paths);
                skip_to_comma_or_end(text);
                if text.next_if_eq(&',').is_none() {
                    text.next_if_eq(&'}');
                    return;
                }
            }
        }
        let name: String = std::iter::from_fn(|| text.next_if(|next| is_of_name(*next))).collect();
        match &*name {
            "" if text.peek() == Some(&'*') => break,
            // The end of a list that ends with a comma.
            "" => return,
            "self" => {}
            "super" => drop(path.pop()),
            _ => path.push(name),
        }
        if text.next_if_eq(&':').is_none() || text.next_if_eq(&':').is_none() {
            break;
        }
    }
    paths.push(path);
}

fn skip_space(text: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while text.next_if(|next| next.is_whitespace()).is_some() {}
}

/// Passes over `as name` and spaces.
fn skip_to_comma_or_end(text: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while text.next_if(|next| next.is_whitespace() || is_of_name(*next)).is_some() {}
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Leaves out every item behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        rest = &rest[at + item_length(&rest[at..])..];
    }
    kept.push_str(rest);
    kept
}

/// The length of the item that `code` begins with: to its semicolon or its closing brace. One whose
/// braces do not match, as some stand in texts, lasts to the end.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.char_indices() {
        match letter {
            ';' if depth == 0 => return at + 1,
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    code.len()
}

#[test]
fn paths_are_found_in_imports_and_code_but_not_in_tests_and_comments() {
    let text = "
        //! See [`crate::comment`].
        use crate::one::{two::{Three, four}, five as six, self,};
        use crate::all::*;
        use super::seven::Eight;
        use other_crate::nine;
        fn f() -> crate::ten::Eleven { super::super::twelve() }
        #[cfg(test)]
        mod tests { use super::*; fn g() { crate::test::only() } }
        fn h() { $crate::last() }
    ";
    let module = ["a", "b"].map(str::to_owned);
    let mut found: Vec<String> =
        named_paths(&module, text).iter().map(|path| path.join("::")).collect();
    found.sort_unstable();
    let expected = [
        "a::seven::Eight",
        "all",
        "last",
        "one",
        "one::five",
        "one::two::Three",
        "one::two::four",
        "ten::Eleven",
        "twelve",
    ];
    assert_eq!(found, expected);
}
