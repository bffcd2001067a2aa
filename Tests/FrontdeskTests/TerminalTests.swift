import ArgumentParser
import DeskCore
import Foundation
import Language
import TestKit
import Testing
import UntrustedInput

@testable import CommandLineTool
@testable import DeskReporting
@testable import DeskSupervisor
@testable import Frontdesk
@testable import LoadTesting
@testable import ModelTraining
@testable import Store

/// External text with everything that could do harm on a terminal.
private let hostile = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}x\u{2066}\r\ny\u{2028}\u{7F}"

private func isHarmless(_ text: String, escapes: Set<String> = []) -> Bool {
  var rest = text
  for escape in escapes { rest = rest.replacingOccurrences(of: escape, with: "", options: .literal) }
  return VisibleText.block(rest).utf8.elementsEqual(rest.utf8)
}

@Suite("Terminal output")
struct TerminalTests {
  @Test("Text is escaped, our own styling is kept")
  func styling() {
    let text = TerminalText.painted(hostile, colour: 31) + TerminalText(" \(hostile)")
    #expect(text.description.hasPrefix("\u{1B}[31m\\u{1B}]0;owned"))
    #expect(isHarmless(text.description, escapes: ["\u{1B}[31m", "\u{1B}[0m"]))
  }

  @Test("A table's columns line up as displayed, and a cell stays on its line")
  func tables() {
    var table = TextTable([("name", .left), ("n", .right)])
    table.add([hostile, "1"])
    table.add(["售后", "22"])
    let lines = table.text.split(separator: "\n")
    #expect(lines.count == 3 && isHarmless(table.text))
    #expect(Set(lines.map { TextWidth.of(String($0)) }).count == 1)
  }

  @Test("A status with hostile names contains no escape codes but its own colours")
  func status() {
    var report = StatusReport()
    report.lateQueues = [.init(queue: hostile, late: 3, waiting: 9)]
    report.serviceLevels = [.init(queue: hostile, clock: hostile, kept: 0, warned: 1, broken: 1, unanswered: 0)]
    report.services = [.init(name: hostile, ready: 0, starting: 0, draining: 0, oldestSeconds: nil)]
    report.stages = [.init(stage: hostile, waiting: 1, oldestAgeSeconds: 1)]
    report.verdict = StatusVerdict.judge(report)
    let text = StatusText.text(report, colours: true).description
    #expect(isHarmless(text, escapes: ["\u{1B}[31m", "\u{1B}[33m", "\u{1B}[0m"]))
    // No external text starts a line.
    #expect(!text.split(separator: "\n").contains { $0.hasPrefix("y") })
  }

  @Test("An explanation with hostile reasons and texts is escaped")
  func explanation() throws {
    let text = """
      {"reason":\(JSONValue.text(hostile).json),"queue":"q","to_agent":"a"}
      """
    let sentence = TimelineText(kind: "transferred", detail: text).sentence
    #expect(!isHarmless(sentence), "the sentence contains the timeline's text unchanged")
    var explanation = Explanation.sample
    explanation.timeline = [
      .init(
        at: Moment(now), kind: "transferred", actor: hostile, text: sentence, chinese: sentence, labels: nil,
        detail: text)
    ]
    explanation.messages = [.init(id: "1", from: "customer", at: Moment(now), undecided: false, words: hostile)]
    explanation.queue = hostile
    let shown = TerminalText(explanation.text(allAgents: false)).description
    #expect(isHarmless(shown))
    #expect(shown.split(separator: "\n").filter { $0.hasPrefix("y") || $0.hasPrefix("forged") }.isEmpty)
    let json = VisibleText.json(try ReportWriter.json(of: explanation))
    #expect(isHarmless(json))
    let read = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect((read["queue"] as? String).map { $0.utf8.elementsEqual(hostile.utf8) } == true)
  }

  @Test("The combined log contains no control codes that a pager would execute")
  func log() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file.log")
    let log = CombinedLog(path: path, showsServices: false)
    await log.write("\tat \u{1B}[2J\u{202E}\r", from: "router#1")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "router#1      | \tat \\u{1B}[2J\\u{202E}\\u{D}\n")
  }

  @Test("The parser's own errors escape the argument")
  func arguments() {
    let error = #expect(throws: (any Error).self) {
      try FrontdeskCommand.parseAsRoot(["scale", "\u{1B}[2Jrouter", "4"])
    }
    let text = error.map { FrontdeskCommand.fullMessage(for: $0) } ?? ""
    #expect(text.contains("router") && isHarmless(TerminalText(text).description))
  }
}

private let now = Instant(seconds: 1_795_336_200)

