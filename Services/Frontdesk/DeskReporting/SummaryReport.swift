import CommandLineTool
import DeskCore
import Store
import UntrustedInput

/// The outcomes of the messages since a given time.
struct SummaryReport: Sendable, Encodable {
  var figures: ProgressFigures
  /// The time from acceptance to the first decision; nil when nothing was decided.
  @OrNull var medianMilliseconds: Double?
  @OrNull var p99Milliseconds: Double?
  var ledger: LedgerVerdict
  /// Whether there were acknowledgements of a client to check.
  var isLogKept = true

  enum CodingKeys: String, CodingKey {
    case figures, ledger
    case medianMilliseconds = "accept_to_queue_p50_ms"
    case p99Milliseconds = "accept_to_queue_p99_ms"
  }

  /// The maximum number of decisions timed.
  static let timesLimit = 1_000_000

  static func read(
    _ store: DeskStore, since moment: Instant, acknowledgements: [Acknowledgement]
  ) async throws -> SummaryReport {
    var times = LatencyRecord()
    for time in try await store.audit.timesToQueue(since: moment, limit: timesLimit) {
      times.record(microseconds: time)
    }
    return SummaryReport(
      figures: try await store.reports.progress(since: moment),
      medianMilliseconds: times.milliseconds(atPercent: 50), p99Milliseconds: times.milliseconds(atPercent: 99),
      ledger: try await Ledger(store: store, acknowledgements: acknowledgements).verdict())
  }

  var text: String {
    var table = TextTable([("what", .left), ("how many", .right)])
    for (name, count) in [
      ("messages accepted", figures.accepted), ("labelled and decided", figures.labelled),
      ("tickets queued", figures.queued), ("offered to agents", figures.offered), ("answered", figures.answered),
      ("late", figures.late),
    ] {
      table.add([name, String(count)])
    }
    var lines = [table.text]
    if let medianMilliseconds, let p99Milliseconds {
      lines.append(
        "  accept to queue: median \(RoundedTime.milliseconds(medianMilliseconds)), "
          + "99th percentile \(RoundedTime.milliseconds(p99Milliseconds))")
    }
    lines.append("  ledger: \(isLogKept ? ledger.sentence : ledger.sentenceWithoutLog)")
    lines += ledger.wrong.map { "  ✗ \(VisibleText.line($0))" }
    return lines.joined(separator: "\n")
  }
}
