public import DeskCore

/// Draws a staffing plan as SVG: the agents by each rule over time, router workers, and, where shifts were filled, what they cover and
/// each of them with its breaks. The texts are Chinese or English.
public struct StaffingPicture: Sendable {
  /// The complete SVG file.
  public let svg: String

  /// Shifts drawn; the table has them all.
  static let shiftsMost = 80

  public init(_ report: StaffingReport, in language: ReportLanguage) {
    let drawing = StaffingDrawing(report, StaffingWords(language)).draw()
    let title = report.title(in: language)
    svg = SVGElement.picture(
      width: StaffingDrawing.left + StaffingDrawing.width + 24, height: drawing.height,
      [
        "font-family": "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
        "font-size": 12, "lang": language == .chinese ? "zh-Hans" : "en", "role": "img", "aria-label": title,
      ],
      [
        SVGElement(
          "text", ["x": 12, "y": 28, "font-size": 17, "font-weight": 600, "fill": "#0f172a"], text: title)
      ] + drawing.elements)
  }
}

/// The panels of a `StaffingPicture`.
private struct StaffingDrawing {
  static let left = 64
  static let width = 960
  private static let gap = 64
  private static let colours: [StaffingRule: String] = [
    .erlangA: "#1d4ed8", .erlangC: "#7c3aed", .squareRoot: "#047857", .flat: "#b45309",
  ]

  /// Spans of time and their values, drawn as steps.
  private struct Steps {
    var points: [(start: Instant, end: Instant, value: Double)] = []
  }

  private let report: StaffingReport
  private let words: StaffingWords
  private let from: Instant
  private let to: Instant

  init(_ report: StaffingReport, _ words: StaffingWords) {
    self.report = report
    self.words = words
    from = report.plan.rows.first?.period.start ?? Instant(microseconds: 0)
    to = report.plan.rows.map { $0.period.start + $0.period.length }.max() ?? from
  }

  func draw() -> (elements: [SVGElement], height: Int) {
    guard from < to else {
      return ([SVGElement("text", ["x": 12, "y": 60, "fill": "#475569"], text: words.nothing)], 90)
    }
    var elements: [SVGElement] = []
    var top = 72
    elements += agents(at: top, height: 220)
    top += 220 + Self.gap
    elements += workers(at: top, height: 90)
    top += 90 + Self.gap
    if let shifts = report.shifts {
      elements += cover(shifts, at: top, height: 180)
      top += 180 + Self.gap
      let shown = min(StaffingPicture.shiftsMost, shifts.shifts.count)
      elements += roster(shifts, shown, at: top)
      top += shown * 9 + Self.gap
      if shifts.shifts.count > shown {
        elements.append(text(words.hidden(shifts.shifts.count - shown), x: 12, y: top - 30))
      }
    }
    return (elements, top)
  }

  // MARK: - Panels

  private func agents(at top: Int, height: Int) -> [SVGElement] {
    var lines: [StaffingRule: Steps] = [:]
    var upper = Steps()
    for group in groups {
      let (start, end) = (group[0].period.start, group[0].period.start + group[0].period.length)
      for rule in StaffingRule.allCases {
        let agents = group.reduce(0) { $0 + $1[rule].agents }
        lines[rule, default: Steps()].points.append((start, end, Double(agents)))
      }
      upper.points.append((start, end, Double(group.reduce(0) { $0 + $1[.erlangA].agentsAtUpper })))
    }
    let greatest = (Array(lines.values) + [upper]).flatMap(\.points).map(\.value).max() ?? 1
    var elements = frame(words.agents, at: top, height: height, greatest: greatest)
    if let low = lines[.erlangA] {
      elements.append(band(low, upper, at: top, height: height, greatest: greatest))
    }
    for (number, total) in report.plan.totals.enumerated() {
      let colour = Self.colours[total.rule] ?? "#475569"
      if let steps = lines[total.rule] {
        elements.append(
          path(steps, colour: colour, at: top, height: height, greatest: greatest, title: words.hours(total)))
      }
      let x = Self.left + 6 + number * 236
      elements.append(SVGElement("rect", ["x": x, "y": top - 14, "width": 14, "height": 4, "fill": colour]))
      elements.append(text(words.hours(total), x: x + 18, y: top - 9))
    }
    return elements
  }

  private func workers(at top: Int, height: Int) -> [SVGElement] {
    var (base, total) = (Steps(), Steps())
    for (number, row) in report.plan.workers.enumerated() {
      let next = number + 1 < report.plan.workers.count ? report.plan.workers[number + 1].start : to
      base.points.append((row.start, next, Double(row.workers.base)))
      total.points.append((row.start, next, Double(row.workers.total)))
    }
    let greatest = total.points.map(\.value).max() ?? 1
    return frame(words.workers, at: top, height: height, greatest: greatest) + [
      path(base, colour: "#475569", at: top, height: height, greatest: greatest, title: ""),
      path(total, colour: "#be123c", at: top, height: height, greatest: greatest, title: words.workers),
    ]
  }

