public import DeskCore

/// One audited administrative change, chained to the previous one.
public struct AuditEntry: Sendable, Hashable {
  /// Its number, from 1 without gaps.
  public var number: Int64
  /// When it was made, by the database's clock, to the microsecond.
  public var at: Instant
  /// Who: `role/program`. The database's role is known, the program or person after the slash is self-declared.
  public var actor: String
  /// What: `key.created`, `policy.applied`, `customer.erased`, …
  public var kind: String
  /// The subject: a key's identifier, a version, a channel.
  public var subject: String
  /// The details: the text of a JSON object, as it was hashed. It contains no free text; if a reason was given, `reason_sha256` is its
  /// salted digest.
  public var detail: String
  /// The digest of the previous entry, 32 bytes; zeros for the first.
  public var previous: [UInt8]
  /// The SHA-256 of `hashedBytes`.
  public var digest: [UInt8]
  /// The given reason, which is stored apart from the chain; nil if none was given, or it was blanked with its customer.
  public var reason: AuditReason?

  /// Creates an entry.
  public init(
    number: Int64, at: Instant, actor: String, kind: String, subject: String, detail: String, previous: [UInt8],
    digest: [UInt8], reason: AuditReason? = nil
  ) {
    self.number = number
    self.at = at
    self.actor = actor
    self.kind = kind
    self.subject = subject
    self.detail = detail
    self.previous = previous
    self.digest = digest
    self.reason = reason
  }

  /// The input of the digest: the previous digest, then each field as a netstring (`length:bytes,`), so that no two entries have
  /// the same bytes.
  public var hashedBytes: [UInt8] {
    var bytes = previous
    for field in [String(number), String(at.microseconds), actor, kind, subject, detail] {
      bytes += Array("\(field.utf8.count):".utf8) + Array(field.utf8) + [UInt8(ascii: ",")]
    }
    return bytes
  }
}

/// The reason of an entry, and the salt that its digest in the entry was taken with.
public struct AuditReason: Sendable, Hashable {
  /// 16 random bytes.
  public var salt: [UInt8]
  /// The text.
  public var text: String

  /// Creates a reason.
  public init(salt: [UInt8], text: String) {
    self.salt = salt
    self.text = text
  }
}

/// The end of the chain, which the database stores apart from the entries.
public struct AuditHead: Sendable, Hashable {
  /// The number of the last entry, 0 before the first.
  public let number: Int64
  /// Its digest, 32 bytes.
  public let digest: [UInt8]

  /// Creates an end.
  public init(number: Int64, digest: [UInt8]) {
    self.number = number
    self.digest = digest
  }
}
