import DeskCore

/// A signed token in the compact serialisation (RFC 7515, section 3.1), read but not verified.
struct CompactToken: Sendable {
  /// The algorithms that are accepted (RFC 7518, section 3.1). Neither `none` nor any with a shared secret is among them.
  enum Algorithm: String, Sendable {
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
  }

  let algorithm: Algorithm
  /// The identifier of its key; nil if the token names none.
  let keyID: String?
  let claims: JSONValue
  /// What is signed.
  let signed: [UInt8]
  let signature: [UInt8]

  /// - Throws: `TokenRefusal` for anything that is not an ID token signed with an accepted algorithm.
  init(_ text: String) throws(TokenRefusal) {
    guard text.utf8.count <= CompanyBounds.tokenBytes else { throw .malformed }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
      let signature = Base64URL.decode(parts[2])
    else { throw .malformed }
    guard let name = header["alg"]?.text, let algorithm = Algorithm(rawValue: name) else { throw .algorithm }
    // Extensions that must be understood (RFC 7515, section 4.1.11); none is.
    guard header["crit"] == nil, header["b64"] == nil else { throw .malformed }
    // A token for another purpose, such as an access token, is no ID token (RFC 8725, section 3.11).
    if let type = header["typ"] {
      guard let type = type.text, ["jwt", "application/jwt"].contains(type.lowercased()) else { throw .malformed }
    }
    self.algorithm = algorithm
    keyID = header["kid"]?.text
    self.claims = claims
    signed = Array("\(parts[0]).\(parts[1])".utf8)
    self.signature = signature
  }

  private static func object(_ part: Substring) -> JSONValue? {
    guard let bytes = Base64URL.decode(part), let text = String(validating: bytes, as: UTF8.self),
      let value = JSONValue(json: text), case .object = value
    else { return nil }
    return value
  }
}

/// Why a token is not accepted.
enum TokenRefusal: String, Error {
  case malformed, algorithm, signature
  case issuer, audience, expired, notYetValid = "not_yet_valid", nonce, subject
}
