import CommandLineTool
import DeskCore
import Simulator

/// A comparison for people, in both languages, and for programs.
struct ReplayReport {
  let comparison: ReplayComparison
  let language: ReportLanguage

  private typealias Figure = (name: String, zh: String, en: String, isShare: Bool, @Sendable (ReplayComparison.Figures) -> Double)

  private static let figures: [Figure] = [
    ("late", "超时率", "late", true, { $0.late }),
    ("late_urgent", "紧急", "urgent", true, { $0.lateByClass[0] }),
    ("late_high", "高", "high", true, { $0.lateByClass[1] }),
    ("late_normal", "普通", "normal", true, { $0.lateByClass[2] }),
    ("late_low", "低", "low", true, { $0.lateByClass[3] }),
    ("wait_median_seconds", "等待中位数", "median wait", false, { $0.waitMedian }),
    ("wait_90_percent_seconds", "九成等待不超过", "90 % wait", false, { $0.wait90 }),
    ("abandoned", "放弃率", "gave up", true, { $0.abandoned }),
  ]

  /// A table: what was recorded, the same policy simulated and its error, then each trial and its difference to the simulated one.
  var text: String {
    var table = TextTable(
      [(say("", ""), .left), (say("工单", "tickets"), .right)]
        + Self.figures.map { (language == .chinese ? $0.zh : $0.en, .right) })
    add(comparison.recorded, named: say("实际记录", "recorded"), to: &table)
    add(comparison.reproduced, named: say("同一策略的模拟", "same policy, simulated"), to: &table)
    table.add(
      [say("模拟误差", "error of the simulation"), ""]
        + Self.figures.map { figure in
          let real = comparison.recorded.interval(figure.4).mean
          return signed(comparison.reproduced.interval { figure.4($0) - real }, isShare: figure.isShare)
        })
    for line in comparison.changed {
      let name = line.name == "with the changes" ? say("改变后", line.name) : line.name
      add(line, named: name, to: &table)
      table.add(
        [say("与模拟之差", "difference to the simulated"), ""]
          + Self.figures.map {
            signed(line.difference(to: comparison.reproduced, $0.4), isShare: $0.isShare)
          })
    }
    let omitted = comparison.omitted
    return table.text + "\n"
      + say(
        "未重放：文章已解决 \(omitted.byArticle) 张，未经坐席处理 \(omitted.withoutWork) 张；开始时未结的 \(comparison.carriedOver) 张计入负荷，不计入结果。",
        "Not replayed: \(omitted.byArticle) tickets settled by articles, \(omitted.withoutWork) that took no agent's time. \(comparison.carriedOver) open at the start are load, and not counted."
      )
  }

  /// One object: the lines with the mean and the half width of the 95 % interval of each figure; shares from 0 to 1, times in seconds.
  var detail: JSONValue {
    func object(_ line: ReplayComparison.Line) -> JSONValue {
      .object(
        [.init("name", .text(line.name)), .init("tickets", .number(line.interval { $0.tickets }.mean))]
          + Self.figures.map { .init($0.name, value(line.interval($0.4))) })
    }
    return .object([
      .init("recorded", object(comparison.recorded)), .init("simulated", object(comparison.reproduced)),
      .init(
        "tried",
        .list(
          comparison.changed.map { line in
            .object([
              .init("outcome", object(line)),
              .init(
                "difference",
                .object(
                  Self.figures.map { .init($0.name, value(line.difference(to: comparison.reproduced, $0.4))) })),
            ])
          })),
      .init("omitted_by_article", .integer(Int64(comparison.omitted.byArticle))),
      .init("omitted_without_work", .integer(Int64(comparison.omitted.withoutWork))),
      .init("carried_over", .integer(Int64(comparison.carriedOver))),
    ])
  }

  private func value(_ interval: ConfidenceInterval) -> JSONValue {
    .object([
      .init("mean", .number(interval.mean)), .init("half_width", interval.halfWidth.map { .number($0) } ?? .null),
    ])
  }

  private func say(_ zh: String, _ en: String) -> String { language == .chinese ? zh : en }

  private func add(_ line: ReplayComparison.Line, named name: String, to table: inout TextTable) {
    table.add(
      [name, "\(Int(line.interval { $0.tickets }.mean.rounded()))"]
        + Self.figures.map { shown(line.interval($0.4), isShare: $0.isShare) })
  }

  private func shown(_ interval: ConfidenceInterval, isShare: Bool) -> String {
    let scale = isShare ? 100.0 : 1
    let unit = isShare ? " %" : " s"
    let mean = tenths(interval.mean * scale)
    return interval.halfWidth.map { "\(mean) ± \(tenths($0 * scale))\(unit)" } ?? mean + unit
  }

  private func signed(_ interval: ConfidenceInterval, isShare: Bool) -> String {
    (interval.mean > 0 ? "+" : "") + shown(interval, isShare: isShare)
  }

  private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
