//! What may not stand in a file that a customer receives, whatever its form. The tests of the forms use
//! it, and those of the PDF within the library.

/// What the register says of a customer that only the staff may see: column, and a value that is found
/// by its word alone.
pub const INTERNAL: [(&str, &str); 5] = [
    ("value_class", "VALUEQX7"),
    ("risk_class", "RISKQX7"),
    ("opinion_class", "OPINIONQX7"),
    ("arrears_days", "7771777"),
    ("manager", "MANAGERQX7"),
];

/// Internal facts, their labels and field names, the mark of an internal page, ways to the fleet.
/// `label` gives the text of a key in the file's language.
pub fn banned(label: impl Fn(&str) -> String) -> Vec<String> {
    // A number of days may stand anywhere among digits; its name may not.
    let words = INTERNAL.iter().map(|i| i.1).filter(|w| w.parse::<u32>().is_err());
    let mut all: Vec<String> = words.map(ToOwned::to_owned).collect();
    all.extend(INTERNAL.iter().map(|i| label(&format!("column.{}", i.0))));
    all.extend(INTERNAL.iter().map(|i| format!("\"{}\"", i.0)));
    all.extend(["index.html", "fleet.xlsx", "../", "page.internal"].map(ToOwned::to_owned));
    all.push(label("page.internal"));
    all
}
