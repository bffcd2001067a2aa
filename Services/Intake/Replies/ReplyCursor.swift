import DeskCore

/// A place among a channel's replies: behind the reply with this number, 0 before the first. Its text is opaque to channels.
struct ReplyCursor: LosslessStringConvertible, Hashable, Sendable {
  /// 0 or more.
  let sequence: Int64

  /// The place before the first reply.
  static let beginning = ReplyCursor(sequence: 0)

  init(sequence: Int64) {
    self.sequence = sequence
  }

  /// Parses the output of `description`; nil for anything else.
  init?(_ description: String) {
    guard let sequence = Int64(description), sequence >= 0, String(sequence).hasSameBytes(as: description) else {
      return nil
    }
    self.init(sequence: sequence)
  }

  var description: String { String(sequence) }
}
