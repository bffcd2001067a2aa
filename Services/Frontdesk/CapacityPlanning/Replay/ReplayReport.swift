import CommandLineTool
import DeskCore
import Simulator

/// A recording and its replays: what happened, how well the simulator reproduces it under the same policy, and what would have changed.
struct ReplayReport {
  /// The recorded outcome.
  let recorded: RunFigures
  /// The same policy first, then what is tried. Trials are compared with it and not with what was recorded, so that what the simulator gets
  /// wrong about both does not count.
  let comparison: PolicyComparison
  let omitted: RecordingReplay.Omitted
  let carriedOver: Int

  /// The difference of the simulation to what was recorded; nil where one of them could not be measured.
  private func error(_ figure: SimulationFigure) -> ConfidenceInterval? {
    guard let real = recorded.values[figure] else { return nil }
    let errors = comparison.variants[0].runs.compactMap { run in run.values[figure].map { $0 - real } }
    return errors.isEmpty ? nil : ConfidenceInterval(errors)
  }

  // MARK: For people

  /// One row for each figure.
  func text(in language: ReportLanguage) -> String {
    let words = SimulationWords(language: language)
    var columns: [(title: String, alignment: TextTable.Alignment)] = [
      ("", .left), (words.say("recorded", "实际记录"), .right), (words.say("simulated", "同一策略的模拟"), .right),
      (words.say("error", "模拟误差"), .right),
    ]
    for variant in comparison.variants.dropFirst() {
      columns.append((variant.name == Self.changed ? words.say("changed", "改变后") : variant.name, .right))
      columns.append((words.say("difference", "差异"), .right))
    }
    var table = TextTable(columns)
    for figure in SimulationFigure.allCases {
      let simulated = comparison.interval(figure, of: 0)
      guard simulated != nil || recorded.values[figure] != nil else { continue }
      var cells = [
        words.name(of: figure), recorded.values[figure].map { words.text($0, figure.unit) } ?? "–",
        simulated.map { words.text($0, figure.unit) } ?? "–",
        error(figure).map { words.text($0, figure.unit, isDifference: true) } ?? "–",
      ]
      for number in comparison.variants.indices.dropFirst() {
        cells.append(comparison.interval(figure, of: number).map { words.text($0, figure.unit) } ?? "–")
        let difference = comparison.difference(figure, of: number)
        cells.append(difference.map { words.text($0, figure.unit, isDifference: true) } ?? "–")
      }
      table.add(cells)
    }
    return [
      words.say("\(recorded.arrived) recorded tickets", "记录了 \(recorded.arrived) 张工单"), "", table.text, "",
      words.say(
        "not replayed: \(omitted.byArticle) tickets settled by articles, \(omitted.withoutWork) that took no agent's time",
        "未重放：文章已解决的 \(omitted.byArticle) 张，未占用坐席的 \(omitted.withoutWork) 张"),
      words.say(
        "\(carriedOver) tickets were open at the start: they are served, and not counted",
        "开始时未结的 \(carriedOver) 张：参与分配，不计入结果"),
    ].joined(separator: "\n")
  }

  /// The name of a trial with the recorded policy.
  static let changed = "changed"

  // MARK: For programs

  /// Shares from 0 to 1, times in seconds.
  var document: Document {
    Document(
      recorded: Dictionary(uniqueKeysWithValues: recorded.values.map { ($0.rawValue, $1) }),
      errors: Dictionary(
        uniqueKeysWithValues: SimulationFigure.allCases.compactMap { figure in
          error(figure).map { (figure.rawValue, SimulationReport.Figure($0)) }
        }), variants: SimulationReport(comparison).variants, omittedByArticle: omitted.byArticle,
      omittedWithoutWork: omitted.withoutWork, carriedOver: carriedOver)
  }

  struct Document: Encodable {
    let recorded: [String: Double]  // exact-keys: names of our own
    /// By how much the figures of the first variant, the same policy, exceed the recorded ones.
    let errors: [String: SimulationReport.Figure]  // exact-keys: names of our own
    let variants: [SimulationReport.Variant]
    let omittedByArticle: Int
    let omittedWithoutWork: Int
    let carriedOver: Int

    private enum CodingKeys: String, CodingKey {
      case recorded, errors, variants
      case omittedByArticle = "omitted_by_article"
      case omittedWithoutWork = "omitted_without_work"
      case carriedOver = "carried_over"
    }
  }
}
