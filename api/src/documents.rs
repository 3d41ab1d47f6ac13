//! Documents that clients may name by their hash instead of sending them: `documentId: "sha256:…"`.
//!
//! Those of our own screens (`docs/screens`, each file whole; `operationName` says which of its operations) are built in.
//! A manifest adds those of other frontends: a JSON object from the hash, with or without `sha256:` before it, to the
//! document. The id *is* the hash, so two documents can never stand for the same id.

use async_graphql::parser::parse_query;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

const SCREENS: [&str; 5] = [
    include_str!("../../docs/screens/sign-in.graphql"),
    include_str!("../../docs/screens/inventory-list.graphql"),
    include_str!("../../docs/screens/product-page.graphql"),
    include_str!("../../docs/screens/alert-centre.graphql"),
    include_str!("../../docs/screens/notification-centre.graphql"),
];

/// Documents by the SHA-256 of their text.
pub type Documents = HashMap<[u8; 32], Arc<str>>;

/// Our own, and those of the manifest; every fault of the manifest is in the list.
pub fn load(manifest: Option<&Path>) -> Result<Documents, Vec<String>> {
    let mut all: Documents = SCREENS.iter().map(|text| (hash(text), Arc::from(*text))).collect();
    let Some(path) = manifest else { return Ok(all) };
    let fault = |what: String| format!("PERSISTED_DOCUMENTS: {}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|e| vec![fault(format!("cannot be read: {e}"))])?;
    let entries: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|e| vec![fault(format!("is no JSON object from ids to documents: {e}"))])?;
    let mut faults = Vec::new();
    for (id, text) in entries {
        match check(&id, &text) {
            Ok(hash) => drop(all.insert(hash, text.into())),
            Err(what) => faults.push(fault(format!("`{id}` {what}"))),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

fn check(id: &str, text: &str) -> Result<[u8; 32], String> {
    let hash = hash(text);
    if !id.strip_prefix("sha256:").unwrap_or(id).eq_ignore_ascii_case(&hex::encode(hash)) {
        return Err(format!("is not the SHA-256 of its document, which is {}", hex::encode(hash)));
    }
    parse_query(text).map(|_| hash).map_err(|e| format!("is no GraphQL document: {e}"))
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(manifest: &str) -> Result<Documents, Vec<String>> {
        let folder = std::env::temp_dir().join(format!("teranga-{}", uuid::Uuid::now_v7()));
        std::fs::write(&folder, manifest).unwrap();
        let loaded = load(Some(&folder));
        std::fs::remove_file(folder).unwrap();
        loaded
    }

    #[test]
    fn a_manifest_is_added_to_our_own() {
        let text = "query Shop { organization { name } }";
        for id in [hex::encode(hash(text)), format!("sha256:{}", hex::encode(hash(text)))] {
            let all = of(&serde_json::json!({ id: text }).to_string()).unwrap();
            assert_eq!((all.len(), all[&hash(text)].as_ref()), (SCREENS.len() + 1, text));
        }
    }

    #[test]
    fn every_fault_of_a_manifest_is_told() {
        let bad = "query {";
        let faults = of(&serde_json::json!({ "abc": "{ a }", hex::encode(hash(bad)): bad }).to_string()).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(of("[]").unwrap_err()[0].contains("no JSON object"));
        assert!(load(Some(Path::new("/nowhere/at/all.json"))).unwrap_err()[0].contains("cannot be read"));
    }
}
