public import DeskCore
internal import Foundation
import Store

/// Draws a report as SVG: a line for each group, a column for each measure, a bar in each cell, so that outliers are visible before
/// it is read. The texts are Chinese or English.
public struct ReportPicture: Sendable {
  /// The complete SVG file.
  public let svg: String

  /// The maximum number of lines drawn; the table has them all.
  static let rowsMost = 60
  private static let left = 190
  private static let cell = (width: 116, height: 24, bar: 108)
  private static let top = 104
  /// Longer names are truncated.
  private static let nameLength = 24

  /// Draws a report.
  /// - Parameter naming: the title of a group in the policy; nil where it has none.
  public init(
    _ report: DeskReport, in language: ReportLanguage, naming: (String) -> String? = { _ in nil }
  ) {
    let shown = Array(report.report.rows.prefix(Self.rowsMost))
    let measures = ReportMeasure.all
    let width = Self.left + measures.count * Self.cell.width + 16
    let height = Self.top + (shown.count + 1) * Self.cell.height + 44
    var body: [SVGElement] = []
    for (column, measure) in measures.enumerated() {
      let x = Self.left + column * Self.cell.width
      let parts = ReportHeading.lines(of: measure.title(in: language), within: Self.cell.bar)
      for (line, part) in parts.enumerated() {
        let y = Self.top - 27 - (parts.count - 1 - line) * 15
        body.append(SVGElement("text", ["x": x, "y": y, "fill": "#475569"], text: part))
      }
      let greatest = shown.compactMap(measure.value).max() ?? 0
      body += shown.enumerated().map { row, figures in
        Self.cell(measure, of: figures, greatest: greatest, x: x, row: row + 1, language)
      }
      body.append(Self.cell(measure, of: report.report.total, greatest: .infinity, x: x, row: 0, language))
    }
    let words = ReportWords(language)
    body.append(Self.name(words.total, row: 0, weight: 600))
    for (row, figures) in shown.enumerated() {
      body.append(Self.name(figures.group.map { naming($0) ?? $0 } ?? words.none, row: row + 1, weight: 400))
    }
    let hidden = report.report.rows.count - shown.count
    if hidden > 0 {
      let y = Self.top + (shown.count + 1) * Self.cell.height + 14
      body.append(SVGElement("text", ["x": 12, "y": y, "fill": "#475569"], text: words.hidden(hidden)))
    }
    let title = report.title(in: language)
    let heading = SVGElement(
      "text", ["x": 12, "y": 28, "font-size": 17, "font-weight": 600, "fill": "#0f172a"], text: title)
    svg = SVGElement.picture(
      width: width, height: height,
      [
        "font-family": "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif", "font-size": 12,
        "lang": language == .chinese ? "zh-Hans" : "en", "role": "img", "aria-label": title,
      ], [heading] + body)
  }

  private static func name(_ text: String, row: Int, weight: Int) -> SVGElement {
    let y = top + row * cell.height
    let cut = text.count <= nameLength ? text : text.prefix(nameLength - 1) + "…"
    return SVGElement(
      "text", ["x": 12, "y": y, "font-weight": weight, "fill": "#0f172a"], text: cut, [.title(text)])
  }

  /// Draws a bar relative to the maximum of its column, or to the whole if the measure has one, and the value on it.
  private static func cell(
    _ measure: ReportMeasure, of row: ReportRow, greatest: Double, x: Int, row line: Int, _ language: ReportLanguage
  ) -> SVGElement {
    let y = top + line * cell.height
    guard let value = measure.value(row) else {
      return SVGElement("text", ["x": x, "y": y, "fill": "#94a3b8"], text: "–")
    }
    let whole: Double
    switch measure.kind {
    case .count, .seconds: whole = greatest
    case .share: whole = 1
    case .rating: whole = 5
    }
    let length = whole > 0 ? Int((min(1, value / whole) * Double(cell.bar)).rounded()) : 0
    let title = measure.share.map { share in "\(share(row).tickets) / \(share(row).of)" } ?? measure.key
    return SVGElement(
      "g", [:],
      [
        .title(title),
        SVGElement(
          "rect",
          ["x": x - 3, "y": y - 15, "width": length, "height": 20, "rx": 2, "fill": colour(of: measure.kind)]),
        SVGElement("text", ["x": x, "y": y, "fill": "#0f172a"], text: measure.kind.text(value, in: language)),
      ])
  }

  private static func colour(of kind: ReportMeasure.Kind) -> String {
    switch kind {
    case .count: "#e2e8f0"
    case .seconds: "#fde68a"
    case .share: "#bfdbfe"
    case .rating: "#bbf7d0"
    }
  }
}
