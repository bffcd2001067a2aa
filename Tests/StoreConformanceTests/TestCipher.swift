import Store

/// A cipher without cryptography: what it seals cannot be found as text, and opens only with its key and at its place.
struct TestCipher: WordCipher {
  /// The first one seals, unless it is `plain`.
  let names: [String]

  init(_ names: String...) { self.names = names }

  var sealingKey: String? { names[0] == "plain" ? nil : names[0] }

  func seal(_ text: String, at place: String) -> (key: String, box: String)? {
    sealingKey.map { ($0, Self.hexadecimal(Self.mixed(Array(text.utf8))) + "." + Self.tag(text, $0, place)) }
  }

  func open(_ box: String, under key: String, at place: String) throws(WordSealError) -> String {
    guard names.contains(key) else { throw .unknownKey(key) }
    let parts = box.split(separator: ".")
    guard parts.count == 2, let bytes = Self.bytes(parts[0]) else { throw .unreadable }
    let text = String(decoding: Self.mixed(bytes), as: UTF8.self)
    guard Self.tag(text, key, place) == parts[1] else { throw .unreadable }
    return text
  }

  private static func mixed(_ bytes: [UInt8]) -> [UInt8] {
    bytes.enumerated().map { place, byte in byte ^ UInt8(truncatingIfNeeded: 0xA5 &+ place &* 31) }
  }

  /// FNV-1a.
  private static func tag(_ parts: String...) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in parts.joined(separator: "\u{1F}").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let digits = text.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    let known = digits.compactMap(\.self)
    return stride(from: 0, to: known.count, by: 2).map { known[$0] << 4 | known[$0 + 1] }
  }
}

extension TestDesk {
  /// The same desk, as a process with these keys has it; without any, as one without.
  func with(keys cipher: TestCipher?) -> TestDesk {
    TestDesk(store: DeskStore(pool: store.pool, words: WordCodec(cipher)))
  }

  /// Stores all words as the keys say.
  /// - Returns: the rows that were changed, and those that could not be read.
  func resealAll(discarding lost: [String] = []) async throws -> (changed: Int, unreadable: Int) {
    var all = WordTally()
    for table in WordTable.allCases {
      var cursor: WordCursor? = WordCursor(before: table)
      while let place = cursor {
        let (tally, next) = try await store.wordKeys.reseal(after: place, discarding: lost)
        all.add(tally)
        cursor = next
      }
    }
    return (all.changed, all.unreadable)
  }

  /// The texts by the key that they are sealed with, nil for those that are stored as they are.
  func texts() async throws -> [String?: Int] {
    var all = WordTally()
    for table in WordTable.allCases {
      var cursor: WordCursor? = WordCursor(before: table)
      while let place = cursor {
        let (tally, next) = try await store.wordKeys.count(after: place)
        all.add(tally)
        cursor = next
      }
    }
    return all.texts
  }
}
