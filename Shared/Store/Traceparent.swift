/// The stored form of a trace context: the value of a W3C `traceparent` header.
public enum Traceparent {
  /// Whether it asks for its trace to be recorded, without reading the rest of it: for many messages of which few are sampled.
  public static func isSampled(_ traceparent: String) -> Bool {
    let text = traceparent.utf8
    guard text.count >= 55 else { return false }
    let last = text[text.index(text.startIndex, offsetBy: 54)]
    switch last {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return last & 1 == 1
    // The letters of odd values have even codes.
    case UInt8(ascii: "a")...UInt8(ascii: "f"): return last & 1 == 0
    default: return false
    }
  }
}