extension Explanation {
  fileprivate static var sample: Explanation {
    Explanation(
      ticket: "t", state: "open", channel: "web", queue: nil, priority: nil, agent: nil,
      opened: Moment(now), closed: nil)
  }
}

@Suite("Reports for programs")
struct ReportWriterTests {
  private struct Figures: Encodable {
    struct Inner: Encodable {
      var list: [Double] = [.nan, 1, -.infinity]
      var small = Float.infinity
      var named: [String: Double] = ["a": .infinity]
    }

    var plain = Double.infinity
    @OrNull var missing: Double?
    @OrNull var there: Double? = 0.5
    var inner = Inner()
    var text = "inf"
  }

  private func object(_ value: some Encodable) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(ReportWriter.json(of: value).utf8)) as? [String: Any])
  }

  @Test("Every infinite, NaN or missing number is null")
  func numbers() throws {
    let object = try object(Figures())
    #expect(object["plain"] is NSNull && object["missing"] is NSNull && object["there"] as? Double == 0.5)
    let inner = try #require(object["inner"] as? [String: Any])
    let list = try #require(inner["list"] as? [Any])
    #expect(list[0] is NSNull && list[1] as? Double == 1 && list[2] is NSNull)
    #expect(inner["small"] is NSNull && (inner["named"] as? [String: Any])?["a"] is NSNull)
    #expect(object["text"] as? String == "inf")
  }

  @Test("An evaluation in which no threshold reaches 95 % is encoded and decoded")
  func evaluation() throws {
    let evaluation = Evaluation(
      outcomes: [.init(truth: 0, guess: 1, confidence: 0.5), .init(truth: 1, guess: 0, confidence: .nan)],
      labels: ["a", "b"])
    #expect(!evaluation.automaticThreshold.isFinite)
    let figures = EvaluationFigures(modelVersion: "m", evaluation: evaluation, heads: HeadAgreement([]))
    #expect(try object(figures)["automatic_threshold"] is NSNull)
    // Also for programs that use only the module.
    let data = try JSONEncoder().encode(evaluation)
    #expect(try JSONDecoder().decode(Evaluation.self, from: data) == evaluation)
  }

  @Test("A training report without any confident label is encoded")
  func training() throws {
    // Two labels with the same texts: no prediction is ever confident.
    let examples = (0..<8).flatMap { number in
      ["a", "b"].map { LabelledExample(text: "the same words \(number % 2)", label: $0) }
    }
    var options = TrainingOptions()
    options.costs = [1]
    options.validation = .folds(2)
    let report = try Trainer(options: options).train(examples).report
    #expect(!report.evaluation.automaticThreshold.isFinite)
    let object = try object(report)
    #expect((object["evaluation"] as? [String: Any])?["automatic_threshold"] is NSNull)
  }

  @Test("All other reports are encoded without figures")
  func others() throws {
    var status = StatusReport()
    status.stages = [StageFigures(stage: "queued", waiting: 0, oldestAgeSeconds: nil)]
    status.services = [.init(name: "router", ready: 0, starting: 0, draining: 0, oldestSeconds: .infinity)]
    let stage = (try object(status)["stages"] as? [[String: Any]])?.first
    #expect(stage?.keys.contains("oldest_age_seconds") == true && stage?["oldest_age_seconds"] is NSNull)
    let summary = SummaryReport(
      figures: .init(), medianMilliseconds: nil, p99Milliseconds: .nan, ledger: LedgerVerdict())
    #expect(try object(summary)["accept_to_queue_p50_ms"] is NSNull)
    #expect(try object(summary)["accept_to_queue_p99_ms"] is NSNull)
    let latencies = BenchMeasurement.Latencies(
      decidedPerSecond: .infinity, acknowledged: .init(p50: .nan, p99: 0, p999: 0),
      queued: .init(p50: 0, p99: 0, p999: .infinity))
    let bench = BenchReport(
      runs: 1, saturationPerSecond: .infinity, rawLimitPerSecond: 0, loads: [.init(rate: 1, runs: [latencies])])
    #expect(try object(bench)["saturation_per_second"] is NSNull)
    let chaos = ChaosReport(seed: 1, outcomes: [], acknowledged: 0, planned: 0, seconds: .infinity)
    #expect(try object(chaos)["seconds"] is NSNull)
    #expect(try object(ChaosReport.Kind())["recovery_seconds_max"] is NSNull)
    let shadow = ShadowReport(
      ShadowTrial(champion: "a", challenger: "b", firstAt: Instant(seconds: 0), lastAt: Instant(seconds: 0)), [])
    #expect(try object(shadow)["agreement"] as? Double == 0)
    let detail = JSONValue.object([.init("share", .number(.infinity))])
    #expect(detail.json == "{\"share\":null}")
    #expect(try object(detail)["share"] is NSNull)
  }
}
