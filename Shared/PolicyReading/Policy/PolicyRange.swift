/// Ranges in policy syntax: `first..last`, or a single value.
package enum PolicyRange {
  /// The two ends; nil for a text with more than one `..`.
  static func ends(of text: String) -> (from: String, to: String)? {
    let bytes = Array(text.utf8)
    let dots = UInt8(ascii: ".")
    let places = bytes.indices.dropLast().filter { bytes[$0] == dots && bytes[$0 + 1] == dots }
    guard let place = places.first else { return (text, text) }
    guard places.count == 1 else { return nil }
    return (String(decoding: bytes[..<place], as: UTF8.self), String(decoding: bytes[(place + 2)...], as: UTF8.self))
  }

  /// Returns the names from `agent-001` to `agent-060`: both ends share the prefix and the number of digits.
  ///
  /// - Returns: nil when the ends do not match, are in reverse order or span more than `limit` names.
  package static func names(of text: String, limit: Int) -> [String]? {
    guard let (from, to) = ends(of: text) else { return nil }
    if from == to { return [from] }
    guard let first = numbered(from), let last = numbered(to), first.stem == last.stem, first.width == last.width,
      first.number <= last.number, last.number - first.number < limit
    else { return nil }
    return (first.number...last.number).map { number in
      let digits = String(number)
      return first.stem + String(repeating: "0", count: first.width - digits.utf8.count) + digits
    }
  }

  private static func numbered(_ name: String) -> (stem: String, width: Int, number: Int)? {
    let digits = name.reversed().prefix { ("0"..."9").contains($0) }.count
    guard (1...9).contains(digits), let number = Int(name.suffix(digits)) else { return nil }
    return (String(name.dropLast(digits)), digits, number)
  }
}
