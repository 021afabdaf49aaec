//! The recipe: all that an image is made from, on one page, so that the same image can be made outside of any build.
//!
//! It says what the structured attributes said: the spec as it was written, and what Nix knows of each store path. The
//! paths stand in full nowhere, and their hash parts once each, which Nix finds and takes for references.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::input::attrs::Attrs;
use crate::input::closure::{Closure, Record};
use crate::input::store_path::{StoreDir, StorePath};

/// The page.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Recipe {
    store_dir: String,
    spec: Value,
    below: Value,
    shared: Value,
    closure: Vec<Item>,
}

/// What goes from the structured attributes into a recipe as it is written there.
#[derive(Debug, Deserialize)]
pub struct Written {
    aci: Value,
    #[serde(default = "nothing")]
    below: Value,
    #[serde(default = "nothing")]
    shared: Value,
}

fn nothing() -> Value {
    Value::Array(Vec::new())
}

/// One store path.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Item {
    /// Hash and name.
    path: String,
    nar_hash: String,
    nar_size: u64,
    /// Which items it refers to, counted from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    references: Vec<usize>,
}

impl Recipe {
    /// The recipe of what is made from `closure` and what was `written` beside it.
    #[must_use]
    pub fn new(written: Written, closure: &Closure) -> Self {
        let numbers: BTreeMap<&StorePath, usize> = closure
            .iter()
            .enumerate()
            .map(|(number, (path, _))| (path, number))
            .collect();
        let Written {
            aci: mut spec,
            below,
            shared,
        } = written;
        // What is made by the recipe is the image.
        if let Some(form) = spec.get_mut("form").and_then(Value::as_object_mut) {
            form.remove("recipe");
        }
        Self {
            store_dir: closure.store_dir().to_string(),
            spec,
            below,
            shared,
            closure: closure
                .iter()
                .map(|(path, object)| Item {
                    path: path.base_name().to_owned(),
                    nar_hash: object.nar_hash.to_string(),
                    nar_size: object.nar_size,
                    references: object
                        .references
                        .iter()
                        .filter_map(|reference| numbers.get(reference).copied())
                        .collect(),
                })
                .collect(),
        }
    }

    /// Reads the text of a recipe.
    pub fn parse(text: &str) -> Result<Self> {
        let mut json = serde_json::Deserializer::from_str(text);
        let recipe = serde_path_to_error::deserialize(&mut json)?;
        json.end()?;
        Ok(recipe)
    }

    /// The text, a line for each store path.
    pub fn to_json(&self) -> Result<String> {
        let Self {
            store_dir,
            spec,
            below,
            shared,
            closure,
        } = self;
        let items = closure.iter().map(serde_json::to_string);
        let items: Vec<String> = items.collect::<Result<_, _>>()?;
        let (store_dir, items) = (serde_json::to_string(store_dir)?, items.join(",\n"));
        Ok(format!(
            "{{\"storeDir\":{store_dir},\n\"spec\":{spec},\n\"below\":{below},\n\"shared\":{shared},\n\
             \"closure\":[\n{items}\n]}}\n"
        ))
    }

    /// What a build of the image into `out` is made from.
    pub fn attrs(&self, out: &Utf8Path) -> Result<Attrs> {
        let in_full = |item: &Item| format!("{}/{}", self.store_dir, item.path);
        let record = |item: &Item| {
            let references = item.references.iter().map(|number| {
                let item = self.closure.get(*number);
                item.map(in_full)
                    .with_context(|| format!("it has no store path number {number}"))
            });
            Ok(Record {
                path: in_full(item),
                nar_hash: item.nar_hash.clone(),
                nar_size: item.nar_size,
                references: references.collect::<Result<_>>()?,
            })
        };
        let records = self.closure.iter().map(record).collect::<Result<_>>()?;
        let store_dir = StoreDir::new(&self.store_dir)?;
        Attrs::new(
            serde_path_to_error::deserialize(&self.spec)?,
            Closure::new(store_dir, records)?,
            serde_path_to_error::deserialize(&self.below)?,
            serde_path_to_error::deserialize(&self.shared)?,
            out.to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::closure::tests::closure;
    use crate::input::store_path::HASH_LENGTH;

    #[test]
    fn a_recipe_says_what_was_known() {
        let closure = closure(&[("a", &["b", "a"]), ("b", &["c"]), ("c", &[])]);
        let written = r#"{ "aci": { "form": { "recipe": true, "kind": "fat" } }, "outputs": {} }"#;
        let written = serde_json::from_str(written).unwrap();
        let text = Recipe::new(written, &closure).to_json().unwrap();
        let read = Recipe::parse(&text).unwrap();
        assert_eq!(read.to_json().unwrap(), text);
        assert_eq!(read.spec, serde_json::json!({ "form": { "kind": "fat" } }));
        for (path, _) in closure.iter() {
            let hash = path.hash_part();
            assert_eq!(hash.len(), HASH_LENGTH);
            assert_eq!(text.matches(hash).count(), 1, "{text}");
        }
    }
}
