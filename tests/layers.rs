//! Data flows one way: a module uses only modules that stand before it in `src/lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// A use of a module of the crate: where, and which.
#[derive(Debug, PartialEq, Eq)]
struct Use {
    line: usize,
    module: String,
}

/// The modules of `src/lib.rs` in their order.
fn order() -> Vec<String> {
    let text = fs::read_to_string(root().join("lib.rs")).expect("src/lib.rs");
    let name = |l: &str| Some(l.trim().strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    text.lines().filter_map(name).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below a directory, sorted.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).expect("directory").map(|e| e.expect("entry").path()).collect();
    entries.sort();
    let mut out = Vec::new();
    for path in entries {
        if path.is_dir() {
            out.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out
}

/// Whether a file holds tests alone: its module is declared under `#[cfg(test)]`.
fn declared_for_tests(path: &Path) -> bool {
    let (Some(stem), Some(dir)) = (path.file_stem().and_then(|s| s.to_str()), path.parent()) else { return false };
    let parents = [dir.join("mod.rs"), dir.with_extension("rs"), dir.join("lib.rs")];
    let declaration = format!("mod {stem};");
    parents.iter().filter_map(|p| fs::read_to_string(p).ok()).any(|text| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        lines.windows(2).any(|w| w[0].starts_with("#[cfg(test)]") && w[1].ends_with(&declaration))
    })
}

/// The modules of the crate that a source names with `crate::`, tests and comments aside. `parent` is
/// the number of `super::` that lead from the file to the crate's root.
fn uses(text: &str, supers: usize) -> Vec<Use> {
    let up = "super::".repeat(supers);
    let mut out = Vec::new();
    let mut lines = text.lines().enumerate().peekable();
    while let Some((i, line)) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let next = lines.peek().map_or("", |(_, l)| l.trim());
            if next.starts_with("mod ") && next.ends_with('{') {
                break; // the tests module closes the file
            }
        }
        let code = line.split("//").next().unwrap_or_default();
        for prefix in ["crate::", up.as_str()].into_iter().filter(|p| !p.is_empty()) {
            for (at, _) in code.match_indices(prefix) {
                if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                    continue;
                }
                out.extend(
                    heads(text, i, &code[at + prefix.len()..]).into_iter().map(|m| Use { line: i + 1, module: m }),
                );
            }
        }
    }
    out
}

/// The first names after `crate::`, a brace list included even when it spans lines.
fn heads(text: &str, line: usize, rest: &str) -> Vec<String> {
    let name = |s: &str| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    if !rest.starts_with('{') {
        return vec![name(rest)];
    }
    let following: String = text.lines().skip(line + 1).collect::<Vec<_>>().join("\n");
    let all = format!("{rest}\n{following}");
    let (mut depth, mut part, mut out) = (0, String::new(), Vec::new());
    for c in all.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => out.push(name(&std::mem::take(&mut part))),
            _ if depth == 1 => part.push(c),
            _ => {}
        }
        if depth == 0 {
            out.push(name(&part));
            break;
        }
    }
    out.into_iter().filter(|m| !m.is_empty()).collect()
}

#[test]
fn modules_use_only_those_before_them() {
    let order = order();
    assert!(order.len() > 10, "src/lib.rs lists {order:?}");
    let place = |module: &str| order.iter().position(|m| m == module);
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for path in sources(&root()) {
        let relative = path.strip_prefix(root()).expect("below src");
        let top = relative.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let Some(here) = place(&top).filter(|_| !declared_for_tests(&path)) else { continue };
        let depth = relative.components().count() - usize::from(path.ends_with("mod.rs"));
        let text = fs::read_to_string(&path).expect("source");
        for u in uses(&text, depth) {
            // A name that is no module is a macro or a re-export of the crate's root.
            let Some(there) = place(&u.module) else { continue };
            seen += 1;
            if there > here {
                wrong.push(format!(
                    "src/{}:{}: {top} uses {}, which stands after it",
                    relative.display(),
                    u.line,
                    u.module
                ));
            }
        }
    }
    assert!(seen > 300, "only {seen} uses were found: the parser of this test lost its way");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_library_is_in_its_order() {
    let order = order();
    for path in sources(&root()) {
        let relative = path.strip_prefix(root()).expect("below src");
        let top = relative.components().next().expect("a name").as_os_str().to_string_lossy().replace(".rs", "");
        let known = order.contains(&top) || ["lib", "main", "cli"].contains(&top.as_str());
        assert!(known, "src/{} belongs to no module of src/lib.rs", relative.display());
    }
}

#[test]
fn the_parser_sees_lists_paths_and_supers_but_not_comments_or_tests() {
    let text = "use crate::units::Kw;\n// crate::cli::x\nuse crate::{\n    time::{Date, Zone},\n    plan,\n};\nlet a = super::super::rule::X;\n#[cfg(test)]\nmod tests {\n use crate::report;\n}\n";
    let found: Vec<(usize, String)> = uses(text, 2).into_iter().map(|u| (u.line, u.module)).collect();
    let expected = [(1, "units"), (3, "time"), (3, "plan"), (7, "rule")].map(|(l, m)| (l, m.to_owned()));
    assert_eq!(found, expected);
}
