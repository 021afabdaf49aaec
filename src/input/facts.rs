//! Facts: what packages say of themselves (`meta`), as `nix/meta.nix` hands it over.
//!
//! None of it is checked by the evaluation, since it comes from package sets and not from the author of the image. What
//! a document cannot have is left out there.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What is known of a package and all its outputs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Its store paths by output.
    pub outputs: BTreeMap<String, String>,
    /// Under what it may be used.
    #[serde(default)]
    pub licence: Option<Licence>,
    /// Where its authors tell about it.
    #[serde(default)]
    pub homepage: Option<String>,
    /// What it is, in a line.
    #[serde(default)]
    pub description: Option<String>,
    /// What lists of vulnerabilities call it.
    #[serde(default)]
    pub cpe: Option<String>,
    /// What other ecosystems call it, or what it is made of.
    #[serde(default)]
    pub purls: Vec<String>,
}

/// A licence, or several with what joins them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Licence {
    /// A single one.
    One(Named),
    /// All of them.
    All(Vec<Licence>),
    /// Any of them.
    Any(Vec<Licence>),
    /// A licence with an exception.
    With(Named, Named),
    /// This version or a later one.
    Plus(Named),
}

/// What a licence is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its identifier in the list of SPDX.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name, or what the package says in its own words.
    #[serde(default)]
    pub name: Option<String>,
    /// Where its text is.
    #[serde(default)]
    pub url: Option<String>,
}
