import DeskCore
import Foundation

/// Draws a measurement as SVG: latency by percentile for each offered rate, and throughput by offered rate.
struct BenchPicture: Sendable {
  let report: BenchReport

  private static let colours = ["#2563eb", "#059669", "#d97706", "#dc2626", "#7c3aed", "#0891b2"]
  private static let plot = (left: 90.0, top: 60.0, width: 380.0, height: 300.0)
  private static let gap = 560.0

  var svg: String {
    SVGElement.picture(
      width: 1120, height: 440, ["font-family": "system-ui, sans-serif", "font-size": 13], latencies + throughput)
  }

  // MARK: - Latency by percentile, both axes logarithmic

  private var latencies: [SVGElement] {
    let percentiles = [50.0, 99.0, 99.9]
    let times = report.loads.flatMap { [$0.dueToQueuedP50, $0.dueToQueuedP99, $0.dueToQueuedP999] }.filter { $0 > 0 }
    guard let least = times.min(), let greatest = times.max() else { return [] }
    let decades = (floor(log10(least)), max(floor(log10(least)) + 1, ceil(log10(greatest))))
    func x(_ percent: Double) -> Double { -log10(1 - percent / 100) / 3 }
    func y(_ time: Double) -> Double { (log10(max(time, 1e-3)) - decades.0) / (decades.1 - decades.0) }
    var elements = axes("due to queued, milliseconds", below: "percentile", shift: 0)
    for percent in percentiles {
      elements.append(tick(across: x(percent), "\(percent == 99.9 ? "99.9" : String(Int(percent)))", shift: 0))
    }
    for decade in stride(from: decades.0, through: decades.1, by: 1) {
      elements += tick(up: y(pow(10, decade)), number(pow(10, decade)), shift: 0)
    }
    for (index, load) in report.loads.enumerated() {
      let values = [load.dueToQueuedP50, load.dueToQueuedP99, load.dueToQueuedP999]
      let points = zip(percentiles, values).map { point(x($0), y($1), shift: 0) }
      elements += line(points, index, "\(Int(load.offeredPerSecond))/s")
    }
    return elements
  }

  // MARK: - Throughput by offered load

  private var throughput: [SVGElement] {
    let (saturation, raw) = (report.saturationPerSecond ?? 0, report.rawLimitPerSecond ?? 0)
    let most = max(saturation, raw, report.loads.map(\.offeredPerSecond).max() ?? 1)
    var elements = axes("decided per second", below: "offered per second", shift: Self.gap)
    for share in [0.0, 0.25, 0.5, 0.75, 1] {
      elements.append(tick(across: share, number(most * share), shift: Self.gap))
      elements += tick(up: share, number(most * share), shift: Self.gap)
    }
    let reached = report.loads.sorted { $0.offeredPerSecond < $1.offeredPerSecond }
    let points = reached.map { point($0.offeredPerSecond / most, $0.decidedPerSecond / most, shift: Self.gap) }
    elements += line(points, 0, "")
    elements += level(saturation / most, "saturation \(Int(saturation))/s", Self.colours[3])
    elements += level(raw / most, "raw limit \(Int(raw))/s", "#6b7280")
    return elements
  }

  // MARK: - Parts

  private func point(_ x: Double, _ y: Double, shift: Double) -> (x: Double, y: Double) {
    let plot = Self.plot
    return (plot.left + shift + x * plot.width, plot.top + plot.height * (1 - y))
  }

  private func axes(_ title: String, below: String, shift: Double) -> [SVGElement] {
    let plot = Self.plot
    let middle = plot.left + shift + plot.width / 2
    return [
      SVGElement(
        "text", ["x": plot.left + shift, "y": plot.top - 24, "font-size": 15, "font-weight": 600], text: title),
      SVGElement("text", ["x": middle, "y": plot.top + plot.height + 44, "text-anchor": "middle"], text: below),
      SVGElement(
        "rect",
        [
          "x": plot.left + shift, "y": plot.top, "width": plot.width, "height": plot.height, "fill": "none",
          "stroke": "#9ca3af",
        ]),
    ]
  }

  private func tick(across share: Double, _ label: String, shift: Double) -> SVGElement {
    let place = point(share, 0, shift: shift)
    return SVGElement("text", ["x": place.x, "y": place.y + 20, "text-anchor": "middle"], text: label)
  }

  private func tick(up share: Double, _ label: String, shift: Double) -> [SVGElement] {
    let place = point(0, share, shift: shift)
    return [
      SVGElement("text", ["x": place.x - 8, "y": place.y + 4, "text-anchor": "end"], text: label),
      SVGElement("path", ["d": "M\(place.x) \(place.y)h\(Self.plot.width)", "stroke": "#e5e7eb"]),
    ]
  }

  private func line(_ points: [(x: Double, y: Double)], _ index: Int, _ label: String) -> [SVGElement] {
    let colour = Self.colours[index % Self.colours.count]
    let path = points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
    let dots = points.map { SVGElement("circle", ["cx": $0.x, "cy": $0.y, "r": 4, "fill": colour]) }
    let end = points.last.map { SVGElement("text", ["x": $0.x + 8, "y": $0.y + 4, "fill": colour], text: label) }
    return [SVGElement("polyline", ["points": path, "fill": "none", "stroke": colour, "stroke-width": 2])] + dots
      + [end].compactMap { $0 }
  }

  private func level(_ share: Double, _ label: String, _ colour: String) -> [SVGElement] {
    let place = point(0, share, shift: Self.gap)
    return [
      SVGElement(
        "path",
        ["d": "M\(place.x) \(place.y)h\(Self.plot.width)", "stroke": colour, "stroke-dasharray": "6 4"]),
      SVGElement("text", ["x": place.x + 8, "y": place.y - 6, "fill": colour], text: label),
    ]
  }

  private func number(_ value: Double) -> String {
    value >= 1000
      ? "\(Int((value / 1000).rounded()))k" : value >= 1 ? "\(Int(value.rounded()))" : String(format: "%g", value)
  }
}
