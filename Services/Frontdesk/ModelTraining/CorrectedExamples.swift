import DeskCore
import Language
import Store

/// Agents' and triage corrections as examples: most are used for training, the others are held out of every training, so that models
/// can be compared on them.
struct CorrectedExamples {
  /// One message in this many is held out of training.
  static let heldOutOneIn: UInt64 = 5
  /// Corrections read per page, and the maximum in total.
  static let pageSize = 5_000
  static let readAtMost = 1_000_000

  let learned: [LabelledExample]
  let heldOut: [LabelledExample]

  /// - Parameter corrections: oldest first; the last correction of a message wins.
  init(_ corrections: [CorrectedMessage]) {
    var last: [MessageID: CorrectedMessage] = [:]
    for correction in corrections { last[correction.id] = correction }
    var learned: [LabelledExample] = []
    var heldOut: [LabelledExample] = []
    for correction in last.values.sorted(by: { ($0.correctedAt, $0.id) < ($1.correctedAt, $1.id) }) {
      let text = [correction.subject, correction.body].compactMap(\.self).joined(separator: "\n")
      let example = LabelledExample(text: text, label: correction.category)
      if CorrectedExamples.isHeldOut(correction.id) { heldOut.append(example) } else { learned.append(example) }
    }
    self.learned = learned
    self.heldOut = heldOut
  }

  /// Depends on the identifier alone, so that a message stays on its side in all future trainings.
  static func isHeldOut(_ message: MessageID) -> Bool {
    // The low half of an identifier is random except for a few bits, hence the mixing.
    (message.low &* 0x9E37_79B9_7F4A_7C15) >> 32 % heldOutOneIn == 0
  }

  /// Reads all corrections of a desk.
  static func read(_ store: DeskStore) async throws -> CorrectedExamples {
    var all: [CorrectedMessage] = []
    while all.count < readAtMost {
      let page = try await store.learning.corrections(after: all.last, limit: pageSize)
      all += page
      if page.count < pageSize { break }
    }
    return CorrectedExamples(all)
  }

  /// Maps corrections to the labels of a labelled file where they mean the same.
  ///
  /// People correct categories. Where the file has one label of that category, that label is used; where it distinguishes several
  /// intents of it, the intended one is unknown, and the correction is left out.
  ///
  /// - Returns: the examples, and how many were left out.
  static func adopting(
    _ corrections: [LabelledExample], labelsOf file: [LabelledExample]
  ) -> (examples: [LabelledExample], leftOut: Int) {
    var labels: [String: Set<String>] = [:]
    for example in file { labels[example.category, default: []].insert(example.label) }
    var leftOut = 0
    let examples = corrections.compactMap { correction -> LabelledExample? in
      let known = labels[correction.label] ?? [correction.label]
      if known.contains(correction.label) { return correction }
      guard known.count == 1, let label = known.first else {
        leftOut += 1
        return nil
      }
      return LabelledExample(text: correction.text, label: label)
    }
    return (examples, leftOut)
  }
}
