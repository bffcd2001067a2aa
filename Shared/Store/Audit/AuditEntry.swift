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
  /// Particulars: the text of a JSON object, as it was hashed. It holds no free text; where somebody gave a reason, `reason_sha256` is its
  /// salted digest.
  public var detail: String
  /// The digest of the entry before, 32 bytes; zeros for the first.
  public var previous: [UInt8]
  /// The SHA-256 of `hashedBytes`.
  public var digest: [UInt8]
  /// The reason that somebody gave, which lies next to the chain; nil where none was given, or it was blanked with its customer.
  public var remark: AuditRemark?

  /// Describes an entry.
  public init(
    number: Int64, at: Instant, actor: String, kind: String, subject: String, detail: String, previous: [UInt8],
    digest: [UInt8], remark: AuditRemark? = nil
  ) {
    self.number = number
    self.at = at
    self.actor = actor
    self.kind = kind
    self.subject = subject
    self.detail = detail
    self.previous = previous
    self.digest = digest
    self.remark = remark
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

/// The reason of an entry, and the salt that its digest in the entry was taken with.
public struct AuditRemark: Sendable, Hashable {
  /// 16 random bytes.
  public var salt: [UInt8]
  /// What somebody wrote.
  public var text: String

  /// Describes a remark.
  public init(salt: [UInt8], text: String) {
    self.salt = salt
    self.text = text
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
