import Crypto
import CryptoExtras
import DeskCore
import Foundation

/// The public keys with which a provider signs its tokens (RFC 7517).
struct SigningKeys: Sendable {
  private enum Key: Sendable {
    case rsa(_RSA.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
  }

  private struct Entry: Sendable {
    let key: Key
    let id: String?
    /// The only algorithm that it is for; nil if the provider does not say.
    let algorithm: String?
  }

  private let entries: [Entry]

  /// Reads a key set. Keys of other kinds and for other purposes are left out, as are malformed and weak ones.
  /// - Returns: nil when it is not a key set.
  init?(_ json: JSONValue) {
    guard let list = json["keys"]?.list else { return nil }
    entries = list.prefix(CompanyBounds.keys).compactMap(Self.entry)
  }

  var isEmpty: Bool { entries.isEmpty }

  /// Whether it has the key that a token names. A token without a name is signed by the only key that fits (OpenID Connect Core 1.0,
  /// section 10.1).
  func contains(keyOf token: CompactToken) -> Bool { !candidates(for: token).isEmpty }

  /// - Throws: `TokenRefusal.signature` unless one of the keys made the token's signature.
  func verify(_ token: CompactToken) throws(TokenRefusal) {
    let candidates = candidates(for: token)
    guard candidates.count == 1, let entry = candidates.first, Self.isValid(token, by: entry.key) else {
      throw .signature
    }
  }

  private func candidates(for token: CompactToken) -> [Entry] {
    entries.filter { entry in
      if let algorithm = entry.algorithm, !algorithm.hasSameBytes(as: token.algorithm.rawValue) { return false }
      switch (entry.key, token.algorithm) {
      case (.rsa, .rs256), (.rsa, .ps256), (.p256, .es256): break
      default: return false
      }
      guard let wanted = token.keyID else { return true }
      return entry.id?.hasSameBytes(as: wanted) == true
    }
  }

  private static func isValid(_ token: CompactToken, by key: Key) -> Bool {
    let digest = SHA256.hash(data: token.signed)
    switch (key, token.algorithm) {
    case (.rsa(let key), .rs256):
      return key.isValidSignature(
        .init(rawRepresentation: token.signature), for: digest, padding: .insecurePKCS1v1_5)
    case (.rsa(let key), .ps256):
      return key.isValidSignature(.init(rawRepresentation: token.signature), for: digest, padding: .PSS)
    case (.p256(let key), .es256):
      guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: token.signature) else { return false }
      return key.isValidSignature(signature, for: digest)
    default: return false
    }
  }

  private static func entry(_ json: JSONValue) -> Entry? {
    if let use = json["use"] { guard use.text == "sig" else { return nil } }
    if let operations = json["key_ops"] {
      guard operations.list?.contains(where: { $0.text == "verify" }) == true else { return nil }
    }
    guard let key = key(json) else { return nil }
    return Entry(key: key, id: json["kid"]?.text, algorithm: json["alg"]?.text)
  }

  private static func key(_ json: JSONValue) -> Key? {
    switch json["kty"]?.text {
    case "RSA":
      guard let modulus = bytes(json["n"]), CompanyBounds.modulusBytes.contains(modulus.count),
        let exponent = bytes(json["e"]), CompanyBounds.exponentBytes.contains(exponent.count)
      else { return nil }
      return (try? _RSA.Signing.PublicKey(n: modulus, e: exponent)).map { .rsa($0) }
    case "EC":
      guard json["crv"]?.text == "P-256", let x = bytes(json["x"]), let y = bytes(json["y"]), x.count == 32,
        y.count == 32
      else { return nil }
      return (try? P256.Signing.PublicKey(rawRepresentation: x + y)).map { .p256($0) }
    default: return nil
    }
  }

  private static func bytes(_ json: JSONValue?) -> [UInt8]? { json?.text.flatMap { Base64URL.decode($0) } }
}
