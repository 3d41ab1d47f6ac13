//! The master secret of a development installation: a file of `DATA_DIR`.

use crate::scope::Random;
use crate::{Error, Result};
use std::path::Path;

/// The secret of a development installation, made once and readable by its user alone.
pub(super) fn development_secret(path: &Path, random: &Random) -> Result<Vec<u8>> {
    if let Some(secret) = read_secret(path)? {
        return Ok(secret);
    }
    // Linked into its place whole: neither a power cut nor a process that starts beside this one leaves or sees half of it.
    let beside = path.with_extension(format!("key.{}.{}", std::process::id(), hex::encode(random.bytes::<8>())));
    let made = write_secret(&beside, &hex::encode(random.bytes::<32>())).and_then(|()| std::fs::hard_link(&beside, path));
    let _ = std::fs::remove_file(&beside);
    match made {
        // Another process was first; its secret is the one.
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(e.into()),
        _ => {}
    }
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    read_secret(path)?.ok_or_else(|| Error::internal(format!("{} is gone again", path.display())))
}

/// None when there is no such file; one that is cut off is no key.
fn read_secret(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(secret) if secret.len() >= 32 => Ok(Some(secret)),
        Ok(secret) => Err(Error::internal(format!(
            "{} holds {} bytes, and a key has 32 at least. Put the right file back; or remove it, and the next start makes another \
             one: everybody then signs in again.",
            path.display(),
            secret.len()
        ))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

fn write_secret(path: &Path, secret: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_secret_is_whole_or_none_whoever_starts_beside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let load = || development_secret(&path, &Random::System).unwrap();
        let all: Vec<Vec<u8>> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..16).map(|_| scope.spawn(load)).collect();
            starting.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(all.iter().all(|secret| secret.len() == 64 && *secret == all[0]), "one secret for all");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing stays beside it");
        for cut in ["", "0123456789abcdef"] {
            std::fs::write(&path, cut).unwrap();
            let said = development_secret(&path, &Random::System).unwrap_err().to_string();
            assert!(said.contains("secret.key holds") && said.contains("remove it"), "{said}");
        }
    }
}
