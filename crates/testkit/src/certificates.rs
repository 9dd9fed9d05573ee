//! A certificate for one server, of an authority made for it.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// Writes `authority.pem`, `server.pem` (for `localhost`) and `server.key`.
pub fn certify(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // A name of its own: OpenSSL takes a certificate for its own authority if both have one name.
    params.distinguished_name.push(DnType::CommonName, "test authority");
    let authority =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signs");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .expect("a name of this machine")
        .signed_by(&key, &authority)
        .expect("signs");
    write(folder, "authority.pem", &authority.pem());
    write(folder, "server.pem", &certificate.pem());
    write(folder, "server.key", &key.serialize_pem());
}

/// Only the owner may read it: the server refuses a key that others can read.
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
