public import DeskCore

/// One change at the desk's door, bound to the one before it.
public struct AuditEntry: Sendable, Hashable {
  /// Its place, from 1 without gaps.
  public var number: Int64
  /// When, by the database's clock, to the microsecond.
  public var at: Instant
  /// Who: `role/program`. The database's role is known, the program or person after the slash is what they said of themselves.
  public var actor: String
  /// What: `key.created`, `policy.applied`, `customer.erased`, …
  public var kind: String
  /// To what: a key's identifier, a version, a channel.
  public var subject: String
  /// Particulars: the text of a JSON object, as it was hashed.
  public var detail: String
  /// The digest of the entry before, 32 bytes; zeros for the first.
  public var previous: [UInt8]
  /// The SHA-256 of `hashedBytes`.
  public var digest: [UInt8]

  /// Describes an entry.
  public init(
    number: Int64, at: Instant, actor: String, kind: String, subject: String, detail: String, previous: [UInt8],
    digest: [UInt8]
  ) {
    self.number = number
    self.at = at
    self.actor = actor
    self.kind = kind
    self.subject = subject
    self.detail = detail
    self.previous = previous
    self.digest = digest
  }

  /// What the digest is taken of: the previous digest, then each field as a netstring (`length:bytes,`), so that no two entries have
  /// the same bytes.
  public var hashedBytes: [UInt8] {
    var bytes = previous
    for field in [String(number), String(at.microseconds), actor, kind, subject, detail] {
      bytes += Array("\(field.utf8.count):".utf8) + Array(field.utf8) + [UInt8(ascii: ",")]
    }
    return bytes
  }
}

/// Where the chain ends, as the database keeps it apart from the entries.
public struct AuditHead: Sendable, Hashable {
  /// The number of the last entry, 0 before the first.
  public let number: Int64
  /// Its digest, 32 bytes.
  public let digest: [UInt8]

  /// Names an end.
  public init(number: Int64, digest: [UInt8]) {
    self.number = number
    self.digest = digest
  }
}
