/// The properties of a scalar for models and word lists, computed once for the whole Basic Multilingual Plane.
///
/// An entry packs the folded scalar (compatibility form, small letter, accent, simplified form), its `ScalarKind` and its `ScriptSign`
/// into 32 bits, so that normalising a character is one lookup without allocation.
public struct ScalarTable: Sendable {
  /// Built once, at first use.
  public static let shared = ScalarTable()

  let entries: [UInt32]
  /// Scalars of the forms that expand to several; the first of each group is its length.
  let expansions: [UInt32]

  private init() {
    var builder = ScalarTableBuilder()
    builder.build()
    entries = builder.entries
    expansions = builder.expansions
  }

  /// Passes on the folded form of a scalar and the kind of each part: usually one, several for a form that expands to several, none for a
  /// dropped scalar.
  public func fold(_ scalar: Unicode.Scalar, _ body: (UInt32, ScalarKind) -> Void) {
    func hand(_ entry: UInt32) {
      let kind = ScalarKind(rawValue: UInt8(truncatingIfNeeded: entry >> 21 & 0x7)) ?? .dropped
      if kind != .dropped { body(entry & 0x1FFFFF, kind) }
    }
    let entry = scalar.value < 0x10000 ? entries[Int(scalar.value)] : ScalarTable.entry(supplementary: scalar.value)
    guard entry & ScalarTable.expansionFlag != 0 else { return hand(entry) }
    let start = Int(entry & ~ScalarTable.expansionFlag)
    for offset in 1...Int(expansions[start]) { hand(expansions[start + offset]) }
  }

  /// The entry of a scalar outside the Basic Multilingual Plane.
  static func entry(supplementary scalar: UInt32) -> UInt32 {
    switch scalar {
    case 0x1D400...0x1D7FF:
      return mathematical(scalar)
    case 0x1F100...0x1FAFF:
      return pack(scalar, .symbol, .none)
    case 0x20000...0x3FFFD:
      return pack(scalar, .han, .han)
    case 0xE0000...0xE0FFF:
      return pack(0, .dropped, .none)
    default:
      guard let value = Unicode.Scalar(scalar) else { return pack(0, .dropped, .none) }
      return value.properties.isAlphabetic ? pack(scalar, .word, .otherLetter) : pack(scalar, .symbol, .none)
    }
  }

  /// Thirteen Latin alphabets in a row, from U+1D400, then Greek ones, then five rows of digits.
  private static func mathematical(_ scalar: UInt32) -> UInt32 {
    if scalar < 0x1D6A4 {
      return pack(0x61 + (scalar - 0x1D400) % 26, .word, .latin)
    }
    if scalar >= 0x1D7CE {
      return pack(0x30 + (scalar - 0x1D7CE) % 10, .word, .digit)
    }
    return pack(scalar, .word, .otherLetter)
  }

  static let expansionFlag: UInt32 = 1 << 31

  static func pack(_ scalar: UInt32, _ kind: ScalarKind, _ script: ScriptSign) -> UInt32 {
    scalar | UInt32(kind.rawValue) << 21 | UInt32(script.rawValue) << 24
  }
}

/// How the features classify a scalar.
public enum ScalarKind: UInt8, Sendable {
  /// Invisible: dropped.
  case dropped = 0
  /// Separates words.
  case space = 1
  /// A Chinese character: a complete word, or half of one.
  case han = 2
  /// A letter or digit of any other script.
  case word = 3
  /// Punctuation, signs and emoji.
  case symbol = 4
}

/// What a scalar indicates about the language.
public enum ScriptSign: UInt8, Sendable {
  case none = 0
  case digit = 1
  case latin = 2
  /// Chinese, the same in traditional and simplified script.
  case han = 3
  case hanSimplified = 4
  case hanTraditional = 5
  /// Kana, Hangul, Cyrillic, Arabic and all others.
  case otherLetter = 6
}

/// Fills the table; used once.
private struct ScalarTableBuilder {
  var entries = [UInt32](repeating: 0, count: 0x10000)
  var expansions: [UInt32] = []
  private var compatibility: [UInt32: [UInt32]] = [:]
  private var plainLetter: [UInt32: UInt32] = [:]
  private var simplified: [UInt32: UInt32] = [:]
  /// Characters that indicate neither script.
  private var shared: Set<UInt32> = []
  private var simplifiedOnly: Set<UInt32> = []

