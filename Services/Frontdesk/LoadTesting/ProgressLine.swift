import CommandLineTool
import DeskReporting
import Foundation

/// The progress of a send run as one line.
enum ProgressLine {
  /// - Parameters:
  ///   - total: the total number of messages.
  ///   - rate: recent acknowledgements per second.
  static func text(_ counts: SendTally.Counts, total: Int, rate: Double) -> String {
    var parts = ["\(counts.acknowledged)/\(total) acknowledged", "\(counts.sent) sent", "\(Int(rate.rounded()))/s"]
    if let median = counts.latency.milliseconds(atPercent: 50), let tail = counts.latency.milliseconds(atPercent: 99) {
      parts.append("p50 \(RoundedTime.milliseconds(median)) p99 \(RoundedTime.milliseconds(tail))")
    }
    if counts.duplicates > 0 { parts.append("\(counts.duplicates) duplicates") }
    if counts.repetitions > 0 { parts.append("\(counts.repetitions) requests retried") }
    if counts.unacknowledged > 0 { parts.append("\(counts.unacknowledged) NOT acknowledged") }
    return parts.joined(separator: " · ")
  }
}

/// Shows a changing line: updated in place on a terminal, as a new line every few seconds elsewhere.
enum LiveLine {
  /// Shows `text` until cancelled, and once more then.
  static func show(_ text: () -> String) async {
    let interactive = Terminal.isInteractive
    let interval = interactive ? LoadBounds.progressInterval : LoadBounds.plainProgressInterval
    while (try? await Task.sleep(for: interval)) != nil { draw(text(), inPlace: interactive) }
    draw(text(), inPlace: interactive)
    if interactive { Terminal.say("") }
  }

  private static func draw(_ text: String, inPlace: Bool) {
    if inPlace {
      // Back to the first column, and the rest of a longer line is cleared.
      Terminal.draw(TerminalText(ours: "\r") + TerminalText(text) + TerminalText(ours: "\u{1B}[K"))
    } else {
      Terminal.say(text)
    }
  }
}
