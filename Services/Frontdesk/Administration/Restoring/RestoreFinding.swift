/// One thing that a check of a restored desk found, with what to do about it.
struct RestoreFinding: Sendable, Equatable, Encodable {
  enum Grade: String, Sendable, Encodable {
    /// As it must be.
    case sound
    /// A consequence of the restore that someone has to know of, or to do something about.
    case gap
    /// What must not be after a restore to the moment: the desk must not start like this.
    case fault
  }

  /// What was looked at. The raw values are part of the JSON.
  enum Subject: String, Sendable, Encodable {
    case server, schema, moment, processes, audit, timelines, ledger, acknowledgements
    case undone, effects, replies, access, erasures, policy, capacity, contacts, words
  }

  let grade: Grade
  let subject: Subject
  /// What was found, beginning in lower case, without a full stop.
  let text: String
  /// How many; nil where nothing is counted.
  var count: Int64?
  /// The first of them.
  var examples: [String] = []
  /// What to do, likewise; nil for what is sound.
  var remedy: String?

  static func sound(_ subject: Subject, _ text: String, count: Int64? = nil) -> RestoreFinding {
    RestoreFinding(grade: .sound, subject: subject, text: text, count: count)
  }

  static func gap(
    _ subject: Subject, _ text: String, count: Int64? = nil, examples: [String] = [], remedy: String
  ) -> RestoreFinding {
    RestoreFinding(grade: .gap, subject: subject, text: text, count: count, examples: examples, remedy: remedy)
  }

  static func fault(
    _ subject: Subject, _ text: String, count: Int64? = nil, examples: [String] = [], remedy: String
  ) -> RestoreFinding {
    RestoreFinding(grade: .fault, subject: subject, text: text, count: count, examples: examples, remedy: remedy)
  }
}
