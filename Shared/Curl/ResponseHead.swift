/// Collects the header lines that libcurl passes one by one: status lines and fields of interim responses, redirects, the
/// final response, and then the trailers.
final class ResponseHead {
  private(set) var status = 0
  private(set) var headers = HTTPHeaders()
  private var receivedBytes = 0
  private(set) var isComplete = false

  /// Processes one line with its line ending. Returns false if the head exceeds its limit.
  func receive(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    receivedBytes += line.count
    guard receivedBytes <= CurlBounds.responseHeadBytes else { return false }
    let text = line.prefix { $0 != 0x0D && $0 != 0x0A }
    if text.starts(with: Array("HTTP/".utf8)) {
      // A new response replaces an interim one or a followed redirect.
      status = Self.status(String(decoding: text, as: UTF8.self))
      headers = HTTPHeaders()
      isComplete = false
    } else if text.isEmpty {
      isComplete = true
    } else if !isComplete, let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      headers.add(
        name: String(decoding: text[..<colon], as: UTF8.self),
        value: Self.trimmed(String(decoding: text[text.index(after: colon)...], as: UTF8.self)))
    }
    return true
  }

  private static func status(_ line: String) -> Int {
    line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }

  private static func trimmed(_ value: String) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(value.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
