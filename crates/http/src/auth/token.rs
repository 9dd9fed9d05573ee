//! A player's token, and what is kept of a device's secret.
//!
//! A token is `v1.<player>.<revocations>.<expiry>.<mac>`: the player as hexadecimal bytes, how often the
//! player's sessions were revoked before, the expiry in seconds since 1970, and HMAC-SHA256 over everything
//! before it. There is one fixed algorithm, so there is
//! nothing to negotiate and nothing to downgrade.

use hmac::{Hmac, KeyInit, Mac};
use scoreline_core::id::PlayerId;
use scoreline_core::time::Timestamp;
use sha2::Sha256;

/// How long a player's token is valid, in seconds: 1 hour.
pub(crate) const TOKEN_SECONDS: i64 = 3_600;

fn mac(secret: &[u8], text: &str) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.chain_update(text.as_bytes())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).expect("a nibble is a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    // Digits alone: numbers are also read with a sign, and one signature must have one form.
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenSession {
    /// Whose it is.
    pub player: PlayerId,
    /// How often the player's sessions were revoked before.
    pub revocations: i64,
}

/// A new token, and when it expires.
pub(crate) fn make_token(
    secret: &[u8],
    session: &TokenSession,
    now: Timestamp,
) -> (String, Timestamp) {
    let expires_at = now.plus_ms(TOKEN_SECONDS * 1_000);
    let TokenSession { player, revocations } = session;
    let player = hex(player.as_str().as_bytes());
    let text = format!("v1.{player}.{revocations}.{}", expires_at.as_ms() / 1_000);
    let signature = hex(&mac(secret, &text).finalize().into_bytes());
    (format!("{text}.{signature}"), expires_at)
}

/// What a token says, if this server signed it and it has not expired at `now`.
pub(crate) fn read_token(secret: &[u8], token: &str, now: Timestamp) -> Option<TokenSession> {
    let (text, signature) = token.rsplit_once('.')?;
    mac(secret, text).verify_slice(&unhex(signature)?).ok()?;
    let mut parts = text.split('.');
    let (Some("v1"), Some(player), Some(revocations), Some(expiry), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let expiry: i64 = expiry.parse().ok()?;
    if now.as_ms() / 1_000 >= expiry {
        return None;
    }
    let player = PlayerId::new(&String::from_utf8(unhex(player)?).ok()?).ok()?;
    Some(TokenSession { player, revocations: revocations.parse().ok()? })
}

/// A signature of some texts, each of them with its length, so that no two lists have the same.
pub(crate) fn signature(secret: &[u8], texts: &[&str]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    let mac = texts.iter().fold(mac, |mac, text| {
        mac.chain_update((text.len() as u64).to_be_bytes()).chain_update(text.as_bytes())
    });
    hex(&mac.finalize().into_bytes())
}

/// What is stored of a device's secret. The secret is long and random, so a hash suffices: nobody
/// guesses 128 bits, and a slow hash would only let strangers tire the server. The player is in it,
/// so that equal secrets look different; no secret of the server's is, so that a restored backup
/// knows its players without it.
pub(crate) fn secret_hash(player: &PlayerId, device_secret: &str) -> String {
    keyed_hash(player.as_str().as_bytes(), device_secret)
}

/// A hash of a long and random secret, which differs by what it belongs to.
pub(crate) fn keyed_hash(owner: &[u8], secret: &str) -> String {
    hex(&mac(owner, secret).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms).expect("in range")
    }

    #[test]
    fn a_token_names_its_player_until_it_expires() {
        for name in ["device-1", "玩家.一", "a.b.c"] {
            let player = PlayerId::new(name).expect("valid");
            let session = TokenSession { player, revocations: 7 };
            let (token, expires_at) = make_token(SECRET, &session, at(1_000_000));
            assert_eq!(read_token(SECRET, &token, at(1_000_001)), Some(session));
            assert_eq!(read_token(SECRET, &token, expires_at), None);
        }
    }

    #[test]
    fn a_changed_token_or_another_secret_is_refused() {
        let player = PlayerId::new("device-1").expect("valid");
        let (token, _) = make_token(SECRET, &TokenSession { player, revocations: 0 }, at(0));
        assert_eq!(read_token(b"another secret of thirty-two byte", &token, at(1)), None);
        for place in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(read_token(SECRET, &changed, at(1)), None, "{changed}");
        }
        for nonsense in ["", ".", "v1", "v1..0.", "é.é.é.é"] {
            assert_eq!(read_token(SECRET, nonsense, at(1)), None);
        }
    }
}
