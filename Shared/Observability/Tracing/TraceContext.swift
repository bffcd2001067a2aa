public import Logging
internal import Tracing

/// The W3C trace context of one step of work: which trace it belongs to and which span is its parent.
/// It travels in the `traceparent` header of requests, in the frames of links and in rows; within a task, in its `ServiceContext`.
public struct TraceContext: Sendable, Hashable {
  /// Never zero.
  public let traceID: UInt128
  /// Never zero.
  public let spanID: UInt64
  /// Whether the trace is recorded.
  public let isSampled: Bool

  /// The name of the header, in lower case as in the recommendation.
  public static let headerName = "traceparent"

  /// The context of the current task's work.
  public static var current: TraceContext? { ServiceContext.current?.trace }

  /// Nil when an id is zero.
  public init?(traceID: UInt128, spanID: UInt64, isSampled: Bool) {
    guard traceID != 0, spanID != 0 else { return nil }
    self.init(checked: traceID, spanID, isSampled)
  }

  private init(checked traceID: UInt128, _ spanID: UInt64, _ isSampled: Bool) {
    self.traceID = traceID
    self.spanID = spanID
    self.isSampled = isSampled
  }

  /// A new trace.
  public static func root(
    isSampled: Bool = true, using generator: inout some RandomNumberGenerator
  ) -> TraceContext {
    TraceContext(
      checked: .random(in: 1 ... .max, using: &generator), .random(in: 1 ... .max, using: &generator), isSampled)
  }

  /// The same trace with a new span.
  public func child(using generator: inout some RandomNumberGenerator) -> TraceContext {
    TraceContext(checked: traceID, .random(in: 1 ... .max, using: &generator), isSampled)
  }

  /// Reads a `traceparent` strictly: lower-case hexadecimal, exact lengths, no zero ids, version `ff` refused. For a
  /// later version the four known fields are read and the rest is ignored, as the recommendation requires.
  public init?(traceparent: String) {
    let bytes = Array(traceparent.utf8)
    let dash = UInt8(ascii: "-")
    guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
      let version = Self.hexadecimal(bytes[0..<2]), version != 0xFF,
      version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == dash,
      let traceID = Self.hexadecimal(bytes[3..<35]),
      let spanID = Self.hexadecimal(bytes[36..<52]),
      let flags = Self.hexadecimal(bytes[53..<55])
    else { return nil }
    self.init(traceID: traceID, spanID: UInt64(truncatingIfNeeded: spanID), isSampled: flags & 1 == 1)
  }

  /// As the header's value, version `00`.
  public var traceparent: String {
    "00-\(traceIDText)-\(Self.text(UInt128(spanID), digits: 16))-\(isSampled ? "01" : "00")"
  }

  /// 32 hexadecimal digits.
  public var traceIDText: String { Self.text(traceID, digits: 32) }

  /// Adds `trace` to the records of tasks that have a context.
  public static let metadataProvider = Logger.MetadataProvider {
    guard let current else { return [:] }
    return ["trace": "\(current.traceIDText)"]
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> UInt128? {
    var value: UInt128 = 0
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt128(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt128(byte - UInt8(ascii: "a") + 10)
      default: return nil
      }
    }
    return value
  }

  private static func text(_ value: UInt128, digits: Int) -> String {
    String(unsafeUninitializedCapacity: digits) { bytes in
      var rest = value
      for place in (0..<digits).reversed() {
        let digit = UInt8(truncatingIfNeeded: rest & 0xF)
        bytes[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        rest >>= 4
      }
      return digits
    }
  }
}
