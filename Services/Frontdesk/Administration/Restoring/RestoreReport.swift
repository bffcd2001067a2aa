import CommandLineTool
import UntrustedInput

/// The result of checking a restored desk, for people and programs.
struct RestoreReport: Sendable, Encodable {
  /// What the desk was restored to; nil where it is not known.
  let moment: Moment?
  let momentFrom: RestoreMoment.Source?
  /// What was acknowledged, where acknowledgements were given.
  let acknowledgements: Acknowledgements?
  let findings: [RestoreFinding]

  struct Acknowledgements: Sendable, Equatable, Encodable {
    var acknowledged: Int
    var found: Int
    var missingBefore: Int
    var missingAfter: Int
    var dropped: Int
    /// Lost with the restore, and sent again since: here under another identifier.
    var sentAgain = 0

    enum CodingKeys: String, CodingKey {
      case acknowledged, found, dropped
      case missingBefore = "missing_before"
      case missingAfter = "missing_after"
      case sentAgain = "sent_again"
    }
  }

  private enum CodingKeys: String, CodingKey {
    case moment, sound, acknowledgements, findings
    case momentFrom = "moment_from"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(moment, forKey: .moment)
    try container.encode(momentFrom, forKey: .momentFrom)
    try container.encode(isSound, forKey: .sound)
    try container.encode(acknowledgements, forKey: .acknowledgements)
    try container.encode(findings, forKey: .findings)
  }

  /// Whether nothing was found that must not be.
  var isSound: Bool { !findings.contains { $0.grade == .fault } }

  /// First what is wrong, then what is to be done, then what is as it must be.
  var text: String {
    var lines = [moment.map { "restored to \($0) (\(source))" } ?? "it is not known what the desk was restored to"]
    for (grade, mark) in [(RestoreFinding.Grade.fault, "✗"), (.gap, "!"), (.sound, "✓")] {
      for finding in findings where finding.grade == grade {
        lines.append(VisibleText.line("\(mark) \(finding.subject.rawValue): \(finding.text)"))
        lines += finding.examples.map { VisibleText.line("    \($0)") }
        if let remedy = finding.remedy { lines.append(VisibleText.line("    → \(remedy)")) }
      }
    }
    let faults = findings.count { $0.grade == .fault }
    lines.append(
      faults == 0
        ? "sound; to be done: \(findings.count { $0.grade == .gap }) points marked with !"
        : "not sound: \(faults) faults; do not start the services on it")
    return lines.joined(separator: "\n")
  }

  private var source: String {
    switch momentFrom {
    case .named, nil: "as named"
    case .server: "the server's recovery target"
    case .settled: "as the desk was settled"
    case .trace: "the newest heartbeat, message or audit entry; name the moment with --moment if you know it"
    }
  }
}
