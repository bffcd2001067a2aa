import DeskCore
import Simulator

/// Draws how the runs went: queue length, share late and staff over time, the mean over the seeds, one line for each policy.
struct SimulationPicture: Sendable {
  let comparison: PolicyComparison
  let language: ReportLanguage

  private static let colours = ["#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2"]
  private static let plot = (left: 70.0, width: 860.0, height: 150.0)
  private static let pitch = 210.0
  private static let top = 70.0

  private struct Panel {
    let title: String
    let unit: String
    /// The lines: a value for each step, nil where there is none.
    let lines: [(colour: String, isDashed: Bool, values: [Double?])]
  }

  var svg: String {
    let words = SimulationWords(language: language)
    let names = comparison.variants.enumerated().flatMap { number, variant -> [SVGElement] in
      let x = Self.plot.left + Double(number) * 260
      return [
        SVGElement("rect", ["x": x, "y": 18, "width": 14, "height": 4, "fill": colour(number)]),
        SVGElement("text", ["x": x + 20, "y": 25], text: variant.name),
      ]
    }
    let panels = [
      Panel(title: words.say("Waiting tickets", "排队工单数"), unit: "", lines: lines { $0.waiting($1) }),
      Panel(
        title: words.say("First responses late", "首次响应超时率"), unit: " %",
        lines: lines { series, step in series.shareLate(step).map { $0 * 100 } }),
      Panel(
        title: words.say("Agents at work, dashed: their capacity in use", "在岗坐席数（虚线：已用容量）"), unit: "",
        lines: lines { $0.staff($1) } + lines(isDashed: true) { $0.used($1) }),
    ]
    let height = Int(Self.top + Self.pitch * Double(panels.count) + 10)
    return SVGElement.picture(
      width: 980, height: height, ["font-family": "system-ui, sans-serif", "font-size": 12],
      names + panels.enumerated().flatMap { elements($1, top: Self.top + Self.pitch * Double($0)) })
  }

  private func colour(_ number: Int) -> String { Self.colours[number % Self.colours.count] }

  private var steps: Int { comparison.variants.flatMap(\.runs).map(\.series.steps.count).max() ?? 0 }

  /// A line for each variant: the mean over those of its runs that have a value in a step.
  private func lines(
    isDashed: Bool = false, _ value: (TimeSeries, Int) -> Double?
  ) -> [(colour: String, isDashed: Bool, values: [Double?])] {
    comparison.variants.enumerated().map { number, variant in
      let values = (0..<steps).map { step -> Double? in
        let found = variant.runs.compactMap { $0.series.steps.indices.contains(step) ? value($0.series, step) : nil }
        return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
      }
      return (colour(number), isDashed, values)
    }
  }

  private func elements(_ panel: Panel, top: Double) -> [SVGElement] {
    let plot = Self.plot
    let most = max(1e-9, panel.lines.flatMap { $0.values.compactMap(\.self) }.max() ?? 1) * 1.05
    var elements = [
      SVGElement("text", ["x": plot.left, "y": top - 10, "font-size": 14, "font-weight": 600], text: panel.title)
    ]
    for share in [0.0, 0.5, 1.0] {
      let y = top + plot.height * (1 - share)
      let value = most * share
      let label = value >= 100 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
      elements += [
        SVGElement("path", ["d": "M\(plot.left) \(y)h\(plot.width)", "stroke": "#e5e7eb"]),
        SVGElement("text", ["x": plot.left - 8, "y": y + 4, "text-anchor": "end"], text: label + panel.unit),
      ]
    }
    elements += hours(top: top)
    let width = plot.width / Double(max(1, steps))
    for line in panel.lines {
      // A step without a value interrupts the line.
      for stretch in line.values.indices.split(whereSeparator: { line.values[$0] == nil }) {
        let points = stretch.map { step -> String in
          let y = top + plot.height * (1 - (line.values[step] ?? 0) / most)
          return "\(tenth(plot.left + (Double(step) + 0.5) * width)),\(tenth(y))"
        }
        elements.append(
          SVGElement(
            "polyline",
            [
              "points": points.joined(separator: " "), "fill": "none", "stroke": line.colour, "stroke-width": 1.6,
              "stroke-dasharray": line.isDashed ? "5 4" : "none",
            ]))
      }
    }
    return elements
  }

  /// Marks of the time since the start of the scenario, at most about twelve.
  private func hours(top: Double) -> [SVGElement] {
    guard let series = comparison.variants.first?.runs.first?.series, steps > 0 else { return [] }
    let total = series.step.inSeconds * Double(steps) / 3_600
    let pace = [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 168, 336, 672].first { total / $0 <= 13 } ?? 1_344
    return stride(from: 0, through: total, by: pace).map { hour in
      let x = Self.plot.left + Self.plot.width * hour / total
      let label = hour == hour.rounded() ? "\(Int(hour))" : "\(hour)"
      return SVGElement(
        "text", ["x": tenth(x), "y": top + Self.plot.height + 18, "text-anchor": "middle", "fill": "#6b7280"],
        text: label + (language == .chinese ? " 时" : " h"))
    }
  }

  private func tenth(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
