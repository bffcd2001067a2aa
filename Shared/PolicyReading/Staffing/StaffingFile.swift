public import DeskCore
internal import UntrustedInput
import Yams

/// What a staffing plan is made from, as files say it: a forecast, the kinds of shifts, or both.
///
/// ```yaml
/// forecast:
///   - {queue: orders, start: 2026-11-11T09:00:00+08:00, expected: 120, lower: 100, upper: 150}
/// shifts:
///   early: {starts: [06:00, 07:30], length: 8h, breaks: [{from: 2h, to: 4h, length: 30m}]}
/// ```
///
/// A forecast may also be a CSV table with these columns in any order; `lower` and `upper` may be missing, and `low` and `high` are the
/// same. Each period is half an hour long.
public struct StaffingFile: Hashable, Sendable {
  /// In the order of the file.
  public let forecast: [ForecastPeriod]
  /// Sorted by name.
  public let shifts: [ShiftTemplate]

  /// Reads YAML.
  /// - Throws: every mistake of the file, in its order.
  public init(yaml bytes: some Collection<UInt8>) throws(PolicyMistakes) {
    let text = try PolicyDocument.text(of: bytes)
    try PolicyDocument.refuseAliasChains(in: text)
    var reader = PolicyReader(environment: [:])
    do {
      let parser = try Yams.Parser(yaml: text, resolver: .basic, encoding: .utf8)
      let root = try parser.singleRoot()
      (forecast, shifts) = withExtendedLifetime(parser) {
        reader.staffing(PolicyNode(root ?? Node([] as [(Node, Node)]), path: ""))
      }
    } catch {
      throw PolicyDocument.notYAML(error, in: text)
    }
    guard reader.mistakes.isEmpty else { throw PolicyMistakes(reader.mistakes, omitted: reader.omitted) }
  }

  /// Reads a CSV table (RFC 4180), whose first line names the columns.
  /// - Throws: every mistake of the file, in its order.
  public init(csv bytes: some Collection<UInt8>) throws(PolicyMistakes) {
    var reader = PolicyReader(environment: [:])
    guard bytes.count <= StaffingFileLimits.bytes else {
      throw PolicyMistakes([
        PolicyMistake(
          line: 1, column: 1, path: "", problem: "the file is larger than \(StaffingFileLimits.bytes) bytes",
          remedy: "plan fewer days or queues at once")
      ])
    }
    do {
      forecast = reader.forecast(ForecastTable(try UTF8Text.read(bytes)))
    } catch {
      throw PolicyMistakes([PolicyMistake(error)])
    }
    shifts = []
    guard reader.mistakes.isEmpty else { throw PolicyMistakes(reader.mistakes, omitted: reader.omitted) }
  }
}

/// The limits of staffing files.
public enum StaffingFileLimits {
  /// The largest CSV table, in bytes.
  public static let bytes = 8 << 20
  /// The length of a forecast's periods.
  public static let period: Duration = .seconds(1800)
}

/// The fields of a CSV table with their places.
struct ForecastTable {
  struct Field {
    let text: String
    let line: Int
    /// From 1, in Unicode scalars.
    let column: Int
  }

  let lines: [[Field]]

  init(_ text: String) {
    var lines: [[Field]] = []
    let marked = text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...]
    for (number, line) in marked.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var column = 1
      var fields: [Field] = []
      let content = line.last == "\r" ? line.dropLast() : line
      for part in content.split(separator: ",", omittingEmptySubsequences: false) {
        var value = part.drop { $0 == " " }
        while value.last == " " { value.removeLast() }
        if value.count > 1, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        fields.append(Field(text: String(value), line: number + 1, column: column))
        column += part.count + 1
      }
      if !content.isEmpty { lines.append(fields) }
    }
    self.lines = lines
  }
}

/// The columns of a forecast.
private enum ForecastColumn: String, CaseIterable {
  case queue, start, expected, lower, upper
  /// What came, in the desk's own forecast; ignored.
  case came

  init?(title: String) {
    switch title {
    // As the desk's own forecast names them.
    case "low": self = .lower
    case "high": self = .upper
    default: self.init(rawValue: title)
    }
  }
}

// MARK: - Forecasts

extension PolicyReader {
  private static let columns = ForecastColumn.allCases.dropLast().map(\.rawValue)

