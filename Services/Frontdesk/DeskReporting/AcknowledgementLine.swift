import DeskCore
import UntrustedInput

/// One line of a file of acknowledgements: a JSON object with the texts `channel`, `external_id` and `message_id`, and optionally
/// `ticket_id` and `acknowledged_at` (RFC 3339). Other members are ignored, so that a client may log more.
enum AcknowledgementLine {
  /// Why a line is not an acknowledgement. It never quotes the line, which may hold customers' words.
  struct Mistake: Error, Equatable {
    /// From 1, in Unicode scalars.
    let column: Int
    let problem: String
    let remedy: String
  }

  private typealias Name = Acknowledgement.CodingKeys

  /// - Parameters:
  ///   - isIdentified: whether the identifier must be valid.
  ///   - isDated: whether the time must be there too.
  static func read(_ bytes: [UInt8], isIdentified: Bool, isDated: Bool) throws(Mistake) -> Acknowledgement {
    let reading = bytes.withUnsafeBufferPointer { JSONScanner.read(buffer: $0) }
    if let error = reading.error { throw mistake(of: error, in: bytes, reading.document) }
    guard case .object(let members)? = reading.document else {
      throw Mistake(
        column: 1, problem: "the line is \(reading.document?.kind ?? "empty"), not an object",
        remedy: "write each acknowledgement as one object on its own line")
    }
    func text(_ name: Name) throws(Mistake) -> String? {
      guard let value = members.first(where: { $0.name.hasSameBytes(as: name.rawValue) })?.value, value != .null else {
        return nil
      }
      guard case .text(let text) = value, !text.isEmpty else {
        throw Mistake(
          column: place(of: name, in: bytes), problem: "\(name.rawValue) is not a text",
          remedy: "write it in double quotes")
      }
      return text
    }
    func required(_ name: Name) throws(Mistake) -> String {
      if let text = try text(name) { return text }
      throw Mistake(column: 1, problem: "\(name.rawValue) is missing", remedy: "add it to every line")
    }
    /// What the database is asked for: no desk has anything else, and PostgreSQL has no U+0000.
    func askable(_ name: Name, longest: Int) throws(Mistake) -> String {
      let text = try required(name)
      do throws(InputFault) {
        try InputRules.text(text, longest: longest)
      } catch {
        throw Mistake(
          column: place(of: name, in: bytes),
          problem: "\(name.rawValue) "
            + (text.utf8.contains(0)
              ? "contains the character U+0000, which no message has"
              : "has \(text.unicodeScalars.count) characters, and no message has more than \(longest)"),
          remedy: "write the one that intake acknowledged, or take the line out")
      }
      return text
    }
    var acknowledgement = Acknowledgement(
      channel: try askable(.channel, longest: InputBounds.nameCharacters),
      externalID: try askable(.externalID, longest: InputBounds.messageCharacters), messageID: try required(.messageID),
      ticketID: try text(.ticketID) ?? "")
    if let time = try text(.acknowledgedAt) {
      guard let instant = RFC3339.instant(time) else {
        throw Mistake(
          column: place(of: .acknowledgedAt, in: bytes), problem: "acknowledged_at is not a time with its offset",
          remedy: "write it like 2026-11-22T08:30:00.125Z")
      }
      acknowledgement.acknowledgedAt = instant
    }
    guard isIdentified || isDated else { return acknowledgement }
    guard acknowledgement.claim != nil else {
      throw Mistake(
        column: place(of: .messageID, in: bytes), problem: "message_id is not an identifier of a message",
        remedy: "write the one that intake acknowledged")
    }
    guard !isDated || acknowledgement.acknowledgedAt != nil else {
      throw Mistake(
        column: 1, problem: "acknowledged_at is missing",
        remedy: "add the time at which the client had the acknowledgement, like 2026-11-22T08:30:00.125Z")
    }
    return acknowledgement
  }

  /// A text with a character that is none is named by its member.
  private static func mistake(of error: JSONError, in bytes: [UInt8], _ document: JSONDocument?) -> Mistake {
    let column = column(of: error.offset, in: bytes)
    var name: Name?
    if case .object(let members)? = document {
      let damaged = members.first { $0.value == .damaged(error) }?.name
      name = Name.allCases.first { $0.rawValue.hasSameBytes(as: damaged ?? "") }
    }
    let damage: String? =
      switch error.reason {
      case .loneSurrogate: "half a surrogate pair, which is not a character"
      case .invalidUTF8: "bytes that are not UTF-8"
      default: nil
      }
    guard let damage else {
      // A carriage return before the line end and other white space are read past; what is left is not JSON.
      return Mistake(
        column: column, problem: "this is not a JSON object",
        remedy: "write each acknowledgement as one object on its own line")
    }
    return Mistake(
      column: column, problem: "\(name?.rawValue ?? "the line") contains \(damage)",
      remedy: "write the one that intake acknowledged, or take the line out")
  }

  /// The column of a member's name.
  private static func place(of name: Name, in bytes: [UInt8]) -> Int {
    column(of: offset(of: name, in: bytes) ?? 0, in: bytes)
  }

  /// Inside a text its quotes would be escaped, so the first match is the name.
  private static func offset(of name: Name, in bytes: [UInt8]) -> Int? {
    let quoted = Array("\"\(name.rawValue)\"".utf8)
    return bytes.indices.first { bytes[$0...].starts(with: quoted) }
  }

  /// Continuation bytes are not separate characters.
  private static func column(of offset: Int, in bytes: [UInt8]) -> Int {
    bytes.prefix(offset).count { $0 & 0xC0 != 0x80 } + 1
  }
}
