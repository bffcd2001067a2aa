/// What a channel can verify of a customer, so that the customers of two channels who have the same are one person.
public enum ProofKind: String, Hashable, Sendable, CaseIterable {
  /// An email address to which the channel has sent a code or link.
  case email
  /// A telephone number, verified in the same way.
  case phone
  /// The company's own account, into which the customer has signed in.
  case account
}

/// A verified property of a customer. Only its digest is known here: channels that shall be joined compute it in the same way, preferably
/// with a key (HMAC-SHA256) that the desk does not have.
public struct CustomerProof: Hashable, Sendable {
  /// The length of a digest in bytes.
  public static let digestBytes = 32

  /// What was verified.
  public let kind: ProofKind
  /// The digest of the verified value.
  public let digest: [UInt8]

  /// - Parameter hexadecimal: the digest as 64 lower-case hexadecimal digits.
  /// - Returns: nil for anything else.
  public init?(_ kind: ProofKind, hexadecimal: String) {
    let digits = Array(hexadecimal.utf8)
    guard digits.count == 2 * CustomerProof.digestBytes else { return nil }
    var digest: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = CustomerProof.value(of: digits[place]), let low = CustomerProof.value(of: digits[place + 1])
      else { return nil }
      digest.append(high << 4 | low)
    }
    self.kind = kind
    self.digest = digest
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// The outcome of joining two customers.
public enum JoinOutcome: String, Hashable, Sendable, CaseIterable {
  /// They are one person now.
  case joined
  /// They are one person already.
  case same
  /// The person would have too many identities.
  case full
  /// A person has separated them, which no proof overrules.
  case separated
  /// More customers have the same proof than one person can: it belongs to a household or a company.
  case shared
  /// The policy no longer trusts the channel for this kind of proof.
  case untrusted
}
