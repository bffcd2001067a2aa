import DeskCore

/// The members of one line, each of which must be asked for exactly once.
struct RecordingMembers {
  private let line: Int
  private let place: String
  private var rest: [JSONValue.Field]

  /// - Parameters:
  ///   - value: an object; anything else has no members.
  ///   - place: the member that the object is the value of, with a point; empty for the line itself.
  init(_ value: JSONValue, line: Int, in place: String = "") {
    self.line = line
    self.place = place
    if case .object(let fields) = value { rest = fields } else { rest = [] }
  }

  func has(_ name: String) -> Bool { rest.contains { $0.name.hasSameBytes(as: name) } }

  /// - Throws: `RecordingError` where a member was not asked for.
  func end() throws(RecordingError) {
    if let first = rest.first {
      throw RecordingError(
        line: line,
        problem: "member `\(place)\(first.name)` is unknown or occurs twice; record it again with this build")
    }
  }

  func wrong(_ name: String, _ expected: String) -> RecordingError {
    RecordingError(line: line, problem: "member `\(place)\(name)` must be \(expected); record it again with this build")
  }

  private mutating func take(_ name: String) -> JSONValue? {
    guard let position = rest.firstIndex(where: { $0.name.hasSameBytes(as: name) }) else { return nil }
    return rest.remove(at: position).value
  }

  mutating func integer(_ name: String, _ range: ClosedRange<Int64>) throws(RecordingError) -> Int64 {
    guard let value = take(name)?.integer, range.contains(value) else {
      throw wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  mutating func time(_ name: String) throws(RecordingError) -> Int64 { try integer(name, Self.times) }

  mutating func optionalTime(_ name: String) throws(RecordingError) -> Int64? { has(name) ? try time(name) : nil }

  /// Milliseconds within a hundred years of the start.
  static let times = -3_155_760_000_000...Int64(3_155_760_000_000)

  mutating func text(_ name: String) throws(RecordingError) -> String {
    guard let text = take(name)?.text, !text.isEmpty else { throw wrong(name, "a text") }
    return text
  }

  mutating func optionalText(_ name: String) throws(RecordingError) -> String? { has(name) ? try text(name) : nil }

  mutating func instant(_ name: String) throws(RecordingError) -> Instant {
    guard let text = take(name)?.text, let instant = RFC3339.instant(text) else {
      throw wrong(name, "a time such as 2026-03-02T08:00:00Z")
    }
    return instant
  }

  mutating func share(_ name: String) throws(RecordingError) -> Double {
    guard let value = take(name)?.number, (0...1).contains(value) else { throw wrong(name, "a number from 0 to 1") }
    return value
  }

  /// A flag that is present only where it is true.
  mutating func flag(_ name: String) throws(RecordingError) -> Bool {
    guard has(name) else { return false }
    guard take(name)?.flag == true else { throw wrong(name, "true, or absent") }
    return true
  }

  mutating func choice<Choice: CaseIterable & Sendable>(
    _ name: String, _ word: (Choice) -> String
  ) throws(RecordingError) -> Choice {
    let text = take(name)?.text
    guard let choice = Choice.allCases.first(where: { word($0) == text }) else {
      throw wrong(name, "one of \(Choice.allCases.map(word).joined(separator: ", "))")
    }
    return choice
  }

  /// Numbers by name.
  mutating func numbers(_ name: String, _ range: ClosedRange<Int64>) throws(RecordingError) -> [ExactString: Int] {
    guard case .object(let fields)? = take(name) else { throw wrong(name, "an object of whole numbers") }
    var numbers: [ExactString: Int] = [:]
    for field in fields {
      guard let number = field.value.integer, range.contains(number),
        numbers.updateValue(Int(number), forKey: ExactString(field.name)) == nil
      else {
        throw wrong("\(name).\(field.name)", "one whole number from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    return numbers
  }

  mutating func texts(_ name: String) throws(RecordingError) -> [String] {
    guard let list = take(name)?.list else { throw wrong(name, "a list of texts") }
    let texts = list.compactMap(\.text)
    guard texts.count == list.count else { throw wrong(name, "a list of texts") }
    return texts
  }

  mutating func indices(_ name: String) throws(RecordingError) -> [Int] {
    guard has(name) else { return [] }
    let list = take(name)?.list ?? []
    let numbers = list.compactMap(\.integer).filter { (0..<100_000).contains($0) }
    guard !list.isEmpty, numbers.count == list.count else { throw wrong(name, "a list of indices") }
    return numbers.map(Int.init)
  }

  /// The members of an object.
  mutating func object(_ name: String) throws(RecordingError) -> RecordingMembers {
    guard let value = take(name), case .object = value else { throw wrong(name, "an object") }
    return RecordingMembers(value, line: line, in: "\(place)\(name).")
  }

  /// The rows of a list of lists; none where the member is absent.
  /// - Parameters:
  ///   - form: what a row is, for errors.
  ///   - read: nil for a row of another form.
  mutating func rows<Row>(
    _ name: String, of form: String, _ read: ([JSONValue]) -> Row?
  ) throws(RecordingError) -> [Row] {
    guard has(name) else { return [] }
    guard let list = take(name)?.list else { throw wrong(name, "a list of \(form)") }
    var rows: [Row] = []
    for (position, element) in list.enumerated() {
      guard let row = element.list.flatMap(read) else { throw wrong("\(name)[\(position)]", form) }
      rows.append(row)
    }
    return rows
  }

  /// One row.
  mutating func pair<Row>(
    _ name: String, of form: String, _ read: ([JSONValue]) -> Row?
  ) throws(RecordingError) -> Row {
    guard let row = take(name)?.list.flatMap(read) else { throw wrong(name, form) }
    return row
  }

  /// A number, or `whole`.
  mutating func weight(_ name: String) throws(RecordingError) -> Int32 {
    let value = take(name)
    if value?.text == "whole" { return TicketWeight.whole }
    guard let number = value?.integer, (1..<Int64(TicketWeight.whole)).contains(number) else {
      throw wrong(name, "a whole number from 1, or \"whole\"")
    }
    return Int32(number)
  }
}
