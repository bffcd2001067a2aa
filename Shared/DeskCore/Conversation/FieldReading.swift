/// What a message says about a field.
public enum FieldReading: Hashable, Sendable {
  /// It contains this value and no other.
  case value(String)
  /// It contains several values, so that it is not clear which one is meant.
  case several

  /// The value, if it is clear.
  public var value: String? {
    if case .value(let value) = self { value } else { nil }
  }
}

/// A message in which the values of fields are looked for.
public struct FieldSource: Sendable {
  /// The maximum number of characters (folded scalars) that are searched.
  static let longestSearch = 4_000

  private let scalars: [UInt32]
  private let folded: FoldedText
  private let raw: String
  private let now: Instant

  /// Describes a message.
  /// - Parameters:
  ///   - raw: the text as the customer wrote it.
  ///   - now: when it is read, for dates without a year and for words such as "yesterday".
  public init(_ raw: String, folded: FoldedText, at now: Instant) {
    self.raw = raw
    self.folded = folded
    self.now = now
    scalars = Array(folded.scalars.prefix(FieldSource.longestSearch))
  }

  /// Looks for the value of a field.
  ///
  /// - Parameters:
  ///   - isAsked: whether the customer was asked for it last: the number of a choice, or any text, is a value then.
  ///   - calendars: the policy's calendars, for their time zones.
  /// - Returns: nil when there is none.
  public func reading(
    of field: FieldDefinition, isAsked: Bool, calendars: [CalendarID: BusinessCalendar]
  ) -> FieldReading? {
    switch field.kind {
    case .orderNumber: one(of: orderNumbers)
    case .pattern(let patterns): one(of: values(of: patterns))
    case .date(let calendar):
      one(of: days(in: (calendars[calendar] ?? .always).zone).map(\.description))
    case .choice(let choices): choice(among: choices, isAsked: isAsked)
    case .text(let longest): isAsked ? text(atMost: longest) : nil
    }
  }

  /// The maximum number of words without digits, or of CJK characters, of a message that contains little but values: "my order number is".
  private static let fewestWords = 6

  /// Whether the message contains little but values.
  var isBare: Bool {
    if scalars.count > ConversationPolicy.longestAct { return false }
    let words = tokens.count { token in
      !token.contains { UInt8(exactly: $0)?.isASCIIDigit == true } && token.contains { $0 != 0x2D }
    }
    let others = scalars.count { scalar in
      scalar >= 0x80 && Unicode.Scalar(scalar)?.properties.isAlphabetic == true
    }
    return words + others <= FieldSource.fewestWords
  }

  private func one(of values: [String]) -> FieldReading? {
    guard let first = values.first else { return nil }
    return values.allSatisfy { $0.hasSameBytes(as: first) } ? .value(first) : .several
  }

  // MARK: Codes

  private func isWord(at place: Int) -> Bool {
    guard scalars.indices.contains(place), let byte = UInt8(exactly: scalars[place]) else { return false }
    return byte.isASCIIAlphanumeric
  }

  private func values(of patterns: [FieldPattern]) -> [String] {
    var found: [String] = []
    for pattern in patterns {
      var place = 0
      while place < scalars.count {
        if !isWord(at: place - 1), let match = pattern.value(in: scalars, at: place), !isWord(at: match.end) {
          found.append(match.value)
          place = match.end
        } else {
          place += 1
        }
      }
    }
    return found
  }

  /// Tokens of ASCII letters, digits and hyphens.
  private var tokens: [ArraySlice<UInt32>] {
    scalars.split { scalar in
      guard let byte = UInt8(exactly: scalar) else { return true }
      return !byte.isASCIIAlphanumeric && byte != UInt8(ascii: "-")
    }
  }

  private var orderNumbers: [String] {
    tokens.compactMap { token in
      let trimmed = token.drop { $0 == 0x2D }
      let bytes = trimmed.compactMap { UInt8(exactly: $0)?.asciiUppercased }
      guard (6...32).contains(bytes.count), bytes.count(where: \.isASCIIDigit) >= 5 else { return nil }
      let parts = bytes.split(separator: UInt8(ascii: "-"))
      let isDay = parts.count == 3 && parts.allSatisfy { $0.allSatisfy(\.isASCIIDigit) && $0.count <= 4 }
      return isDay || bytes.last == UInt8(ascii: "-") ? nil : String(decoding: bytes, as: UTF8.self)
    }
  }

  // MARK: Choices and texts

  private func choice(among choices: [FieldChoice], isAsked: Bool) -> FieldReading? {
    let found = choices.filter { $0.words.found(in: folded) != nil }
    if found.count > 1 { return .several }
    if let only = found.first { return .value(only.value) }
    guard isAsked, (1...2).contains(scalars.count), let number = FieldSource.number(scalars[...]),
      choices.indices.contains(number - 1)
    else { return nil }
    return .value(choices[number - 1].value)
  }

  private func text(atMost longest: Int) -> FieldReading? {
    let shown = raw.unicodeScalars.drop { $0.properties.isWhitespace }
    var text = ""
    text.unicodeScalars.append(
      contentsOf: shown.prefix(longest).map { $0.properties.generalCategory == .control ? " " : $0 })
    while text.unicodeScalars.last?.properties.isWhitespace == true { text.unicodeScalars.removeLast() }
    return text.isBlank ? nil : .value(text)
  }

  // MARK: Days

  /// A number, a word of ASCII letters, or another scalar.
  private enum Piece: Equatable {
    case number(Int, digits: Int)
    case word(String)
    case other(UInt32)
  }

