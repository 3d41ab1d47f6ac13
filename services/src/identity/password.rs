use super::breached;
use crate::{Error, Result};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use std::sync::LazyLock;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Argon2id as OWASP advises: 19 MiB, two passes, one lane.
static HASHER: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).expect("the parameters are in range"))
});

/// One core stays free for everybody else's requests.
static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1))));

/// What a password of nobody is compared with, so that an unknown address costs the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Hashes a password, off the async threads.
pub(super) async fn hash(password: String) -> Result<String> {
    let turn = turn().await?;
    off_thread(turn, move || hash_now(&password)).await?
}

/// The right to have a password checked; so many have it at once as there are cores to spare.
pub(super) async fn turn() -> Result<SemaphorePermit<'static>> {
    TURNS.acquire().await.map_err(Error::internal)
}

/// Whether the password is the one of the hash; without a hash it takes as long and says no.
pub(super) async fn verify(turn: SemaphorePermit<'static>, password: String, hash: Option<String>) -> Result<bool> {
    let check = move || {
        let known = hash.is_some();
        is_of(&password, &hash.unwrap_or_else(|| NOBODY.clone())) && known
    };
    off_thread(turn, check).await
}

/// The turn lasts as long as the work, also when nobody waits for it any more.
async fn off_thread<T: Send + 'static>(turn: SemaphorePermit<'static>, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let held = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(held).await.map_err(Error::internal)
}

fn is_of(password: &str, hash: &str) -> bool {
    if is_bcrypt(hash) {
        // As the systems before did: what is beyond 72 bytes does not count.
        return bcrypt::verify(password, hash).unwrap_or(false);
    }
    PasswordHash::new(hash).is_ok_and(|hash| HASHER.verify_password(password.as_bytes(), &hash).is_ok())
}

fn is_bcrypt(hash: &str) -> bool {
    ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|head| hash.starts_with(head))
}

/// Whether a text is a hash that a password can be checked against.
pub(super) fn is_hash(text: &str) -> bool {
    let argon = PasswordHash::new(text).is_ok_and(|hash| hash.algorithm.as_str().starts_with("argon2") && hash.hash.is_some());
    argon || (is_bcrypt(text) && text.parse::<bcrypt::HashParts>().is_ok())
}

/// Whether a hash is not of the kind made today: one from a system before this one, or of other parameters.
pub(super) fn is_outdated(hash: &str) -> bool {
    let present = PasswordHash::new(&NOBODY).map(|hash| (hash.algorithm, hash.version, hash.params));
    PasswordHash::new(hash).map(|hash| (hash.algorithm, hash.version, hash.params)) != present
}

fn hash_now(password: &str) -> Result<String> {
    Ok(HASHER.hash_password(password.as_bytes()).map_err(|e| Error::internal(e.to_string()))?.to_string())
}

/// Whether a password is too easily guessed: too short, few characters again and again, known to all, or made of the address.
pub(super) fn is_weak(password: &str, email: &str) -> bool {
    const COMMON: &[&str] = &["password", "motdepasse", "12345678", "azertyui", "qwertyui", "senegal", "teranga"];
    let lower = password.to_lowercase();
    let mut letters: Vec<char> = lower.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let name = email.split('@').next().unwrap_or_default();
    lower.chars().count() < 8
        || letters.len() < 4
        || COMMON.iter().any(|common| lower.starts_with(common))
        || lower == email
        || lower == name
        || breached::is_listed(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn knows_its_own_hash_and_nobody_elses() {
        let hashed = hash("baobab et tamarin".into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(turn().await.unwrap(), "baobab et tamarin".into(), Some(hashed.clone())).await.unwrap());
        assert!(!verify(turn().await.unwrap(), "baobab et tamarins".into(), Some(hashed)).await.unwrap());
        assert!(!verify(turn().await.unwrap(), "nobody has this password".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn knows_the_hashes_of_the_systems_before_and_that_they_are_old() {
        let old = bcrypt::hash("baobab et tamarin", 4).unwrap();
        for hash in [old.clone(), old.replacen("$2b$", "$2y$", 1), old.replacen("$2b$", "$2a$", 1)] {
            assert!(is_outdated(&hash));
            assert!(verify(turn().await.unwrap(), "baobab et tamarin".into(), Some(hash.clone())).await.unwrap(), "{hash}");
            assert!(!verify(turn().await.unwrap(), "baobab et fromager".into(), Some(hash)).await.unwrap());
        }
        let weaker = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let weaker = weaker.hash_password(b"baobab et tamarin").unwrap().to_string();
        assert!(is_outdated(&weaker) && is_outdated("no hash at all"));
        assert!(verify(turn().await.unwrap(), "baobab et tamarin".into(), Some(weaker)).await.unwrap());
        assert!(!is_outdated(&hash("baobab et tamarin".into()).await.unwrap()));
        assert!(!verify(turn().await.unwrap(), "x".into(), Some("$2b$04$broken".into())).await.unwrap());
    }

    #[test]
    fn refuses_what_is_easily_guessed() {
        for weak in ["court", "aaaaaaaaaa", "Motdepasse1", "awa.diop", "azertyuiop", "Teranga2026", "Trustno1", "iLoveYou2"] {
            assert!(is_weak(weak, "awa.diop@teranga.example"), "{weak}");
        }
        assert!(!is_weak("baobab et tamarin", "awa.diop@teranga.example"));
    }
}
