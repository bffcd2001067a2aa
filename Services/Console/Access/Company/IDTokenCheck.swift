import DeskCore

/// What an ID token must say before anyone believes it (OpenID Connect Core 1.0, section 3.1.3.7). Its signature is verified before.
struct IDTokenCheck: Sendable {
  let issuer: String
  let client: String
  let nonce: String
  let now: Instant

  /// - Throws: `TokenRefusal` with the first reason to refuse it.
  func check(_ claims: JSONValue) throws(TokenRefusal) {
    guard claims["iss"]?.text?.hasSameBytes(as: issuer) == true else { throw .issuer }
    guard let subject = claims["sub"]?.text, (1...CompanyBounds.subjectBytes).contains(subject.utf8.count) else {
      throw .subject
    }
    try checkAudience(claims)
    try checkTimes(claims)
    guard claims["nonce"]?.text?.hasSameBytes(as: nonce) == true else { throw .nonce }
  }

  /// The token is for this desk, and for others only if the provider says that the desk asked for it.
  private func checkAudience(_ claims: JSONValue) throws(TokenRefusal) {
    let audience: [String]
    switch claims["aud"] {
    case .text(let one): audience = [one]
    case .list(let several):
      let texts = several.compactMap(\.text)
      guard texts.count == several.count else { throw .audience }
      audience = texts
    default: throw .audience
    }
    guard audience.contains(where: { $0.hasSameBytes(as: client) }) else { throw .audience }
    if let party = claims["azp"] {
      guard party.text?.hasSameBytes(as: client) == true else { throw .audience }
    } else if audience.count > 1 {
      throw .audience
    }
  }

  private func checkTimes(_ claims: JSONValue) throws(TokenRefusal) {
    guard let expires = claims["exp"]?.number, let issued = claims["iat"]?.number else { throw .expired }
    let (seconds, skew) = (Double(now.microseconds) / 1_000_000, CompanyBounds.clockSkew.inSeconds)
    // Also refuses what is not a number.
    guard expires > seconds - skew else { throw .expired }
    guard issued > seconds - skew - CompanyBounds.tokenAge.inSeconds else { throw .expired }
    guard issued < seconds + skew else { throw .notYetValid }
    if let start = claims["nbf"] {
      guard let start = start.number, start < seconds + skew else { throw .notYetValid }
    }
  }
}
