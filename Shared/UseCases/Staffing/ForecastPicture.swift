public import DeskCore

/// Draws a forecast as SVG: a panel for each queue with the prediction interval as a band, the expected number as a line, and what came as
/// dots, over the days asked for. The texts are Chinese or English.
public struct ForecastPicture: Sendable {
  /// The complete SVG file.
  public let svg: String

  private static let left = 64
  private static let width = 960
  private static let panel = (height: 132, gap: 58, top: 84)

  public init(_ report: ForecastReport, in language: ReportLanguage) {
    let words = ForecastWords(language)
    let busiest = report.outcomes.sorted { left, right in
      func sum(_ outcome: ForecastOutcome) -> Double { outcome.periods.reduce(0) { $0 + $1.expected } }
      let (a, b) = (sum(left), sum(right))
      return a == b ? left.queue < right.queue : a > b
    }
    let shown = Array(busiest.prefix(DeskHistoryBounds.queuesDrawn))
    var body: [SVGElement] = []
    for (number, outcome) in shown.enumerated() {
      body += Self.panel(outcome, of: report, y: Self.panel.top + number * (Self.panel.height + Self.panel.gap), words)
    }
    var height = Self.panel.top + max(1, shown.count) * (Self.panel.height + Self.panel.gap)
    if shown.isEmpty {
      body.append(SVGElement("text", ["x": 12, "y": Self.panel.top, "fill": "#475569"], text: words.noQueues))
    }
    if busiest.count > shown.count {
      body.append(
        SVGElement(
          "text", ["x": 12, "y": height, "fill": "#475569"], text: words.hidden(busiest.count - shown.count)))
      height += 24
    }
    let title = words.title(report.order)
    svg = SVGElement.picture(
      width: Self.left + Self.width + 24, height: height,
      [
        "font-family": "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif", "font-size": 12,
        "lang": language == .chinese ? "zh-Hans" : "en", "role": "img", "aria-label": title,
      ],
      [
        SVGElement(
          "text", ["x": 12, "y": 28, "font-size": 17, "font-weight": 600, "fill": "#0f172a"], text: title),
        SVGElement("text", ["x": 12, "y": 50, "fill": "#475569"], text: words.legend(ForecastReport.probability)),
      ] + body)
  }

  private static func panel(
    _ outcome: ForecastOutcome, of report: ForecastReport, y top: Int, _ words: ForecastWords
  ) -> [SVGElement] {
    let periods = outcome.periods
    let came = periods.map { report.came(to: outcome.queue, in: $0).map(Double.init) }
    let greatest = max(1, periods.map(\.interval.upperBound).max() ?? 1, came.compactMap { $0 }.max() ?? 1)
    let step = Double(width) / Double(max(1, periods.count))
    func x(_ place: Double) -> String { rounded(Double(left) + place * step) }
    func y(_ value: Double) -> String {
      rounded(Double(top + panel.height) - value / greatest * Double(panel.height))
    }
    var elements = [
      SVGElement(
        "text", ["x": 12, "y": top - 10, "font-weight": 600, "fill": "#0f172a"],
        text: outcome.queue.rawValue, []),
      SVGElement("text", ["x": left + 160, "y": top - 10, "fill": "#475569"], text: words.basis(outcome)),
      SVGElement(
        "path", ["d": "M\(left) \(top)V\(top + panel.height)H\(left + width)", "stroke": "#94a3b8", "fill": "none"]),
      SVGElement(
        "text", ["x": left - 6, "y": top + 10, "text-anchor": "end", "fill": "#475569"], text: "\(Int(greatest))"),
      SVGElement(
        "text", ["x": left - 6, "y": top + panel.height, "text-anchor": "end", "fill": "#475569"], text: "0"),
    ]
    // A mark every three hours of one day, or at the beginning of each of several.
    let isOneDay = report.order.days.lowerBound == report.order.days.upperBound
    for (place, period) in periods.enumerated() {
      let (day, half) = report.order.calendar.place(of: period.start)
      guard isOneDay ? half % 6 == 0 : half == 0 else { continue }
      elements.append(
        SVGElement(
          "text", ["x": x(Double(place)), "y": top + panel.height + 16, "fill": "#475569"],
          text: isOneDay ? "\(half / 2):00" : String(day.description.dropFirst(5))))
    }
    guard !periods.isEmpty else { return elements }
    var band = "M"
    for (place, period) in periods.enumerated() {
      band +=
        "\(x(Double(place))) \(y(period.interval.upperBound))L\(x(Double(place + 1))) \(y(period.interval.upperBound))L"
    }
    for (place, period) in periods.enumerated().reversed() {
      band +=
        "\(x(Double(place + 1))) \(y(period.interval.lowerBound))L\(x(Double(place))) \(y(period.interval.lowerBound))L"
    }
    elements.append(SVGElement("path", ["d": band.dropLast() + "Z", "fill": "#bfdbfe"]))
    let line = periods.enumerated().map { "\(x(Double($0) + 0.5)) \(y($1.expected))" }.joined(separator: "L")
    elements.append(
      SVGElement("path", ["d": "M" + line, "stroke": "#1d4ed8", "stroke-width": 2, "fill": "none"]))
    for (place, count) in came.enumerated() {
      guard let count else { continue }
      elements.append(
        SVGElement("circle", ["cx": x(Double(place) + 0.5), "cy": y(count), "r": 2.5, "fill": "#b45309"]))
    }
    return elements
  }

