/// Finds mail addresses, international ones too (RFC 6531: `用户@例え.jp`, and `xn--` names).
struct MailSearch {
  typealias Found = (kind: PersonalDatum.Kind, range: Range<Int>)

  private let scalars: [UInt32]

  init(_ plain: PlainText) { scalars = plain.scalars }

  func run(steps: inout Int) -> [Found] {
    var found: [Found] = []
    for index in scalars.indices where scalars[index] == PlainText.at {
      let start = localPart(before: index, from: found.last?.range.upperBound ?? 0)
      guard start < index else { continue }
      let end = domain(behind: index)
      steps += index - start + Self.domainLength
      if let end { found.append((.mail, start..<end)) }
    }
    return found
  }

  /// Octets of a local part and of a domain (RFC 5321, 4.5.3.1).
  private static let localLength = 64
  private static let domainLength = 255
  /// Characters of a local part in a script written without spaces: the sentence precedes it directly.
  private static let wideLocalLength = 12

  // MARK: Local part

  /// Returns the start of the local part; `at` if there is none.
  private func localPart(before at: Int, from limit: Int) -> Int {
    var start = scan(back: at, from: max(limit, at - Self.localLength), Self.isLocal)
    if start == at { start = scan(back: at, from: max(limit, at - Self.wideLocalLength), Self.isWideLocal) }
    while start < at && !Self.isWideLocal(scalars[start]) { start += 1 }
    return start
  }

  private func scan(back at: Int, from limit: Int, _ belongs: (UInt32) -> Bool) -> Int {
    var start = at
    while start > limit && belongs(scalars[start - 1]) { start -= 1 }
    return start
  }

  /// `.`, `_`, `%`, `+`, `-`, `'`, `~`, ASCII letters and digits. Other characters that RFC 5321 allows are rare and act as separators.
  private static func isLocal(_ scalar: UInt32) -> Bool {
    PlainText.isDigit(scalar) || PlainText.isLatin(scalar)
      || [0x2E, 0x5F, 0x25, 0x2B, 0x2D, 0x27, 0x7E].contains(scalar)
  }

  private static func isWideLocal(_ scalar: UInt32) -> Bool {
    PlainText.isDigit(scalar) || PlainText.isLatin(scalar) || scalar == 0x5F || isWideLetter(scalar)
  }

  private static func isWideLetter(_ scalar: UInt32) -> Bool {
    scalar >= 0x80 && Unicode.Scalar(scalar)?.properties.isAlphabetic == true
  }

  // MARK: Domain

  /// Returns the end of the domain; nil if there is none.
  private func domain(behind at: Int) -> Int? {
    var labels: [Range<Int>] = []
    var start = at + 1
    let limit = min(scalars.count, at + 1 + Self.domainLength)
    var index = start
    while index < limit {
      let scalar = scalars[index]
      if scalar == Self.dot {
        if index == start { break }
        labels.append(start..<index)
        start = index + 1
      } else if !(PlainText.isDigit(scalar) || PlainText.isLatin(scalar) || scalar == Self.hyphen
        || Self.isWideLetter(scalar))
      {
        break
      }
      index += 1
    }
    if index > start { labels.append(start..<index) }
    // The sentence may continue without a space; the last label that can be a top-level domain ends the address.
    for position in labels.indices.dropFirst().reversed() {
      if let end = topLevel(in: labels[position], isLast: position == labels.count - 1) { return end }
    }
    return nil
  }

  /// Returns the end of the top-level domain at the start of a label; nil if the label does not start with one.
  private func topLevel(in label: Range<Int>, isLast: Bool) -> Int? {
    let text = scalars[label]
    if text.starts(with: Self.encoded) {
      let end =
        text.firstIndex { !(PlainText.isDigit($0) || PlainText.isLatin($0) || $0 == Self.hyphen) } ?? label.upperBound
      return end > label.lowerBound + Self.encoded.count ? end : nil
    }
    let latin = text.prefix(while: PlainText.isLatin)
    if !latin.isEmpty { return latin.count >= 2 ? latin.endIndex : nil }
    let wide = text.prefix(while: Self.isWideLetter)
    guard wide.count >= 2, isLast || wide.endIndex == label.upperBound else { return nil }
    if let known = Self.wideTopLevels.first(where: { wide.starts(with: $0) }) { return label.lowerBound + known.count }
    return wide.endIndex
  }

  private static let dot: UInt32 = 0x2E
  private static let hyphen: UInt32 = 0x2D
  private static let encoded = Array("xn--".unicodeScalars.map(\.value))
  /// Chinese top-level domains: text after them belongs to the sentence.
  private static let wideTopLevels = [
    "中国", "公司", "网络", "香港", "台湾", "澳门", "新加坡", "网址", "在线", "中文网", "集团", "商城", "公益", "政务", "网店", "移动", "我爱你",
  ].map { $0.unicodeScalars.map(\.value) }
}
