//! How a token is written: `trg_live_`, 24 random bytes and their checksum in base 62; and secrets of clients, `trg_secret_`.

use crate::scope::Random;
use crate::{Error, Result};
use sha2::{Digest, Sha256};

const HEAD: &str = "trg_live_";
/// Of secrets of the authorization server's clients.
const CLIENT_HEAD: &str = "trg_secret_";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of 24 bytes, and of a CRC-32.
const RANDOM: usize = 33;
const CHECK: usize = 6;
/// As much of the random part as is kept to show.
const SHOWN: usize = 6;

/// What a token is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::identity) struct TokenHash(pub [u8; 32]);

/// A new token.
pub(super) fn new(random: &Random) -> String {
    written(HEAD, &random.bytes::<24>())
}

/// A new secret of a client, and the hash it is kept as.
pub(in crate::identity) fn client_secret(random: &Random) -> Result<(String, Vec<u8>)> {
    let secret = written(CLIENT_HEAD, &random.bytes::<24>());
    let hash = hash_with(CLIENT_HEAD, &secret).ok_or_else(|| Error::internal("a secret that is none"))?;
    Ok((secret, hash.0.to_vec()))
}

/// Whether a secret is the one of this hash.
pub(in crate::identity) fn is_secret(secret: &str, hash: &[u8]) -> bool {
    hash_with(CLIENT_HEAD, secret).is_some_and(|shown| bool::from(subtle::ConstantTimeEq::ct_eq(&shown.0[..], hash)))
}

fn written(head: &str, bytes: &[u8; 24]) -> String {
    let body = format!("{head}{}", base62(bytes, RANDOM));
    let check = base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECK);
    format!("{body}_{check}")
}

/// How it begins: enough to tell it from others, and too little to guess the rest.
pub(super) fn prefix(token: &str) -> String {
    token.chars().take(HEAD.len() + SHOWN).collect()
}

/// The hash of what may be a token; none for what has not its form. Nothing is asked for it but arithmetic.
pub(in crate::identity) fn hash_of(token: &str) -> Option<TokenHash> {
    hash_with(HEAD, token)
}

fn hash_with(head: &str, token: &str) -> Option<TokenHash> {
    let (random, check) = token.strip_prefix(head)?.split_once('_')?;
    let digits = |text: &str, many: usize| text.len() == many && text.bytes().all(|digit| DIGITS.contains(&digit));
    let formed = digits(random, RANDOM) && digits(check, CHECK);
    let body = &token[..head.len() + if formed { RANDOM } else { return None }];
    let right = base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECK);
    (right == check).then(|| TokenHash(Sha256::digest(token).into()))
}

/// A number of many bytes in base 62, with zeros before it up to a length.
fn base62(bytes: &[u8], length: usize) -> String {
    let mut number = bytes.to_vec();
    let mut digits = vec![DIGITS[0]; length];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let part = rest * 256 + u32::from(*byte);
            (*byte, rest) = ((part / 62) as u8, part % 62);
        }
        *digit = DIGITS[rest as usize];
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_form_that_scanners_know() {
        let token = new(&Random::seeded(7));
        let parts: Vec<&str> = token.split('_').collect();
        assert_eq!((parts.len(), parts[0], parts[1], parts[2].len(), parts[3].len()), (4, "trg", "live", 33, 6), "{token}");
        assert_eq!(prefix(&token), token[..15]);
        assert_eq!(hash_of(&token), Some(TokenHash(Sha256::digest(&token).into())));
        assert_ne!(token, new(&Random::seeded(8)));
        // Written by hand, so that no later version takes another alphabet or another checksum.
        assert_eq!(written(HEAD, &[0; 24]), "trg_live_000000000000000000000000000000000_4RK4kK");
        assert!(hash_of(&written(HEAD, &[255; 24])).is_some());
    }

    #[test]
    fn nothing_made_up_is_taken_for_a_token_and_nothing_panics() {
        let (random, signs) = (Random::seeded(9), "abcXYZ019_-. \0é€\u{1F600}".chars().collect::<Vec<_>>());
        for case in 0..100_000 {
            let bytes = random.bytes::<48>();
            let digit =
                |byte: &u8| if case % 2 == 0 { char::from(DIGITS[*byte as usize % 62]) } else { signs[*byte as usize % signs.len()] };
            let (body, check): (String, String) = (bytes[..33].iter().map(digit).collect(), bytes[33..39].iter().map(digit).collect());
            assert_eq!(hash_of(&format!("{HEAD}{body}_{check}")), None, "{body} {check}");
            assert_eq!(hash_of(&format!("{HEAD}{}", bytes.iter().map(digit).collect::<String>())), None);
        }
    }

    #[test]
    fn what_is_cut_changed_or_of_another_form_is_no_token() {
        let token = new(&Random::seeded(7));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(hash_of(&String::from_utf8(bytes).unwrap()), None, "changed at {at}");
            assert_eq!(hash_of(&token[..at]), None, "cut at {at}");
            assert_eq!(hash_of(&token[at + 1..]), None, "from {at} on");
        }
        for bad in ["", "trg_live_", "trg_live__", "trg_live_é_é", "trg_test_x_y", &format!("{token}0"), &token.to_uppercase()] {
            assert_eq!(hash_of(bad), None, "{bad}");
        }
    }
}
