import DeskCore
internal import Foundation

/// The rows of a report with figures of several kinds, from which its JSON, CSV and terminal table are made.
struct AnalysisTable: Sendable {
  /// The kind of a column's values.
  enum Kind: Sendable {
    case text, flag
    case figure(ReportMeasure.Kind)
    /// A number in the unit of a figure that depends on the request.
    case number
  }

  struct Column: Sendable {
    /// Its name in JSON and CSV; times have the suffix `_seconds`.
    let key: String
    let kind: Kind
    let english: String
    let chinese: String

    init(_ key: String, _ kind: Kind, _ english: String, _ chinese: String) {
      (self.key, self.kind, self.english, self.chinese) = (key, kind, english, chinese)
    }

    func title(in language: ReportLanguage) -> String { language == .chinese ? chinese : english }
  }

  enum Cell: Sendable, Hashable {
    case text(String)
    case count(Int64)
    case number(Double)
    case flag(Bool)
    case none

    var isNumber: Bool {
      switch self {
      case .count, .number: true
      case .text, .flag, .none: false
      }
    }

    static func text(ifAny text: String?) -> Cell { text.map { .text($0) } ?? .none }
    static func number(ifAny number: Double?) -> Cell { number.map { .number($0) } ?? .none }
  }

  /// A group of rows, under one name in JSON.
  struct Section: Sendable {
    let name: String
    let rows: [[Cell]]
  }

  let columns: [Column]
  /// With more than one section, CSV has the section's name in its first column.
  let sections: [Section]
  /// All together, with a cell for each column.
  var total: [Cell]?

  func fields(of row: [Cell]) -> JSONValue {
    .object(zip(columns, row).map { column, cell in .init(column.key, Self.json(cell)) })
  }

  private static func json(_ cell: Cell) -> JSONValue {
    switch cell {
    case .text(let text): .text(text)
    case .count(let count): .integer(count)
    case .number(let number): .number(number)
    case .flag(let flag): .flag(flag)
    case .none: .null
    }
  }

  var csv: String {
    let isParted = sections.count > 1
    var table = CSVTable(columns: (isParted ? ["section"] : []) + columns.map(\.key))
    for section in sections {
      for row in section.rows {
        let cells = (isParted ? [.text(section.name)] : []) + row
        table.add(cells.map(Self.plain), numbers: Set(cells.indices.filter { cells[$0].isNumber }))
      }
    }
    return table.text
  }

  private static func plain(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): text
    case .count(let count): String(count)
    case .number(let number): String(format: "%.4f", number)
    case .flag(let flag): flag ? "true" : "false"
    case .none: ""
    }
  }

  /// Formats a cell for people.
  func shown(_ cell: Cell, _ column: Column, in language: ReportLanguage) -> String {
    switch (cell, column.kind) {
    case (.text(let text), _): text
    case (.none, .text): ReportWords(language).none
    case (.none, _): "–"
    case (.flag(let flag), _): language == .chinese ? (flag ? "是" : "否") : (flag ? "yes" : "no")
    case (.count(let count), .figure(let kind)) where kind != .count: kind.text(Double(count), in: language)
    case (.count(let count), _): String(count)
    case (.number(let number), .figure(let kind)): kind.text(number, in: language)
    case (.number(let number), _): String(format: "%+.4g", number)
    }
  }
}