  private func cover(_ shifts: ShiftPlan, at top: Int, height: Int) -> [SVGElement] {
    let slot = Duration.seconds(60 * StaffingBounds.gridMinutes)
    let count = shifts.covers.first?.required.count ?? 0
    var (required, covered) = (Steps(), Steps())
    for place in 0..<count {
      let start = shifts.start + slot * place
      let need = shifts.covers.reduce(0) { $0 + $1.required[place] }
      let there = shifts.covers.reduce(0) { $0 + $1.covered[place] }
      required.points.append((start, start + slot, Double(need)))
      covered.points.append((start, start + slot, Double(there)))
    }
    let greatest = (required.points + covered.points).map(\.value).max() ?? 1
    let zero = Steps(points: covered.points.map { ($0.start, $0.end, 0) })
    var elements = frame(words.cover, at: top, height: height, greatest: greatest)
    elements.append(band(zero, covered, at: top, height: height, greatest: greatest))
    elements.append(
      path(required, colour: "#be123c", at: top, height: height, greatest: greatest, title: words.required))
    elements.append(
      SVGElement("rect", ["x": Self.left + 6, "y": top - 16, "width": 14, "height": 8, "fill": "#bfdbfe"]))
    elements.append(text(words.covered, x: Self.left + 24, y: top - 9))
    elements.append(
      SVGElement("rect", ["x": Self.left + 96, "y": top - 14, "width": 14, "height": 4, "fill": "#be123c"]))
    elements.append(text(words.required, x: Self.left + 114, y: top - 9))
    return elements
  }

  private func roster(_ shifts: ShiftPlan, _ shown: Int, at top: Int) -> [SVGElement] {
    var elements = [text(words.roster, x: 12, y: top - 26, weight: 600)]
    for (number, shift) in shifts.shifts.prefix(shown).enumerated() {
      let y = top - 14 + number * 9
      let title = "\(shift.queue) · \(shift.template) · \(report.time(shift.start)) – \(report.time(shift.end))"
      var parts = [SVGElement.title(title), bar(shift.start, shift.end, y: y, colour: "#1d4ed8")]
      parts += shift.breaks.map { bar($0.lowerBound, $0.upperBound, y: y, colour: "#ffffff") }
      elements.append(SVGElement("g", [:], parts))
    }
    return elements
  }

  // MARK: - Parts

  /// The rows of each period.
  private var groups: [[StaffingPlan.Row]] {
    var groups: [[StaffingPlan.Row]] = []
    for row in report.plan.rows {
      if let last = groups.last, last[0].period.start == row.period.start {
        groups[groups.count - 1].append(row)
      } else {
        groups.append([row])
      }
    }
    return groups
  }

  private func x(_ moment: Instant) -> Double {
    let inside = min(max(moment, from), to)
    let share = (inside - from).inSeconds / max(1, (to - from).inSeconds)
    return Self.rounded(Double(Self.left) + share * Double(Self.width))
  }

  private static func y(_ value: Double, at top: Int, height: Int, greatest: Double) -> Double {
    rounded(Double(top + height) - value / max(1, greatest) * Double(height))
  }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  private func text(_ text: String, x: Int, y: Int, weight: Int = 400) -> SVGElement {
    SVGElement("text", ["x": x, "y": y, "font-weight": weight, "fill": "#475569"], text: text)
  }

  private func bar(_ start: Instant, _ end: Instant, y: Int, colour: String) -> SVGElement {
    SVGElement(
      "rect", ["x": x(start), "y": y, "width": Self.rounded(x(end) - x(start)), "height": 7, "fill": colour])
  }

  private func frame(_ title: String, at top: Int, height: Int, greatest: Double) -> [SVGElement] {
    var elements = [
      text(title, x: 12, y: top - 26, weight: 600),
      SVGElement(
        "path",
        ["d": "M\(Self.left) \(top)V\(top + height)H\(Self.left + Self.width)", "stroke": "#94a3b8", "fill": "none"]),
      SVGElement(
        "text", ["x": Self.left - 6, "y": top + 10, "text-anchor": "end", "fill": "#475569"], text: "\(Int(greatest))"),
      SVGElement(
        "text", ["x": Self.left - 6, "y": top + height, "text-anchor": "end", "fill": "#475569"], text: "0"),
    ]
    // Eight marks, at beginnings of periods.
    let starts = report.plan.workers.map(\.start)
    for place in stride(from: 0, to: starts.count, by: max(1, starts.count / 8)) {
      elements.append(
        SVGElement(
          "text", ["x": x(starts[place]), "y": top + height + 16, "fill": "#475569"], text: report.time(starts[place])))
    }
    return elements
  }

  /// Steps as the data of a path, with a gap where time is left out.
  private func data(_ steps: Steps, at top: Int, height: Int, greatest: Double) -> String {
    var data = ""
    var last: Instant?
    for point in steps.points {
      let y = Self.y(point.value, at: top, height: height, greatest: greatest)
      data += last == point.start ? "V\(y)" : "M\(x(point.start)) \(y)"
      data += "H\(x(point.end))"
      last = point.end
    }
    return data
  }

  private func path(
    _ steps: Steps, colour: String, at top: Int, height: Int, greatest: Double, title: String
  ) -> SVGElement {
    SVGElement(
      "path",
      [
        "d": data(steps, at: top, height: height, greatest: greatest), "stroke": colour, "stroke-width": 1.5,
        "fill": "none",
      ], [.title(title)])
  }

  /// The area between two lines of the same steps.
  private func band(_ low: Steps, _ high: Steps, at top: Int, height: Int, greatest: Double) -> SVGElement {
    var data = ""
    for (below, above) in zip(low.points, high.points) where above.value > below.value {
      let bottom = Self.y(below.value, at: top, height: height, greatest: greatest)
      let y = Self.y(above.value, at: top, height: height, greatest: greatest)
      data += "M\(x(below.start)) \(bottom)V\(y)H\(x(below.end))V\(bottom)Z"
    }
    return SVGElement("path", ["d": data, "fill": "#bfdbfe"], [.title(words.band)])
  }
}