  fileprivate mutating func forecast(_ table: ForecastTable) -> [ForecastPeriod] {
    guard let header = table.lines.first else {
      report(
        line: 1, column: 1, path: "", "the file is empty",
        remedy: "begin with the line queue,start,expected,lower,upper")
      return []
    }
    var places: [ForecastColumn: Int] = [:]
    for (place, field) in header.enumerated() {
      guard let column = ForecastColumn(title: field.text) else {
        let guess = guess(for: field.text, among: Self.columns)
        report(
          field, "unknown column \(quoted(field.text))",
          remedy: guess ?? "the columns are \(Self.columns.joined(separator: ", "))")
        continue
      }
      if places.updateValue(place, forKey: column) != nil {
        report(field, "the column \(quoted(field.text)) is there twice", remedy: "keep one of them")
      }
    }
    for column in [ForecastColumn.queue, .start, .expected] where places[column] == nil && mistakes.isEmpty {
      report(
        line: 1, column: 1, path: "", "the column '\(column.rawValue)' is missing",
        remedy: "add it to the first line and to every row")
    }
    guard mistakes.isEmpty else { return [] }
    guard table.lines.count - 1 <= StaffingBounds.periods else {
      report(
        line: 1, column: 1, path: "", "more than \(StaffingBounds.periods) rows",
        remedy: "plan fewer days or queues at once")
      return []
    }
    return table.lines.dropFirst().compactMap { row in
      guard row.count == header.count else {
        report(
          line: row[0].line, column: 1, path: "", "the row has \(row.count) fields, the first line \(header.count)",
          remedy: "give each column a value")
        return nil
      }
      func field(_ column: ForecastColumn) -> ForecastTable.Field? { places[column].map { row[$0] } }
      guard let queueField = field(.queue), let startField = field(.start), let expectedField = field(.expected)
      else {
        return nil
      }
      let queue = QueueID(queueField.text)
      if !queue.isWellFormed {
        report(
          queueField, "\(quoted(queueField.text)) is not a valid name", remedy: "use 1 to 64 of a-z, 0-9, '-', '_', '.'"
        )
      }
      let start = RFC3339.instant(startField.text)
      if start == nil {
        report(
          startField, "\(quoted(startField.text)) is not a time with its offset",
          remedy: "write it like 2026-11-11T09:00:00+08:00")
      }
      let expected = tickets(expectedField)
      let lower = field(.lower).map { $0.text.isEmpty ? expected : tickets($0) } ?? expected
      let upper = field(.upper).map { $0.text.isEmpty ? expected : tickets($0) } ?? expected
      guard queue.isWellFormed, let start, let expected, let lower, let upper else { return nil }
      guard lower <= expected, expected <= upper else {
        report(
          expectedField, "\(quoted(expectedField.text)) is not between lower and upper",
          remedy: "write lower ≤ expected ≤ upper")
        return nil
      }
      return ForecastPeriod(
        queue: queue, start: start, length: StaffingFileLimits.period, expected: expected, interval: lower...upper)
    }
  }

  private mutating func report(_ field: ForecastTable.Field, _ problem: String, remedy: String) {
    report(line: field.line, column: field.column, path: "", problem, remedy: remedy)
  }

  private mutating func tickets(_ field: ForecastTable.Field) -> Double? {
    if let number = Self.tickets(field.text) { return number }
    report(field, Self.notTickets(field.text), remedy: Self.ticketsRemedy)
    return nil
  }

  /// Decimal digits only: `Double` also reads `nan`, `inf` and hexadecimal.
  private static func tickets(_ text: String) -> Double? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || ".eE+-".utf8.contains($0) }), let number = Double(text),
      StaffingBounds.expected.contains(number)
    else { return nil }
    return number
  }

  private static func notTickets(_ text: String) -> String { "\(quoted(text)) is not a number of tickets" }
  private static let ticketsRemedy = "write a number from 0 to \(Int(StaffingBounds.expected.upperBound)), such as 12.5"
}

// MARK: - The YAML document

