internal import DeskCore

/// Draws the confusion matrix: true labels (rows) by predicted labels (columns).
///
/// Each row is shaded by share of its true label's examples; correct predictions are blue, wrong ones red, so that red cells
/// need more examples. Beyond `rowsAtMost` labels only those with the most errors are shown.
public struct ConfusionPicture: Sendable {
  /// The complete SVG document.
  public let svg: String

  static let rowsAtMost = 60
  private static let cell = 14
  private static let margin = 8
  /// Longer names are truncated.
  static let nameLength = 28

  public init(_ evaluation: Evaluation) {
    let shown = Self.labels(of: evaluation)
    let places = Dictionary(uniqueKeysWithValues: shown.enumerated().map { ($1.label, $0) })
    let gutter = Self.margin + 7 * min(Self.nameLength, shown.map(\.label.count).max() ?? 1)
    let side = shown.count * Self.cell
    var body: [SVGElement] = []
    for (row, label) in shown.enumerated() {
      let right = Int((label.recall * Double(label.support)).rounded())
      if right > 0 {
        body.append(Self.square(row, row, right, of: label, guess: label.label, colour: "#2563eb", gutter))
      }
      let name = Self.cut(label.label)
      let middle = gutter + row * Self.cell + Self.cell - 4
      body.append(SVGElement("text", ["x": gutter - 4, "y": middle, "text-anchor": "end"], text: name))
      body.append(SVGElement("text", ["transform": "translate(\(middle),\(gutter - 4)) rotate(-90)"], text: name))
    }
    for confusion in evaluation.confusions where confusion.count > 0 {
      guard let row = places[confusion.truth], let column = places[confusion.guess] else { continue }
      body.append(
        Self.square(row, column, confusion.count, of: shown[row], guess: confusion.guess, colour: "#dc2626", gutter))
    }
    let size = gutter + side + Self.margin
    let left = evaluation.labels.count - shown.count
    let title =
      "accuracy \(Evaluation.percent(evaluation.accuracy)) of \(evaluation.count); rows: true, columns: predicted"
      + (left > 0 ? "; \(left) labels with fewer errors are not shown" : "")
    let frame = SVGElement(
      "rect", ["x": gutter, "y": gutter, "width": side, "height": side, "fill": "none", "stroke": "#cbd5e1"])
    svg = SVGElement.picture(
      width: size, height: size + 20, ["font-family": "sans-serif", "font-size": 10],
      [frame] + body + [SVGElement("text", ["x": Self.margin, "y": size + 10], text: title)])
  }

  /// Returns the labels that are drawn, in their original order.
  static func labels(of evaluation: Evaluation) -> [Evaluation.LabelFigures] {
    let occurring = evaluation.labels.filter { $0.support > 0 || $0.precision > 0 }
    var errors: [String: Int] = [:]
    for confusion in evaluation.confusions {
      errors[confusion.truth, default: 0] += confusion.count
      errors[confusion.guess, default: 0] += confusion.count
    }
    guard occurring.count > rowsAtMost else { return occurring }
    let worst = occurring.indices.sorted {
      (-errors[occurring[$0].label, default: 0], $0) < (-errors[occurring[$1].label, default: 0], $1)
    }
    return worst.prefix(rowsAtMost).sorted().map { occurring[$0] }
  }

  private static func square(
    _ row: Int, _ column: Int, _ count: Int, of label: Evaluation.LabelFigures, guess: String, colour: String,
    _ gutter: Int
  ) -> SVGElement {
    let share = Double(count) / Double(max(1, label.support))
    // Faint cells must remain visible.
    let opacity = Evaluation.decimal(0.15 + 0.85 * min(1, share), places: 2)
    return SVGElement(
      "rect",
      [
        "x": gutter + column * cell, "y": gutter + row * cell, "width": cell, "height": cell, "fill": colour,
        "fill-opacity": opacity,
      ], [.title("\(label.label) as \(guess): \(count) of \(label.support)")])
  }

  private static func cut(_ name: String) -> String {
    name.count <= nameLength ? name : name.prefix(nameLength - 1) + "…"
  }
}
