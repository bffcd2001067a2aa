/// An IPv4 or IPv6 address, as a number in network order.
public enum IPAddress: Sendable, Hashable {
  case v4(UInt32)
  case v6(UInt128)

  /// Parses dotted decimal (exactly four parts, no leading zeros) or RFC 4291 text, optionally in URL brackets
  /// and with a zone, which is dropped. Nil for anything else.
  public init?(_ text: String) {
    var text = Substring(text)
    if text.hasPrefix("["), text.hasSuffix("]") {
      text = text.dropFirst().dropLast()
      guard text.contains(":") else { return nil }
    }
    if text.contains(":") {
      let unzoned = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)[0]
      guard let value = Self.readVersion6(unzoned) else { return nil }
      self = .v6(value)
    } else {
      guard let value = Self.readVersion4(text) else { return nil }
      self = .v4(value)
    }
  }

  /// Also parses the historic IPv4 notations that the C library and browsers accept: one to four parts, each decimal,
  /// octal (`0…`) or hexadecimal (`0x…`), the last filling the remaining bytes. A guard must recognise them, because
  /// `http://2130706433/` is the loopback.
  public init?(lenient text: String) {
    if let strict = IPAddress(text) {
      self = strict
      return
    }
    guard let value = Self.readHistoric(text) else { return nil }
    self = .v4(value)
  }

  private static func readVersion4(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(\.isASCIIDigit), let number = UInt8(part),
        part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0")
      else { return nil }
      value = value << 8 | UInt32(number)
    }
    return value
  }

  private static func readHistoric(_ text: String) -> UInt32? {
    var parts = text.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
    guard (1...4).contains(parts.count) else { return nil }
    let numbers = parts.compactMap(readNumber)
    guard numbers.count == parts.count else { return nil }
    var value: UInt64 = 0
    for number in numbers.dropLast() {
      guard number <= 0xFF else { return nil }
      value = value << 8 | number
    }
    let remainingBits = UInt64(8 * (5 - numbers.count))
    guard let last = numbers.last, last < 1 << remainingBits else { return nil }
    return UInt32(value << remainingBits | last)
  }

  private static func readNumber(_ part: Substring) -> UInt64? {
    guard part.utf8.allSatisfy({ $0.isASCIIDigit || $0.isASCIILetter }) else { return nil }
    if part.lowercased().hasPrefix("0x") {
      let digits = part.dropFirst(2)
      return digits.isEmpty ? 0 : UInt64(digits, radix: 16)
    }
    if part.count > 1, part.hasPrefix("0") { return UInt64(part, radix: 8) }
    return UInt64(part, radix: 10)
  }

  private static func readVersion6(_ text: Substring) -> UInt128? {
    guard text.utf8.count <= 45, let halves = splitAtGap(text) else { return nil }
    guard let tail = readGroups(halves.tail),
      let head = readGroups(halves.head), !halves.head.contains(".")
    else { return nil }
    let known = head.count + tail.count
    guard halves.hasGap ? known < 8 : known == 8 else { return nil }
    let groups = head + Array(repeating: 0, count: 8 - known) + tail
    return groups.reduce(0) { $0 << 16 | UInt128($1) }
  }

  private static func splitAtGap(_ text: Substring) -> (head: Substring, tail: Substring, hasGap: Bool)? {
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      if next < text.endIndex, text[index] == ":", text[next] == ":" {
        return (text[..<index], text[text.index(after: next)...], true)
      }
      index = next
    }
    return (Substring(), text, false)
  }

  /// Parses colon-separated groups, of which the last may be dotted decimal and then counts as two.
  private static func readGroups(_ text: Substring) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if part.contains(".") {
        guard index == parts.count - 1, let dotted = readVersion4(part) else { return nil }
        groups.append(UInt16(dotted >> 16))
        groups.append(UInt16(truncatingIfNeeded: dotted))
      } else {
        guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy({ $0.isASCIIDigit || $0.isASCIILetter }),
          let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }
}

// MARK: - Writing

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or the shortest form of RFC 5952 in lower case.
  public var description: String {
    switch self {
    case .v4(let value):
      return [24, 16, 8, 0].map { String(value >> $0 & 0xFF) }.joined(separator: ".")
    case .v6(let value):
      let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128(112 - 16 * $0)) }
      guard let gap = Self.longestZeroRun(groups) else { return Self.hexadecimal(groups[...]) }
      return Self.hexadecimal(groups[..<gap.lowerBound]) + "::" + Self.hexadecimal(groups[gap.upperBound...])
    }
  }

  private static func hexadecimal(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
    var longest: Range<Int>?
    var start = 0
    while start < groups.count {
      guard groups[start] == 0 else {
        start += 1
        continue
      }
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start >= 2, end - start > (longest?.count ?? 0) { longest = start..<end }
      start = end
    }
    return longest
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  var isASCIILetter: Bool { asciiLowercased >= UInt8(ascii: "a") && asciiLowercased <= UInt8(ascii: "z") }
}