extension PolicyReader {
  fileprivate mutating func staffing(_ root: PolicyNode) -> ([ForecastPeriod], [ShiftTemplate]) {
    guard let file = fields(of: root, known: ["forecast", "shifts"]) else { return ([], []) }
    if file["forecast"] == nil, file["shifts"] == nil {
      report(root, "there is neither a forecast nor a shift", remedy: "add `forecast:` or `shifts:`")
    }
    let forecast = items(file["forecast"], limit: StaffingBounds.periods).compactMap { period($0) }
    let shifts = named(file["shifts"], limit: StaffingBounds.templates).compactMap { shift($0) }
    return (forecast, shifts.sorted { $0.name < $1.name })
  }

  private mutating func period(_ place: PolicyNode) -> ForecastPeriod? {
    guard let fields = fields(of: place, known: Self.columns) else { return nil }
    let queue = needed("queue", in: fields).flatMap { node -> QueueID? in
      guard let (name, _) = scalar(node), isWellFormed(name, at: node) else { return nil }
      return QueueID(name)
    }
    let start = needed("start", in: fields).flatMap { node -> Instant? in
      guard let (text, _) = scalar(node) else { return nil }
      if let start = RFC3339.instant(text) { return start }
      report(
        node, "\(quoted(text)) is not a time with its offset", remedy: "write it like 2026-11-11T09:00:00+08:00")
      return nil
    }
    guard let expectedPlace = needed("expected", in: fields), let expected = tickets(expectedPlace) else { return nil }
    let lower = fields["lower"].map { tickets($0) } ?? expected
    let upper = fields["upper"].map { tickets($0) } ?? expected
    guard let queue, let start, let lower, let upper else { return nil }
    guard lower <= expected, expected <= upper else {
      report(
        expectedPlace, "\(expected) is not between lower and upper", remedy: "write lower ≤ expected ≤ upper")
      return nil
    }
    return ForecastPeriod(
      queue: queue, start: start, length: StaffingFileLimits.period, expected: expected, interval: lower...upper)
  }

  private mutating func tickets(_ place: PolicyNode) -> Double? {
    guard let (text, _) = scalar(place) else { return nil }
    if let number = Self.tickets(text) { return number }
    report(place, Self.notTickets(text), remedy: Self.ticketsRemedy)
    return nil
  }

  private mutating func shift(_ entry: PolicyEntry) -> ShiftTemplate? {
    guard let fields = fields(of: entry.value, known: ["starts", "length", "breaks"]) else { return nil }
    let starts = needed("starts", in: fields).map { itemsOrOne($0, limit: StaffingBounds.starts) } ?? []
    let minutes = starts.compactMap { place -> Int? in
      guard let (text, _) = scalar(place) else { return nil }
      if let minute = PolicyTime.minuteOfDay(text) { return minute }
      report(place, "\(quoted(text)) is not a time of day", remedy: "write it like 07:30")
      return nil
    }
    let length = needed("length", in: fields).flatMap { self.minutes($0) }
    var breaks: [ShiftTemplate.Break] = []
    let places = items(fields["breaks"], limit: StaffingBounds.breaks)
    for place in places {
      if let pause = shiftBreak(place) { breaks.append(pause) }
    }
    guard fields["starts"] != nil, let length, minutes.count == starts.count, breaks.count == places.count else {
      return nil
    }
    do {
      return try ShiftTemplate(name: entry.name, starts: minutes, minutes: length, breaks: breaks)
    } catch {
      report(entry.value, "\(error.quantity.rawValue) is \(Int(error.value))", remedy: error.remedy)
      return nil
    }
  }

  private mutating func shiftBreak(_ place: PolicyNode) -> ShiftTemplate.Break? {
    guard let fields = fields(of: place, known: ["from", "to", "length"]) else { return nil }
    let from = needed("from", in: fields).flatMap { minutes($0) }
    let to = fields["to"].map { minutes($0) } ?? from
    let length = needed("length", in: fields).flatMap { minutes($0) }
    guard let from, let to, let length else { return nil }
    guard from <= to else {
      report(place, "the break's `to` is before its `from`", remedy: "write the time of its first possible start first")
      return nil
    }
    return ShiftTemplate.Break(window: from...to, minutes: length)
  }

  /// A duration within a day, in minutes.
  private mutating func minutes(_ place: PolicyNode) -> Int? {
    duration(place, in: .zero...(.seconds(86_400))).map { Int($0.components.seconds / 60) }
  }
}
