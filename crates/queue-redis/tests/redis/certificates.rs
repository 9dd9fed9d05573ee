//! Certificates for one test.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

/// The file with the certificate that the server's is signed with.
pub const ROOT: &str = "root.pem";
/// The file with the server's certificate.
pub const CERTIFICATE: &str = "server.pem";
/// The file with the server's key.
pub const KEY: &str = "server.key";

/// Writes certificates for a server on this machine into a folder; answers the root.
pub fn write(folder: &Path) -> Vec<u8> {
    let mut root = CertificateParams::new(Vec::new()).expect("no names");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().expect("a key"));
    let root = root.expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let server = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]);
    let server = server.expect("good names").signed_by(&key, &root).expect("a certificate");
    let root = root.pem();
    for (name, text) in [(ROOT, &root), (CERTIFICATE, &server.pem()), (KEY, &key.serialize_pem())] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    root.into_bytes()
}
