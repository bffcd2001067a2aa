import DeskCore
import Foundation

/// Draws a rehearsal: the line in front of the routers, and the routers themselves, each beside the forecast.
struct PeakPicture: Sendable {
  let report: PeakReport
  let plan: PeakPlan
  let forecast: PeakForecast
  let language: ReportLanguage

  private static let (left, width, height) = (64.0, 820.0, 190.0)
  private static let tops = (backlog: 64.0, routers: 312.0)

  var svg: String {
    let seconds = max(1, plan.length / .seconds(1))
    let backlogs = report.looks.map { Double($0.backlog) } + forecast.series.map(\.backlog)
    let routers = report.looks.map { Double(max($0.wanted, $0.running)) } + forecast.series.map(\.routers)
    let isChinese = language == .chinese
    let backlog = Panel(
      top: Self.tops.backlog, title: isChinese ? "等待路由的消息" : "Messages that wait for a router",
      most: max(1, backlogs.max() ?? 1), seconds: seconds)
    let workers = Panel(
      top: Self.tops.routers, title: isChinese ? "路由进程" : "Routers", most: max(1, routers.max() ?? 1),
      seconds: seconds)
    var elements = backlog.frame(plan, isChinese) + workers.frame(plan, isChinese)
    let times = forecast.series.indices.map { Double($0) + 0.5 }
    elements.append(backlog.line(zip(times, forecast.series.map(\.backlog)), "#9ca3af", dashed: true))
    elements.append(workers.line(zip(times, forecast.series.map(\.routers)), "#9ca3af", dashed: true))
    elements.append(backlog.line(report.looks.map { ($0.seconds, Double($0.backlog)) }, "#1d4ed8"))
    elements.append(workers.line(report.looks.map { ($0.seconds, Double($0.wanted)) }, "#d97706"))
    elements.append(workers.line(report.looks.map { ($0.seconds, Double($0.running)) }, "#059669"))
    let legend: [(String, String)] =
      isChinese
      ? [("#1d4ed8", "实际积压"), ("#d97706", "所需"), ("#059669", "运行中"), ("#9ca3af", "预演前的模拟")]
      : [("#1d4ed8", "waiting"), ("#d97706", "wanted"), ("#059669", "running"), ("#9ca3af", "simulated beforehand")]
    for (number, entry) in legend.enumerated() {
      let x = Self.left + Double(number) * 170
      elements.append(SVGElement("rect", ["x": x, "y": 540, "width": 12, "height": 12, "fill": entry.0]))
      elements.append(SVGElement("text", ["x": x + 18, "y": 551, "fill": "#0f172a"], text: entry.1))
    }
    let title = isChinese ? "促销日演练" : "Rehearsal of a sale day"
    return SVGElement.picture(
      width: 940, height: 572,
      [
        "font-family": "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif", "font-size": 12,
        "lang": isChinese ? "zh-Hans" : "en", "role": "img", "aria-label": title,
      ],
      [
        SVGElement(
          "text", ["x": Self.left, "y": 28, "font-size": 17, "font-weight": 600, "fill": "#0f172a"], text: title)
      ] + elements)
  }

  /// One chart over the seconds of the rehearsal.
  private struct Panel {
    let top: Double
    let title: String
    let most: Double
    let seconds: Double

    func x(_ second: Double) -> Double { left + min(second / seconds, 1.02) * width }
    func y(_ value: Double) -> Double { top + height * (1 - min(value / most, 1)) }

    func frame(_ plan: PeakPlan, _ isChinese: Bool) -> [SVGElement] {
      var elements = [
        SVGElement("text", ["x": left, "y": top - 10, "font-weight": 600, "fill": "#0f172a"], text: title)
      ]
      if plan.phases.count > 1 {
        let begin = plan.phases[0].length / .seconds(1)
        let length = plan.phases[1].length / .seconds(1)
        elements.append(
          SVGElement(
            "rect",
            ["x": x(begin), "y": top, "width": x(begin + length) - x(begin), "height": height, "fill": "#fef3c7"],
            [.title(isChinese ? "高峰" : "peak")]))
      }
      elements.append(
        SVGElement(
          "rect", ["x": left, "y": top, "width": width, "height": height, "fill": "none", "stroke": "#9ca3af"]))
      for share in [0.0, 0.5, 1] {
        elements.append(
          SVGElement(
            "text", ["x": left - 8, "y": y(most * share) + 4, "text-anchor": "end", "fill": "#475569"],
            text: String(format: "%.0f", most * share)))
      }
      for share in [0.0, 0.25, 0.5, 0.75, 1] {
        elements.append(
          SVGElement(
            "text", ["x": x(seconds * share), "y": top + height + 18, "text-anchor": "middle", "fill": "#475569"],
            text: String(format: isChinese ? "%.0f 秒" : "%.0f s", seconds * share)))
      }
      return elements
    }

    func line(_ points: some Sequence<(Double, Double)>, _ colour: String, dashed: Bool = false) -> SVGElement {
      let path = points.map { String(format: "%.1f,%.1f", x($0.0), y($0.1)) }.joined(separator: " ")
      return SVGElement(
        "polyline",
        [
          "points": path, "fill": "none", "stroke": colour, "stroke-width": 2,
          "stroke-dasharray": dashed ? "6 4" : "none",
        ])
    }
  }
}
