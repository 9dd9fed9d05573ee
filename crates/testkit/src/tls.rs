//! A certificate for one server, of an authority made for it.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// The certificate of the authority, which clients trust.
pub(crate) const AUTHORITY: &str = "authority.pem";
/// The certificate of the server.
pub(crate) const CERTIFICATE: &str = "server.pem";
/// The server's key.
pub(crate) const KEY: &str = "server.key";

/// Writes the three files into a folder, for a server of these names or addresses.
pub(crate) fn certify(folder: &Path, names: &[&str]) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signs");
    let key = KeyPair::generate().expect("a key");
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let certificate = CertificateParams::new(names)
        .expect("names of this machine")
        .signed_by(&key, &authority)
        .expect("signs");
    write(folder, AUTHORITY, &authority.pem());
    write(folder, CERTIFICATE, &certificate.pem());
    write(folder, KEY, &key.serialize_pem());
}

/// Only the owner may read it: the server refuses a key that others can.
fn write(folder: &Path, name: &str, text: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.join(name))
        .expect("makes a file");
    file.write_all(text.as_bytes()).expect("writes");
}