  mutating func build() {
    collectForms()
    for value in UInt32(0)..<0x10000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      entries[Int(value)] = entry(of: scalar)
    }
  }

  private mutating func collectForms() {
    for run in CompatibilityForms.runs {
      for (offset, target) in run.targets.unicodeScalars.enumerated() {
        compatibility[run.first + UInt32(offset)] = [target.value]
      }
    }
    for run in CompatibilityForms.spelledOut {
      for (offset, target) in run.targets.split(separator: " ").enumerated() {
        compatibility[run.first + UInt32(offset)] = target.unicodeScalars.map(\.value)
      }
    }
    for form in UInt32(0xFF01)...0xFF5E {
      compatibility[form] = [form - 0xFEE0]
    }
    for (plain, letters) in CompatibilityForms.accented {
      for letter in letters {
        plainLetter[letter] = plain
      }
    }
    shared = Set(TraditionalForms.sharedByBoth.unicodeScalars.map(\.value))
    let pairs = Array(TraditionalForms.pairs.unicodeScalars.map(\.value))
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      simplified[pairs[index]] = pairs[index + 1]
      if !shared.contains(pairs[index + 1]) {
        simplifiedOnly.insert(pairs[index + 1])
      }
    }
  }

  private mutating func entry(of scalar: Unicode.Scalar) -> UInt32 {
    var folded: [UInt32] = []
    for part in compatibility[scalar.value] ?? [scalar.value] {
      guard let partScalar = Unicode.Scalar(part) else { continue }
      for lower in partScalar.properties.lowercaseMapping.unicodeScalars where !isCombiningAccent(lower.value) {
        folded.append(plainLetter[lower.value] ?? lower.value)
      }
    }
    guard folded.count > 1 else {
      return single(folded.first ?? scalar.value)
    }
    let start = UInt32(expansions.count)
    expansions.append(UInt32(folded.count))
    for part in folded {
      expansions.append(single(part))
    }
    return start | ScalarTable.expansionFlag
  }

  private func single(_ value: UInt32) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return ScalarTable.pack(0, .dropped, .none) }
    if isHan(value) {
      if let target = simplified[value] {
        return ScalarTable.pack(target, .han, shared.contains(value) ? .han : .hanTraditional)
      }
      return ScalarTable.pack(value, .han, simplifiedOnly.contains(value) ? .hanSimplified : .han)
    }
    if isCombiningAccent(value) || (0xFE00...0xFE0F).contains(value) || value == 0xFEFF {
      return ScalarTable.pack(0, .dropped, .none)
    }
    switch scalar.properties.generalCategory {
    case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator:
      return ScalarTable.pack(0x20, .space, .none)
    case .format, .surrogate, .privateUse, .unassigned:
      return ScalarTable.pack(0, .dropped, .none)
    case .decimalNumber, .letterNumber, .otherNumber:
      return ScalarTable.pack(value, .word, .digit)
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      let isLatin = value < 0x250 || (0x1E00...0x1EFF).contains(value)
      return ScalarTable.pack(value, .word, isLatin ? .latin : .otherLetter)
    case .nonspacingMark, .spacingMark, .enclosingMark:
      return ScalarTable.pack(value, .word, .otherLetter)
    default:
      return ScalarTable.pack(plainPunctuation(value), .symbol, .none)
    }
  }

  /// Typographic quotes and dashes depend on the keyboard; an apostrophe inside a word must not.
  private func plainPunctuation(_ value: UInt32) -> UInt32 {
    switch value {
    case 0x2018, 0x2019, 0x201B, 0x60: 0x27
    case 0x201C, 0x201D, 0x201E, 0x201F: 0x22
    case 0x2010...0x2015: 0x2D
    case 0x3002: 0x2E
    case 0x3001: 0x2C
    default: value
    }
  }

  private func isCombiningAccent(_ value: UInt32) -> Bool {
    (0x300...0x36F).contains(value)
  }

  private func isHan(_ value: UInt32) -> Bool {
    (0x4E00...0x9FFF).contains(value) || (0x3400...0x4DBF).contains(value) || value == 0x3005 || value == 0x3007
      || (0xF900...0xFAFF).contains(value)
  }
}
