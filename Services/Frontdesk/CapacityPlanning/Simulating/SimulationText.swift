import CommandLineTool
import DeskCore
import Simulator

/// The figures of a comparison as a table: one row for each figure, one column for each policy, and how it differs from the first.
struct SimulationText: Sendable {
  let comparison: PolicyComparison
  let title: [String: String]
  let language: ReportLanguage

  var text: String {
    let words = SimulationWords(language: language)
    let variants = comparison.variants
    var columns: [(title: String, alignment: TextTable.Alignment)] = [("", .left)]
    for (number, variant) in variants.enumerated() {
      columns.append((variant.name, .right))
      if number > 0 { columns.append((words.say("difference", "差异"), .right)) }
    }
    var table = TextTable(columns)
    for figure in SimulationFigure.allCases {
      var cells = [words.name(of: figure)]
      var isMeasured = false
      for number in variants.indices {
        let interval = comparison.interval(figure, of: number)
        isMeasured = isMeasured || interval != nil
        cells.append(interval.map { words.text($0, figure.unit) } ?? "–")
        guard number > 0 else { continue }
        let difference = comparison.difference(figure, of: number)
        cells.append(difference.map { words.text($0, figure.unit, isDifference: true) } ?? "–")
      }
      if isMeasured { table.add(cells) }
    }
    let heading = title[language.rawValue] ?? title["und"]
    return ([heading, summary(words)].compactMap(\.self) + ["", table.text] + notes(words)).joined(separator: "\n")
  }

  private func summary(_ words: SimulationWords) -> String {
    let runs = comparison.variants.first?.runs ?? []
    let arrived = runs.isEmpty ? 0 : runs.reduce(0) { $0 + $1.arrived } / runs.count
    let first = runs.first.map { "\($0.seed)" } ?? "–"
    return runs.count > 1
      ? words.say(
        "\(arrived) tickets in each of \(runs.count) runs, seeds from \(first)",
        "\(runs.count) 次运行，每次 \(arrived) 张工单，种子从 \(first) 开始")
      : words.say("\(arrived) tickets, seed \(first)", "\(arrived) 张工单，种子 \(first)")
  }

  private func notes(_ words: SimulationWords) -> [String] {
    var notes: [String] = []
    let runs = comparison.variants.flatMap(\.runs)
    if comparison.variants.contains(where: { $0.runs.count > 1 }) {
      notes.append(words.say("± is the 95 % confidence interval over the seeds", "± 为各种子间的 95% 置信区间"))
    }
    let unfinished = runs.map(\.unfinished).max() ?? 0
    if unfinished > 0 {
      notes.append(
        words.say("up to \(unfinished) tickets were never answered", "最多有 \(unfinished) 张工单始终无人处理"))
    }
    return notes.isEmpty ? [] : [""] + notes
  }
}
