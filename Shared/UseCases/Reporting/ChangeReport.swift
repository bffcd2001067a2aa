import DeskCore
import Store

/// The change of a figure against a period before, decomposed by each dimension.
struct ChangeReport: Sendable {
  /// A part of one dimension.
  struct Row: Sendable {
    let dimension: ReportGrouping
    let part: ChangeDecomposition.Part
  }

  /// Parts of a dimension that are shown one by one; the rest is one row, so that all still add up to the change.
  static let partsShown = 20
  static let dimensions: [ReportGrouping] = [.channel, .category, .queue, .agent, .tier]

  let figure: ReportFigure
  /// The whole, which is the same by every dimension.
  let whole: ChangeDecomposition
  /// The parts of all dimensions, the largest absolute contribution first.
  let rows: [Row]
  /// What the parts of a dimension that are not shown contributed together.
  let rest: [(dimension: ReportGrouping, contribution: Double)]

  init(_ figure: ReportFigure, before: [ReportStore.FigurePart], after: [ReportStore.FigurePart]) {
    self.figure = figure
    func parts(_ all: [ReportStore.FigurePart], _ dimension: ReportGrouping) -> [(key: String?, tally: FigureTally)] {
      all.filter { $0.dimension == dimension }.map { ($0.key, $0.tally) }
    }
    let all = Self.dimensions.map { dimension in
      (
        dimension: dimension,
        change: ChangeDecomposition(
          before: parts(before, dimension), after: parts(after, dimension), isCount: figure == .volume)
      )
    }
    whole = all.first?.change ?? ChangeDecomposition(before: [], after: [], isCount: figure == .volume)
    rows = all.flatMap { dimension, change in
      change.parts.prefix(Self.partsShown).map { Row(dimension: dimension, part: $0) }
    }.sorted { abs($0.part.contribution) > abs($1.part.contribution) }
    rest = all.compactMap { dimension, change in
      let hidden = change.parts.dropFirst(Self.partsShown)
      return hidden.isEmpty ? nil : (dimension, hidden.reduce(0) { $0 + $1.contribution })
    }
  }

  /// The unit of the figure.
  var kind: ReportMeasure.Kind {
    switch figure {
    case .volume: .count
    case .lateShare: .share
    case .firstResponse, .handleTime: .seconds
    case .satisfaction: .rating
    }
  }

  /// The value of a period; nil for a mean without tickets.
  func value(_ tally: FigureTally) -> Double? { figure == .volume ? Double(tally.count) : tally.mean }

  var fields: [JSONValue.Field] {
    func side(_ tally: FigureTally) -> JSONValue {
      .object([
        .init("tickets", .integer(tally.count)), .init("value", value(tally).map { .number($0) } ?? .null),
      ])
    }
    return [
      .init("before", side(whole.before)), .init("after", side(whole.after)),
      .init("change", whole.change.map { .number($0) } ?? .null),
      .init("margin", whole.margin.map { .number($0) } ?? .null), .init("noise", .flag(whole.isNoise)),
    ]
  }

  /// The change of the whole and whether chance explains it.
  func verdict(in language: ReportLanguage) -> String {
    guard let change = whole.change, let margin = whole.margin else {
      return language == .chinese ? "其中一个时段没有数据" : "one of the periods has no figures"
    }
    let text =
      (change < 0 ? "−" : "+") + kind.text(abs(change), in: language) + " ± "
      + kind.text(margin, in: language)
    guard whole.isNoise else { return text }
    return text + (language == .chinese ? "（可能是随机波动）" : " (within chance)")
  }
}