  private static func rounded(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}

/// The texts of forecasts.
struct ForecastWords {
  private let isChinese: Bool

  init(_ language: ReportLanguage) {
    isChinese = language == .chinese
  }

  var noQueues: String { isChinese ? "没有队列。" : "There are no queues." }

  func title(_ order: ForecastOrder) -> String {
    let days =
      order.days.lowerBound == order.days.upperBound
      ? "\(order.days.lowerBound)" : "\(order.days.lowerBound)\(isChinese ? " 至 " : " to ")\(order.days.upperBound)"
    return isChinese
      ? "来量预测 · \(days)（\(order.calendar.zone.name)）" : "Expected tickets, \(days) (\(order.calendar.zone.name))"
  }

  func legend(_ probability: Double) -> String {
    let share = "\(Int((probability * 100).rounded())) %"
    return isChinese
      ? "每半小时工单数：线为预计值，色带为 \(share) 预测区间，圆点为实际值"
      : "Tickets per half hour: the line is expected, the band holds \(share), the dots are what came"
  }

  func hidden(_ count: Int) -> String {
    isChinese ? "另有 \(count) 个队列未画出，见表格。" : "\(count) more queues are not drawn; see the table."
  }

  /// What a forecast rests on, and its error on held-out days.
  func basis(_ outcome: ForecastOutcome) -> String {
    func percent(_ share: Double?) -> String { share.map { "\(Int(($0 * 100).rounded())) %" } ?? "–" }
    switch outcome {
    case .forecast(let forecast):
      guard let held = forecast.heldOut else {
        return isChinese
          ? "依据 \(forecast.historyDays) 天历史；历史太短，无法检验误差"
          : "from \(forecast.historyDays) days; too few to hold any out and state an error"
      }
      let (ours, naive) = (percent(held.accuracy.wape), percent(held.naive.wape))
      return isChinese
        ? "依据 \(forecast.historyDays) 天历史；在预留的 \(held.days) 天上误差 \(ours)（照搬上周同一时段为 \(naive)），区间命中 \(percent(held.accuracy.coverage))"
        : "from \(forecast.historyDays) days; on \(held.days) held-out days off by \(ours) (a week before: \(naive)), \(percent(held.accuracy.coverage)) in the band"
    case .tooLittleHistory(_, let days, let needed, let fallback, _):
      let means = fallback != .none
      return isChinese
        ? "历史不足：有 \(days) 天，需要 \(needed) 天；" + (means ? "暂用各天同一时段的平均值" : "没有数据")
        : "too little history: \(days) days of \(needed); "
          + (means ? "the mean of these days stands for it" : "nothing is known")
    }
  }
}
