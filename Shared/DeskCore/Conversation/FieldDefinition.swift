/// The name of a field of tickets.
public typealias FieldName = Key<FieldDefinition>

/// A field of tickets that customers' answers fill, and what a value of it looks like.
public struct FieldDefinition: Hashable, Sendable {
  /// What a value looks like.
  public enum Kind: Hashable, Sendable {
    /// A token of 6 to 32 ASCII letters, digits and hyphens with at least five digits, which is not a date.
    case orderNumber
    /// A text of one of these forms.
    case pattern([FieldPattern])
    /// A day, kept as `2026-03-02`. Words such as "yesterday" are read in the calendar's time zone.
    case date(CalendarID)
    /// One of several names.
    case choice([FieldChoice])
    /// Any text, cut after this many characters (Unicode scalars).
    case text(atMost: Int)
  }

  /// The field's name.
  public let name: FieldName
  /// What a value looks like.
  public let kind: Kind

  /// Describes a field.
  public init(_ name: FieldName, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// Whether its values are codes, which do not occur by chance.
  var isCode: Bool {
    switch kind {
    case .orderNumber, .pattern: true
    case .date, .choice, .text: false
    }
  }
}

/// One of the values of a field, and how customers call it.
public struct FieldChoice: Hashable, Sendable {
  /// The value.
  public let value: String
  /// What customers write, in any language.
  public let words: WordList

  /// Describes a choice.
  public init(_ value: String, words: WordList) {
    self.value = value
    self.words = words
  }
}

/// The form of a code: `0` stands for a digit, `A` for a letter, anything else for itself.
///
/// Case and width do not matter, and a hyphen may be missing or be a space: `FD-0000` finds `fd1234` and `ＦＤ 1234`, and keeps `FD-1234`.
/// What precedes and follows must not be an ASCII letter or digit. A search takes time proportional to the text.
public struct FieldPattern: Hashable, Sendable {
  /// The maximum length.
  public static let longest = 40
  /// The minimum number of digits and letters that stand for others; fewer would be found in any message.
  public static let fewestPlaces = 4

  /// The form as the policy writes it.
  public let form: String
  private let parts: [UInt8]

  /// Reads a form of printable ASCII characters; nil when it is longer than `longest`, has fewer than `fewestPlaces` places to fill, or
  /// does not begin and end with a letter or digit.
  public init?(_ form: String) {
    let parts = Array(form.utf8)
    guard (1...FieldPattern.longest).contains(parts.count), parts.allSatisfy({ (0x21...0x7E).contains($0) }),
      parts.count(where: { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "A") }) >= FieldPattern.fewestPlaces,
      let first = parts.first, let last = parts.last, first.isASCIIAlphanumeric, last.isASCIIAlphanumeric
    else { return nil }
    self.form = form
    self.parts = parts
  }

  public static func == (left: Self, right: Self) -> Bool { left.parts == right.parts }

  public func hash(into hasher: inout Hasher) { hasher.combine(parts) }

  /// Reads a value that begins at a place of a folded text.
  /// - Returns: the value in the form's spelling, and where it ends; nil when there is none.
  func value(in text: [UInt32], at start: Int) -> (value: String, end: Int)? {
    var value: [UInt8] = []
    var place = start
    for part in parts {
      if part == UInt8(ascii: "-") {
        if place < text.count, text[place] == 0x2D || text[place] == 0x20 { place += 1 }
        value.append(part)
        continue
      }
      guard place < text.count, let scalar = UInt8(exactly: text[place]), scalar < 0x80 else { return nil }
      switch part {
      case UInt8(ascii: "0"): guard scalar.isASCIIDigit else { return nil }
      case UInt8(ascii: "A"): guard scalar.isASCIIAlphanumeric, !scalar.isASCIIDigit else { return nil }
      default: guard scalar.asciiUppercased == part.asciiUppercased else { return nil }
      }
      value.append(part == UInt8(ascii: "0") || part == UInt8(ascii: "A") ? scalar.asciiUppercased : part)
      place += 1
    }
    return (String(decoding: value, as: UTF8.self), place)
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isASCIIAlphanumeric: Bool {
    isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
      || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }

  var asciiUppercased: UInt8 { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 0x20 : self }
}
