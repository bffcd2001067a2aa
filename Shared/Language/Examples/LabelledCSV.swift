internal import DeskCore

/// Reads labelled examples from CSV as in RFC 4180: UTF-8, a header, fields in double quotes if they contain commas, quotes
/// (doubled) or line ends.
///
/// The header names the columns in any order: `text` and `label` are required, `urgency` (low, normal, high or 0, 1, 2) and
/// `sentiment` (negative, neutral, positive or -1, 0, 1) are optional; others are ignored. A byte-order mark is skipped. Errors
/// name line, column and remedy and never repeat the file's content.
public enum LabelledCSV {
  /// - Throws: `LanguageError` with code `file` or `csv`.
  public static func read(path: String) throws(LanguageError) -> [LabelledExample] {
    do throws(LanguageError) {
      return try parse(FileBytes.read(path: path, limit: LanguageLimits.labelledFileBytes))
    } catch {
      throw error.of(file: path)
    }
  }

  /// - Throws: `LanguageError` with code `csv`.
  public static func parse(_ bytes: [UInt8]) throws(LanguageError) -> [LabelledExample] {
    var scanner = CSVScanner(bytes)
    guard let header = try scanner.row() else {
      throw LanguageError(
        .csv, "the file is empty", line: 1, column: 1, remedy: "begin it with a header such as text,label")
    }
    let columns = try Columns(header)
    var examples: [LabelledExample] = []
    while let row = try scanner.row() {
      if row.fields.count == 1 && row.fields[0].text.isEmpty { continue }
      guard row.fields.count == columns.count else {
        throw LanguageError(
          .csv, "\(row.fields.count) field(s), but the header has \(columns.count)", line: row.line, column: 1,
          remedy: "put fields that contain commas or line ends in double quotes")
      }
      guard examples.count < LanguageLimits.labelledRows else {
        throw LanguageError(
          .csv, "more than \(LanguageLimits.labelledRows) rows", line: row.line, column: 1,
          remedy: "use a sample of the examples")
      }
      examples.append(try columns.example(row))
    }
    guard !examples.isEmpty else {
      throw LanguageError(.csv, "there are no rows after the header", line: 2, column: 1, remedy: "add examples")
    }
    return examples
  }
}

/// The positions of the known columns.
private struct Columns {
  let count: Int
  private let text: Int
  private let label: Int
  private let urgency: Int?
  private let sentiment: Int?

  init(_ header: CSVScanner.Row) throws(LanguageError) {
    var places: [String: Int] = [:]
    for (place, field) in header.fields.enumerated() {
      let name = Normaliser().normalise(field.text).string
      guard places.updateValue(place, forKey: name) == nil || !Self.known.contains(name) else {
        throw LanguageError(
          .csv, "the column \(name) appears twice", line: field.line, column: field.column, remedy: "keep one of them")
      }
    }
    guard let text = places["text"], let label = places["label"] else {
      throw LanguageError(
        .csv, "the header lacks the column \(places["text"] == nil ? "text" : "label")", line: header.line, column: 1,
        remedy: "begin the file with a header such as text,label")
    }
    count = header.fields.count
    self.text = text
    self.label = label
    urgency = places["urgency"]
    sentiment = places["sentiment"]
  }

  private static let known: Set<String> = ["text", "label", "urgency", "sentiment"]

  func example(_ row: CSVScanner.Row) throws(LanguageError) -> LabelledExample {
    let labelField = row.fields[label]
    guard row.fields[text].text.contains(where: { !$0.isWhitespace }) else {
      throw error("the text is empty", row.fields[text], "fill it in or omit the row")
    }
    let name = trimmed(labelField.text)
    guard !name.isEmpty, name.utf8.count <= LanguageLimits.labelBytes else {
      throw error(
        "the label is empty or too long", labelField, "give a label of up to \(LanguageLimits.labelBytes) bytes")
    }
    guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      throw error("the label contains a control character", labelField, "write the label on one line")
    }
    return LabelledExample(
      text: row.fields[text].text, label: name,
      urgency: try value(
        urgency, row, ["low": 0, "0": 0, "normal": 1, "1": 1, "high": 2, "2": 2], "low, normal or high"),
      sentiment: try value(
        sentiment, row, ["negative": -1, "-1": -1, "neutral": 0, "0": 0, "positive": 1, "1": 1],
        "negative, neutral or positive"))
  }

  private func value(
    _ column: Int?, _ row: CSVScanner.Row, _ meanings: [String: Int], _ choices: String
  ) throws(LanguageError) -> Int? {
    guard let column else { return nil }
    let field = row.fields[column]
    let written = trimmed(field.text).lowercased()
    if written.isEmpty { return nil }
    guard let value = meanings[written] else {
      throw error("unknown value", field, "write \(choices), or leave it empty")
    }
    return value
  }

  private func trimmed(_ text: String) -> String {
    let start = text.drop { $0.isWhitespace }
    return String(start.reversed().drop { $0.isWhitespace }.reversed())
  }

  private func error(_ message: String, _ field: CSVScanner.Field, _ remedy: String) -> LanguageError {
    LanguageError(.csv, message, line: field.line, column: field.column, remedy: remedy)
  }
}
