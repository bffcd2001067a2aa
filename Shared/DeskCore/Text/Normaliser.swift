/// A text as models and word lists read it: folded scalars and the kind of each.
///
/// A value can be filled again and again, so that a batch of messages needs the memory of one.
public struct NormalisedText: Sendable {
  /// Folded scalars: small letters, half width, plain accents, simplified characters, single spaces.
  public internal(set) var scalars: [UInt32] = []
  /// The `ScalarKind` of each scalar.
  public internal(set) var kinds: [UInt8] = []
  /// The number of scalars of each `ScriptSign` before folding.
  public internal(set) var signs = [Int](repeating: 0, count: 8)
  /// Capital letters and exclamation marks before folding: weak signals of urgency.
  public internal(set) var capitals = 0
  public internal(set) var exclamations = 0
  /// Whether the text exceeded the normaliser's bounds.
  public internal(set) var isTruncated = false

  public init() {}

  /// The folded text, for people and tests.
  public var string: String {
    var result = String.UnicodeScalarView()
    for scalar in scalars {
      if let value = Unicode.Scalar(scalar) {
        result.append(value)
      }
    }
    return String(result)
  }

  /// Empties it and keeps its memory.
  public mutating func removeAll() {
    scalars.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    for index in signs.indices {
      signs[index] = 0
    }
    capitals = 0
    exclamations = 0
    isTruncated = false
  }
}

/// Folds texts with the same meaning to the same scalars: compatibility forms, width, case, accents, traditional characters, invisible
/// characters and runs of white space.
///
/// `FoldedText` uses the same table, so that a rule's word and a model's n-gram match the same spellings.
public struct Normaliser: Sendable {
  private let table = ScalarTable.shared
  /// The limit.
  private let scalarLimit: Int
  private let byteLimit: Int

  /// - Parameters:
  ///   - scalarLimit: the maximum number of scalars of a normalised text; the rest is ignored.
  ///   - byteLimit: the number of UTF-8 bytes of a text that are read.
  public init(scalarLimit: Int, byteLimit: Int) {
    self.scalarLimit = scalarLimit
    self.byteLimit = byteLimit
  }

  /// The folded text.
  public func normalise(_ text: String) -> NormalisedText {
    var result = NormalisedText()
    append(text, to: &result)
    return result
  }

  /// Appends a text to `result`, separated by a space. Reads at most `byteLimit` bytes of it and stops at `scalarLimit` scalars; the rest
  /// is ignored and `isTruncated` is set.
  public func append(_ text: String, to result: inout NormalisedText) {
    var copy = text
    copy.withUTF8 { append(utf8: $0, to: &result) }
  }

  /// The same for a part of a string's UTF-8 that consists of whole scalars.
  public func append(utf8 bytes: UnsafeBufferPointer<UInt8>, to result: inout NormalisedText) {
    if result.scalars.last != nil && result.scalars.last != Self.space {
      push(ScalarTable.pack(Self.space, .space, .none), to: &result)
    }
    read(bytes, into: &result)
    if result.scalars.last == Self.space {
      result.scalars.removeLast()
      result.kinds.removeLast()
    }
  }

  private static let space: UInt32 = 0x20

  /// A Swift string's UTF-8 is always well-formed, so decoding only needs to check for the end.
  private func read(_ bytes: UnsafeBufferPointer<UInt8>, into result: inout NormalisedText) {
    let end = min(bytes.count, byteLimit)
    var index = 0
    table.entries.withUnsafeBufferPointer { entries in
      while index < end {
        if result.scalars.count >= scalarLimit {
          result.isTruncated = true
          return
        }
        let first = UInt32(bytes[index])
        let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard index + length <= end else { break }
        let scalar: UInt32 =
          switch length {
          case 1: first
          case 2: (first & 0x1F) << 6 | UInt32(bytes[index + 1] & 0x3F)
          case 3:
            (first & 0x0F) << 12 | UInt32(bytes[index + 1] & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F)
          default:
            (first & 0x07) << 18 | UInt32(bytes[index + 1] & 0x3F) << 12 | UInt32(bytes[index + 2] & 0x3F) << 6
              | UInt32(bytes[index + 3] & 0x3F)
          }
        index += length
        if scalar == 0x21 || scalar == 0xFF01 {
          result.exclamations += 1
        } else if scalar >= 0x41 && scalar <= 0x5A {
          result.capitals += 1
        }
        let entry = scalar < 0x10000 ? entries[Int(scalar)] : ScalarTable.entry(supplementary: scalar)
        if entry & ScalarTable.expansionFlag == 0 {
          push(entry, to: &result)
        } else {
          expand(entry & ~ScalarTable.expansionFlag, to: &result)
        }
      }
      if end < bytes.count {
        result.isTruncated = true
      }
    }
  }

  private func expand(_ start: UInt32, to result: inout NormalisedText) {
    let count = Int(table.expansions[Int(start)])
    for offset in 1...count where result.scalars.count < scalarLimit {
      push(table.expansions[Int(start) + offset], to: &result)
    }
  }

  @inline(__always)
  private func push(_ entry: UInt32, to result: inout NormalisedText) {
    let kind = UInt8(truncatingIfNeeded: entry >> 21 & 0x7)
    if kind == ScalarKind.dropped.rawValue { return }
    let scalar = entry & 0x1FFFFF
    if kind == ScalarKind.space.rawValue {
      guard let last = result.kinds.last, last != ScalarKind.space.rawValue else { return }
    }
    result.scalars.append(scalar)
    result.kinds.append(kind)
    result.signs[Int(entry >> 24 & 0x7)] += 1
  }
}