  /// The days that the message names. A day without a year is the one nearest to today; a day and a month as two numbers are not read,
  /// since their order differs between countries.
  private func days(in zone: ZoneOffsets) -> [CivilDay] {
    let today = CivilDay(sinceEpoch: zone.localDay(of: now))
    let pieces = self.pieces
    var days: [CivilDay] = []
    var place = 0
    while place < pieces.count {
      let rest = pieces[place...]
      if let (day, length) = FieldSource.day(at: rest, today: today) {
        days.append(day)
        place += length
      } else {
        place += 1
      }
    }
    return days + relativeDays(today: today)
  }

  private func relativeDays(today: CivilDay) -> [CivilDay] {
    // Longer names first: "the day before yesterday" contains "yesterday".
    if FieldSource.dayBefore.found(in: folded) != nil { return [today + -2] }
    return [(FieldSource.sameDay, 0), (FieldSource.previousDay, -1)].compactMap { words, days in
      words.found(in: folded) == nil ? nil : today + days
    }
  }

  private static let sameDay: WordList = ["today", "this morning", "今天", "今日", "今早"]
  private static let previousDay: WordList = ["yesterday", "last night", "昨天", "昨日", "昨晚"]
  private static let dayBefore: WordList = ["day before yesterday", "前天"]

  private var pieces: [Piece] {
    var pieces: [Piece] = []
    var place = 0
    while place < scalars.count {
      let run = scalars[place...].prefix { UInt8(exactly: $0)?.isASCIIDigit == true }
      let letters = scalars[place...].prefix { (0x61...0x7A).contains($0) }
      if !run.isEmpty {
        pieces.append(.number(FieldSource.number(run) ?? -1, digits: run.count))
        place = run.endIndex
      } else if !letters.isEmpty {
        pieces.append(.word(String(decoding: letters.prefix(12).compactMap { UInt8(exactly: $0) }, as: UTF8.self)))
        place = letters.endIndex
      } else {
        // White space between parts of a date carries nothing.
        if scalars[place] != 0x20 { pieces.append(.other(scalars[place])) }
        place += 1
      }
    }
    return pieces
  }

  private static func number(_ digits: ArraySlice<UInt32>) -> Int? {
    guard (1...4).contains(digits.count) else { return nil }
    var value = 0
    for digit in digits {
      guard let byte = UInt8(exactly: digit), byte.isASCIIDigit else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value
  }

  /// Reads the day that begins with the first of the pieces.
  private static func day(at pieces: ArraySlice<Piece>, today: CivilDay) -> (day: CivilDay, length: Int)? {
    func piece(_ offset: Int) -> Piece? {
      let place = pieces.startIndex + offset
      return pieces.indices.contains(place) ? pieces[place] : nil
    }
    func small(_ offset: Int) -> Int? {
      if case .number(let value, let digits) = piece(offset), digits <= 2 { value } else { nil }
    }
    func year(_ offset: Int) -> Int? {
      if case .number(let value, digits: 4) = piece(offset), CivilDay.years.contains(value) { value } else { nil }
    }
    func mark(_ offset: Int, _ marks: [UInt32]) -> Bool {
      if case .other(let scalar) = piece(offset) { marks.contains(scalar) } else { false }
    }
    func month(_ offset: Int) -> Int? {
      guard case .word(let word) = piece(offset) else { return nil }
      let names = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
      ]
      return names.firstIndex { $0 == word || $0.prefix(3) == word || (word == "sept" && $0 == "september") }
        .map { $0 + 1 }
    }
    func nearest(month: Int, day: Int) -> CivilDay? {
      let years = (today.components.year - 1)...(today.components.year + 1)
      return years.compactMap { CivilDay(year: $0, month: month, day: day) }
        .min { abs($0.sinceEpoch - today.sinceEpoch) < abs($1.sinceEpoch - today.sinceEpoch) }
    }
    let yearMark: UInt32 = 0x5E74  // 年
    let monthMark: UInt32 = 0x6708  // 月
    let dayMarks: [UInt32] = [0x65E5, 0x53F7]  // 日, 号
    // 2026-03-02, 2026/3/2, 2026.3.2, 2026年3月2日
    if let y = year(0), mark(1, [0x2D, 0x2F, 0x2E, yearMark]), let m = small(2),
      mark(3, [0x2D, 0x2F, 0x2E, monthMark]), let d = small(4), let day = CivilDay(year: y, month: m, day: d)
    {
      return (day, mark(5, dayMarks) ? 6 : 5)
    }
    // 3月2日
    if let m = small(0), mark(1, [monthMark]), let d = small(2), mark(3, dayMarks), let day = nearest(month: m, day: d)
    {
      return (day, 4)
    }
    // 2 March 2026, 2nd of March
    if let d = small(0) {
      var next = 1
      if case .word(let word) = piece(next), ["st", "nd", "rd", "th"].contains(word) { next += 1 }
      if case .word("of") = piece(next) { next += 1 }
      guard let m = month(next) else { return nil }
      let comma = mark(next + 1, [0x2C]) ? 1 : 0
      if let y = year(next + 1 + comma) {
        return CivilDay(year: y, month: m, day: d).map { ($0, next + 2 + comma) }
      }
      return nearest(month: m, day: d).map { ($0, next + 1) }
    }
    // March 2, 2026
    if let m = month(0), let d = small(1) {
      var next = 2
      if case .word(let word) = piece(next), ["st", "nd", "rd", "th"].contains(word) { next += 1 }
      let comma = mark(next, [0x2C]) ? 1 : 0
      if let y = year(next + comma) { return CivilDay(year: y, month: m, day: d).map { ($0, next + 1 + comma) } }
      return nearest(month: m, day: d).map { ($0, next) }
    }
    return nil
  }
}
