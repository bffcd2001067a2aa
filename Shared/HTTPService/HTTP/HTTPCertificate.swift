internal import NIOSSL
internal import ServiceSettings

/// A server's certificate chain and the private key of its first certificate, from PEM files (RFC 7468).
///
/// They are read once, at the start: a renewed certificate takes effect by a rolling restart.
public struct HTTPCertificate: Sendable {
  let configuration: TLSConfiguration

  /// Reads both files and checks that they belong together.
  /// - Throws: `ConfigurationError` that names the key whose file is invalid; it reveals nothing of a private key.
  init(chain: (key: String, path: String), privateKey: (key: String, path: String)) throws(ConfigurationError) {
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(chain.path)
      guard !certificates.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
    } catch {
      throw HTTPCertificate.mistake(
        chain, "cannot be read as certificates in PEM", "specify a file that begins with -----BEGIN CERTIFICATE-----")
    }
    let key: NIOSSLPrivateKey
    do {
      key = try NIOSSLPrivateKey(file: privateKey.path, format: .pem)
    } catch {
      throw HTTPCertificate.mistake(
        privateKey, "cannot be read as a private key in PEM",
        "specify a file without a password that this user can read")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do {
      // A mismatch is found here and not by the first client.
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw HTTPCertificate.mistake(
        privateKey, "does not belong to the first certificate of \(chain.path)",
        "specify the key that it was created with")
    }
    self.configuration = configuration
  }

  private static func mistake(_ place: (key: String, path: String), _ problem: String, _ remedy: String)
    -> ConfigurationError
  {
    ConfigurationError(mistakes: [.init(place: place.key, value: place.path, problem: problem, remedy: remedy)])
  }
}
