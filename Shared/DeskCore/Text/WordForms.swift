/// How folded scalars are changed for word search: full case folding, and one spelling for canonically equivalent texts.
///
/// Models were trained on texts without it, so it is separate from `ScalarTable`. Everything is derived from the standard library's
/// Unicode data at first use.
struct WordForms: Sendable {
  static let shared = WordForms()

  /// By folded scalar; an empty form drops it.
  private let forms: [UInt32: [UInt32]]

  /// The form of a folded scalar; nil if it does not change.
  func form(of scalar: UInt32) -> [UInt32]? {
    if (0xAC00...0xD7A3).contains(scalar) { return WordForms.jamo(of: scalar - 0xAC00) }
    return forms[scalar]
  }

  private init() {
    var forms: [UInt32: [UInt32]] = [:]
    for value in WordForms.casedRanges.joined() {
      if let form = WordForms.caseFolding(of: value) { forms[value] = form }
    }
    for script in WordForms.scripts { WordForms.decompose(script, into: &forms) }
    // Half-width kana carry their voice mark as a separate letter.
    forms[0xFF9E] = [0x3099]
    forms[0xFF9F] = [0x309A]
    for value in WordForms.invisible.joined() { forms[value] = [] }
    self.forms = forms
  }

  /// Invisible fillers and selectors that count as letters or marks, and marks that only frame a character (keycaps).
  private static let invisible: [ClosedRange<UInt32>] = [
    0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F, 0x20D0...0x20F0, 0x3164...0x3164,
  ]

  // MARK: Case

  /// The ranges of letters with case, except ASCII.
  private static let casedRanges: [ClosedRange<UInt32>] = [
    0x80...0x587, 0x10A0...0x13FF, 0x1C80...0x1FFF, 0x2C00...0x2DFF, 0xA640...0xABFF, 0xFB00...0xFB17,
  ]

  /// The small letters of a letter's capitals, which is where ß and ss, ſ and s, ς and σ coincide; nil if that is the letter itself.
  private static func caseFolding(of value: UInt32) -> [UInt32]? {
    guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenUppercased else { return nil }
    let capitals = scalar.properties.uppercaseMapping
    let folded = capitals.unicodeScalars.flatMap { $0.properties.lowercaseMapping.unicodeScalars.map(\.value) }
      .filter { !accents.contains($0) }
    return folded == [value] || folded == plain(value) ? nil : folded
  }

  // MARK: Canonical equivalence

  /// The letters of a script and the marks that follow them or are part of them.
  private struct Script {
    let letters: [ClosedRange<UInt32>]
    let marks: [UInt32]
  }

  private static let accents: ClosedRange<UInt32> = 0x300...0x36F

