/// Splits bytes into rows and fields as in RFC 4180 and records where each begins.
struct CSVScanner {
  struct Field: Equatable {
    let text: String
    /// Where the field begins, from 1; the column counts characters (Unicode scalars).
    let line: Int
    let column: Int
  }

  struct Row: Equatable {
    let fields: [Field]
    let line: Int
  }

  private let bytes: [UInt8]
  private var position: Int
  private var line = 1
  /// Where the current line begins.
  private var lineStart: Int

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    lineStart = position
  }

  /// Returns the next row, or nil at the end.
  mutating func row() throws(LanguageError) -> Row? {
    guard position < bytes.count else { return nil }
    let rowLine = line
    var fields: [Field] = []
    while true {
      fields.append(try field())
      guard position < bytes.count, bytes[position] == Self.comma else { break }
      position += 1
    }
    endLine()
    return Row(fields: fields, line: rowLine)
  }

  private mutating func field() throws(LanguageError) -> Field {
    let start = (line: line, column: column(of: position))
    let isQuoted = position < bytes.count && bytes[position] == Self.quote
    let raw = try isQuoted ? quoted(start) : plain()
    guard raw.count <= LanguageLimits.labelledFieldBytes else {
      throw LanguageError(
        .csv, "a field of more than \(LanguageLimits.labelledFieldBytes) bytes", line: start.line, column: start.column,
        remedy: "check for an unclosed double quote before it, or shorten the text")
    }
    guard let text = String(validating: raw, as: UTF8.self) else {
      let quotes = isQuoted ? 1 : 0
      throw badText(raw, from: (start.line, start.column, quotes))
    }
    guard !raw.contains(0) else {
      throw LanguageError(
        .csv, "a NUL character", line: start.line, column: start.column, remedy: "save the file as UTF-8 text")
    }
    return Field(text: text, line: start.line, column: start.column)
  }

  private mutating func plain() throws(LanguageError) -> [UInt8] {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == Self.comma || byte == Self.lineFeed || isLineEnd(position) { break }
      if byte == Self.quote {
        throw LanguageError(
          .csv, "a double quote inside a field without quotes", line: line, column: column(of: position),
          remedy: "put the field in double quotes and double those inside")
      }
      position += 1
    }
    return Array(bytes[start..<position])
  }

  private mutating func quoted(_ start: (line: Int, column: Int)) throws(LanguageError) -> [UInt8] {
    var raw: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == Self.lineFeed {
        line += 1
        lineStart = position
      }
      guard byte == Self.quote else {
        raw.append(byte)
        continue
      }
      if position < bytes.count && bytes[position] == Self.quote {
        raw.append(byte)
        position += 1
        continue
      }
      guard position == bytes.count || bytes[position] == Self.comma || isLineEnd(position) else {
        throw LanguageError(
          .csv, "text after a closing double quote", line: line, column: column(of: position),
          remedy: "double the quotes inside a field, and end the field with a comma or a line end")
      }
      return raw
    }
    throw LanguageError(
      .csv, "a double quote that is never closed", line: start.line, column: start.column, remedy: "close the field")
  }

  private func isLineEnd(_ index: Int) -> Bool {
    bytes[index] == Self.lineFeed
      || bytes[index] == Self.carriageReturn && (index + 1 == bytes.count || bytes[index + 1] == Self.lineFeed)
  }

  private mutating func endLine() {
    guard position < bytes.count else { return }
    position += bytes[position] == Self.carriageReturn ? 1 : 0
    position += position < bytes.count && bytes[position] == Self.lineFeed ? 1 : 0
    line += 1
    lineStart = position
  }

  /// Returns the number of scalars between the start of the line and the index, plus 1: continuation bytes are not counted.
  private func column(of index: Int) -> Int {
    1 + bytes[lineStart..<index].count { $0 & 0xC0 != 0x80 }
  }

  private func badText(_ raw: [UInt8], from start: (line: Int, column: Int, quotes: Int)) -> LanguageError {
    var bad = raw.count
    var sound = 0
    while sound < raw.count {
      let length = raw[sound] < 0x80 ? 1 : raw[sound] < 0xE0 ? 2 : raw[sound] < 0xF0 ? 3 : 4
      let end = min(raw.count, sound + length)
      if String(validating: raw[sound..<end], as: UTF8.self) == nil {
        bad = sound
        break
      }
      sound = end
    }
    let before = raw[..<bad]
    let line = start.line + before.count { $0 == Self.lineFeed }
    let ahead = before.lastIndex(of: Self.lineFeed).map { before[($0 + 1)...] }
    // On the field's first line, its own column and the removed opening quote count too.
    let column = (ahead == nil ? start.column + start.quotes : 1) + (ahead ?? before).count { $0 & 0xC0 != 0x80 }
    return LanguageError(
      .csv, "the text is not UTF-8", line: line, column: column,
      remedy: "save the file as UTF-8, not as GBK, Latin-1 or UTF-16")
  }
}
