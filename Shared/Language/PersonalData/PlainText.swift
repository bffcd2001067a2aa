internal import DeskCore

/// A text prepared for the personal-data search: folded by `ScalarTable`, without invisible characters, each scalar with its
/// position in the text.
struct PlainText {
  /// Folded scalars. Decimal digits of every script are ASCII; symbol digits (① and ²) are `sign + digit`.
  private(set) var scalars: [UInt32] = []
  /// Decimal and spelled digits.
  private(set) var digits = 0
  private(set) var holdsAt = false
  /// The position of each scalar in the text, followed by the text's length.
  private var places: [Int] = []

  /// Above every Unicode scalar: symbols that fold to a digit but are not digits in running text. A list's ① must not become
  /// part of the number after it.
  static let sign: UInt32 = 0x110000
  static let lineBreak: UInt32 = 0x0A
  static let at: UInt32 = 0x40

  init(_ text: String) {
    let table = ScalarTable.shared
    scalars.reserveCapacity(text.utf8.count)
    places.reserveCapacity(text.utf8.count + 1)
    var place = 0
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x41...0x5A: add(scalar.value | 0x20, place)
      case 0x20...0x7E: add(scalar.value, place)
      case 0x09: add(0x20, place)
      case 0x0A...0x0D, 0x85, 0x2028, 0x2029: add(Self.lineBreak, place)
      // Other control characters are invisible.
      case 0x00...0x1F, 0x7F: break
      default: table.fold(scalar) { folded, kind in add(folded, kind, of: scalar, place) }
      }
      place += 1
    }
    places.append(place)
  }

  /// Maps a range of the folded scalars to the text, including invisible characters within and after it.
  func origin(of range: Range<Int>) -> Range<Int> { places[range.lowerBound]..<places[range.upperBound] }

  private mutating func add(_ folded: UInt32, _ kind: ScalarKind, of source: Unicode.Scalar, _ place: Int) {
    guard kind == .word else { return add(folded, place) }
    let properties = source.properties
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return
    case .decimalNumber: add(0x30 + UInt32(properties.numericValue ?? 0), place)
    default:
      if properties.isDefaultIgnorableCodePoint { return }
      add(Self.isDigit(folded) ? Self.sign + folded - 0x30 : folded, place)
    }
  }

  private mutating func add(_ scalar: UInt32, _ place: Int) {
    scalars.append(scalar)
    places.append(place)
    if scalar == Self.at { holdsAt = true }
    if Self.isDigit(scalar) || Self.spelledDigit(scalar) != nil { digits += 1 }
  }

  // MARK: Scalars

  static func isDigit(_ scalar: UInt32) -> Bool { (0x30...0x39).contains(scalar) }

  static func isLatin(_ scalar: UInt32) -> Bool { (0x61...0x7A).contains(scalar) }

  /// Returns the digit that a Chinese numeral or a symbol digit stands for.
  static func spelledDigit(_ scalar: UInt32) -> UInt8? {
    switch scalar {
    case 0x3007, 0x96F6, 0x25CB: 0
    case 0x4E00, 0x5E7A, 0x58F9: 1
    case 0x4E8C, 0x8D30, 0x8CB3: 2
    case 0x4E09, 0x53C1: 3
    case 0x56DB, 0x8086: 4
    case 0x4E94, 0x4F0D: 5
    case 0x516D, 0x9646, 0x9678: 6
    case 0x4E03, 0x67D2: 7
    case 0x516B, 0x634C: 8
    case 0x4E5D, 0x7396: 9
    case sign...sign + 9: UInt8(scalar - sign)
    default: nil
    }
  }
}