  private static let scripts = [
    // Latin letters that `ScalarTable` keeps.
    Script(
      letters: [0xE6...0xE6, 0xF8...0xF8, 0x17F...0x17F, 0x1E2...0x1FF, 0x292...0x292, 0x1E9B...0x1E9B],
      marks: [0x301, 0x304, 0x307, 0x30C]),
    // Greek
    Script(
      letters: [0x3AC...0x3D6, 0x1F00...0x1FFC],
      marks: [0x300, 0x301, 0x304, 0x306, 0x308, 0x313, 0x314, 0x342, 0x345]),
    // Cyrillic
    Script(letters: [0x430...0x52F], marks: [0x300, 0x301, 0x304, 0x306, 0x308, 0x30B, 0x30F]),
    // Hebrew
    Script(
      letters: [0x5D0...0x5F2, 0xFB1D...0xFB4E], marks: [0x5B4, 0x5B7, 0x5B8, 0x5B9, 0x5BC, 0x5BF, 0x5C1, 0x5C2]),
    // Arabic
    Script(letters: [0x621...0x64A, 0x6C0...0x6D5], marks: [0x653, 0x654, 0x655]),
    // Devanagari, Bengali, Gurmukhi, Oriya, Tamil, Telugu, Kannada, Malayalam, Sinhala, Tibetan, Myanmar, Balinese
    Script(letters: [0x905...0x939, 0x958...0x95F], marks: [0x93C]),
    Script(letters: [0x985...0x9DF], marks: [0x9BC, 0x9BE, 0x9D7]),
    Script(letters: [0xA05...0xA5E], marks: [0xA3C]),
    Script(letters: [0xB05...0xB5D], marks: [0xB3C, 0xB3E, 0xB56, 0xB57]),
    Script(letters: [0xB92...0xBCC], marks: [0xBBE, 0xBD7]),
    Script(letters: [0xC46...0xC48], marks: [0xC56]),
    Script(letters: [0xCBF...0xCCB], marks: [0xCC2, 0xCD5, 0xCD6]),
    Script(letters: [0xD46...0xD4C], marks: [0xD3E, 0xD57]),
    Script(letters: [0xDD9...0xDDE], marks: [0xDCA, 0xDCF, 0xDDF]),
    Script(letters: [0xF40...0xFB9], marks: [0xF80, 0xFB5, 0xFB7]),
    Script(letters: [0x1025...0x1026], marks: [0x102E]),
    Script(letters: [0x1B05...0x1B43], marks: [0x1B35]),
    // Kana
    Script(letters: [0x3046...0x309E, 0x30A6...0x30FE], marks: [0x3099, 0x309A]),
  ]

  /// Finds which letters are a letter and a mark. Canonically equivalent strings are equal, and no other information is needed.
  private static func decompose(_ script: Script, into forms: inout [UInt32: [UInt32]]) {
    var letters: [String: UInt32] = [:]
    var twins: [(value: UInt32, first: UInt32)] = []
    for value in script.letters.joined() {
      guard let letter = Unicode.Scalar(value) else { continue }
      let text = String(Character(letter))
      // The first of several equivalent characters represents all of them.
      if let first = letters[text] {
        twins.append((value, first))
      } else {
        letters[text] = value
      }
    }
    var parts: [UInt32: (letter: UInt32, mark: UInt32)] = [:]
    for (text, value) in letters {
      for mark in script.marks {
        guard let scalar = Unicode.Scalar(mark) else { continue }
        var composed = text.unicodeScalars
        composed.append(scalar)
        if let found = letters[String(composed)] { parts[found] = (value, mark) }
      }
    }
    for composed in parts.keys {
      var letter = composed
      var marks: [UInt32] = []
      while let part = parts[letter] {
        letter = part.letter
        if !accents.contains(part.mark) { marks.append(part.mark) }
      }
      // In the order of equivalent texts: by combining class.
      marks = marks.reversed().sorted { combiningClass($0) < combiningClass($1) }
      forms[composed] = (forms[letter] ?? plain(letter)) + marks
    }
    for (value, first) in twins { forms[value] = forms[first] ?? plain(first) }
  }

  private static func combiningClass(_ mark: UInt32) -> UInt8 {
    Unicode.Scalar(mark)?.properties.canonicalCombiningClass.rawValue ?? 0
  }

  /// The form that `ScalarTable` gives a letter.
  private static func plain(_ value: UInt32) -> [UInt32] {
    let table = ScalarTable.shared
    let entry = table.entries[Int(value)]
    guard entry & ScalarTable.expansionFlag != 0 else { return [entry & 0x1FFFFF] }
    let start = Int(entry & ~ScalarTable.expansionFlag)
    return (1...Int(table.expansions[start])).map { table.expansions[start + $0] & 0x1FFFFF }
  }

  /// A Hangul syllable as its letters (The Unicode Standard, 3.12).
  private static func jamo(of syllable: UInt32) -> [UInt32] {
    let tail = syllable % 28
    let head = [0x1100 + syllable / 588, 0x1161 + syllable % 588 / 28]
    return tail == 0 ? head : head + [0x11A7 + tail]
  }
}
