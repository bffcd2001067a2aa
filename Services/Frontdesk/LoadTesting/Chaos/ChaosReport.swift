import CommandLineTool
import Foundation

/// The outcome of one fault.
struct FaultOutcome: Sendable, Equatable {
  var fault: Fault
  /// From the fault's end until the desk had recovered, in seconds; nil when it never did.
  var recoverySeconds: Double?
  var lost = 0
  var doubled = 0
  /// Other problems.
  var findings: [String] = []

  var isGood: Bool { lost == 0 && doubled == 0 && recoverySeconds != nil && findings.isEmpty }
}

/// The results of a chaos run.
struct ChaosReport: Sendable, Equatable, Encodable {
  /// All faults of one kind.
  struct Kind: Sendable, Equatable, Encodable {
    var count = 0
    var lost = 0
    var doubled = 0
    var unrecovered = 0
    @OrNull var recoverySecondsMedian: Double? = nil
    @OrNull var recoverySecondsMax: Double? = nil
    var isGood = true

    enum CodingKeys: String, CodingKey {
      case count, lost, doubled, unrecovered
      case recoverySecondsMedian = "recovery_seconds_median"
      case recoverySecondsMax = "recovery_seconds_max"
      case isGood = "good"
    }
  }

  var seed: UInt64
  var outcomes: [FaultOutcome]
  /// The number of distinct messages acknowledged to clients.
  var acknowledged: Int
  /// The findings of the final check.
  var final = ChaosLedger.Wrong()
  var memory = MemoryWatch()
  /// Kinds that could not be injected here, with the reasons.
  var leftOut: [FaultKind: String] = [:]
  /// Problems other than the faults.
  var findings: [String] = []
  /// Deliveries to the web hook.
  var hook = HookEndpoint.Counts()
  /// The number of scheduled faults.
  var planned: Int
  /// The duration of the whole run.
  var seconds: Double

  var lost: Int { max(final.lost, outcomes.reduce(0) { $0 + $1.lost }) }
  var doubled: Int { max(final.doubled, outcomes.reduce(0) { $0 + $1.doubled }) }
  var unrecovered: Int { outcomes.count { $0.recoverySeconds == nil } }
  var recoverySecondsMax: Double { outcomes.compactMap(\.recoverySeconds).max() ?? 0 }
  var recoverySecondsMedian: Double { BenchReport.median(outcomes.compactMap(\.recoverySeconds)) }

  /// All problems as text.
  var allFindings: [String] {
    var all = outcomes.flatMap { outcome in
      outcome.findings.map { "after fault \(outcome.fault.number) (\(outcome.fault.text)): \($0)" }
    }
    all += findings + final.words
    if hook.strayed > 0 { all.append("\(hook.strayed) deliveries followed a redirect") }
    all += memory.beyond.map { "\($0) used more than \(ChaosBounds.memoryLimit) MiB of memory" }
    if outcomes.count < planned { all.append("only \(outcomes.count) of \(planned) faults were injected") }
    return all
  }

  var isGood: Bool { lost == 0 && doubled == 0 && unrecovered == 0 && allFindings.isEmpty }

  var byKind: [FaultKind: Kind] {
    Dictionary(grouping: outcomes, by: \.fault.kind).mapValues { outcomes in
      let recoveries = outcomes.compactMap(\.recoverySeconds)
      return Kind(
        count: outcomes.count, lost: outcomes.reduce(0) { $0 + $1.lost },
        doubled: outcomes.reduce(0) { $0 + $1.doubled }, unrecovered: outcomes.count - recoveries.count,
        recoverySecondsMedian: recoveries.isEmpty ? nil : ChaosReport.rounded(BenchReport.median(recoveries)),
        recoverySecondsMax: recoveries.max().map(ChaosReport.rounded), isGood: outcomes.allSatisfy(\.isGood))
    }
  }

  // MARK: For programs

  enum CodingKeys: String, CodingKey {
    case seed, faults, planned, acknowledged, lost, doubled, unrecovered, seconds, memory, findings, verdict, hook
    case recoverySecondsMax = "recovery_seconds_max"
    case recoverySecondsMedian = "recovery_seconds_median"
    case byKind = "by_kind"
    case leftOut = "left_out"
  }

  private struct Memory: Encodable {
    var limitMegabytes: Int
    var largestMegabytes: [String: Double]

    enum CodingKeys: String, CodingKey {
      case limitMegabytes = "limit_mib"
      case largestMegabytes = "largest_process_mib"
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seed, forKey: .seed)
    try container.encode(outcomes.count, forKey: .faults)
    try container.encode(planned, forKey: .planned)
    try container.encode(acknowledged, forKey: .acknowledged)
    try container.encode(lost, forKey: .lost)
    try container.encode(doubled, forKey: .doubled)
    try container.encode(unrecovered, forKey: .unrecovered)
    try container.encode(ChaosReport.rounded(recoverySecondsMax), forKey: .recoverySecondsMax)
    try container.encode(ChaosReport.rounded(recoverySecondsMedian), forKey: .recoverySecondsMedian)
    try container.encode(ChaosReport.rounded(seconds), forKey: .seconds)
    try container.encode(Self.named(byKind), forKey: .byKind)
    try container.encode(Self.named(leftOut), forKey: .leftOut)
    try container.encode(
      Memory(
        limitMegabytes: ChaosBounds.memoryLimit, largestMegabytes: memory.largest.mapValues { $0.rounded() }),
      forKey: .memory)
    try container.encode(
      ["delivered": hook.delivered, "repeated": hook.repeated, "strayed": hook.strayed], forKey: .hook)
    try container.encode(Array(allFindings.prefix(ChaosBounds.findingsShown)), forKey: .findings)
    try container.encode(isGood ? "good" : "bad", forKey: .verdict)
  }

  private static func named<Value>(_ values: [FaultKind: Value]) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) })
  }

  /// Rounds to milliseconds.
  private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }

  // MARK: For people

  var text: String {
    var table = TextTable([
      ("fault", .left), ("count", .right), ("lost", .right), ("doubled", .right), ("recovery", .right),
      ("longest", .right), ("", .left),
    ])
    let kinds = byKind
    for kind in FaultKind.allCases {
      guard let figures = kinds[kind] else { continue }
      table.add([
        kind.rawValue, "\(figures.count)", "\(figures.lost)", "\(figures.doubled)",
        Self.seconds(figures.recoverySecondsMedian), Self.seconds(figures.recoverySecondsMax),
        figures.isGood ? "✓" : figures.unrecovered > 0 ? "✗ \(figures.unrecovered) never recovered" : "✗",
      ])
    }
    var lines = [table.text, ""]
    for kind in FaultKind.allCases {
      if let reason = leftOut[kind] { lines.append("  left out: \(kind.rawValue), \(reason)") }
    }
    let largest = memory.largest.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value.rounded()))" }
    lines.append("  memory, largest process in MiB: \(largest.joined(separator: ", "))")
    lines.append("  web hook: \(hook.delivered) delivered, \(hook.repeated) of them repetitions")
    let shown = allFindings.prefix(ChaosBounds.findingsShown)
    lines += shown.map { "  ✗ \($0)" }
    lines.append(
      """
        \(outcomes.count) faults in \(RoundedTime.seconds(seconds)), seed \(seed): \(acknowledged) messages acknowledged, \
      \(lost) lost, \(doubled) doubled, \(unrecovered) faults without recovery: \(isGood ? "good" : "BAD")
      """)
    return lines.joined(separator: "\n")
  }

  private static func seconds(_ value: Double?) -> String {
    value.map { String(format: "%.2f s", $0) } ?? "-"
  }
}
