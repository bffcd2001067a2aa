internal import Foundation
internal import Glibc
public import Logging
internal import UntrustedInput

/// The format of log records.
public enum LogFormat: String, Sendable, CaseIterable {
  /// One JSON object per line, for collectors.
  case json
  /// Readable lines, for terminals.
  case text
}

/// One line per record. JSON records hold `at`, `level`, `service`, `instance`, `message`, then `error` if there is one and the
/// metadata by its keys; a metadata key that is one of those gets an underscore in front.
///
/// Records state what happened to which id, never what a customer wrote; see `Redacted`.
public struct ServiceLogHandler: LogHandler {
  /// Longer texts are truncated; in bytes.
  static let maximumTextBytes = 4096

  /// The fields that are the same in all records of a process.
  public struct Origin: Sendable {
    /// The kind of service, for instance `router`.
    public var service: String
    /// Which of its instances.
    public var instance: String

    /// Creates an origin.
    public init(service: String, instance: String) {
      self.service = service
      self.instance = instance
    }
  }

  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  public var logLevel: Logger.Level

  private let label: String
  private let origin: Origin
  private let format: LogFormat
  private let sink: LogSink
  private let now: @Sendable () -> (seconds: Int, nanoseconds: Int)

  /// - Parameters:
  ///   - label: the component of the service; shown as `logger` where it differs from the service's name.
  ///   - now: the time since 1970, for tests; the system's by default.
  public init(
    label: String, origin: Origin, format: LogFormat, level: Logger.Level = .info, sink: LogSink = .standardError,
    metadataProvider: Logger.MetadataProvider? = TraceContext.metadataProvider,
    now: @escaping @Sendable () -> (seconds: Int, nanoseconds: Int) = ServiceLogHandler.systemTime
  ) {
    self.label = label
    self.origin = origin
    self.format = format
    self.sink = sink
    self.metadataProvider = metadataProvider
    self.now = now
    logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var fields = metadata
    if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
    if let own = event.metadata { fields.merge(own) { _, new in new } }
    let sorted = fields.sorted { $0.key < $1.key }
    switch format {
    case .json: sink.write(json(event, sorted))
    case .text: sink.write(text(event, sorted))
    }
  }

  // MARK: - JSON

  private static let reserved: Set<String> = ["at", "level", "service", "instance", "logger", "message", "error"]

  private func json(_ event: LogEvent, _ fields: [(key: String, value: Logger.Metadata.Value)]) -> String {
    var line = "{\"at\":\"\(Self.timestamp(now()))\",\"level\":\"\(event.level.rawValue)\""
    line += ",\"service\":\(Self.quoted(origin.service)),\"instance\":\(Self.quoted(origin.instance))"
    if label != origin.service { line += ",\"logger\":\(Self.quoted(label))" }
    line += ",\"message\":\(Self.quoted(event.message.description))"
    if let error = event.error { line += ",\"error\":\(Self.quoted(Self.describe(error)))" }
    for (key, value) in fields {
      line += ",\(Self.quoted(Self.reserved.contains(key) ? "_" + key : key)):\(Self.json(value))"
    }
    // C1, bidirectional controls and separators: a terminal that shows the line must not interpret them.
    return VisibleText.json(line) + "}\n"
  }

  private static func json(_ value: Logger.Metadata.Value) -> String {
    switch value {
    case .string(let text): quoted(text)
    case .stringConvertible(let number as Int): String(number)
    case .stringConvertible(let flag as Bool): String(flag)
    case .stringConvertible(let number as Double) where number.isFinite: String(number)
    case .stringConvertible(let other): quoted(other.description)
    case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
    case .dictionary(let fields):
      "{" + fields.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in cut(text).unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        quoted += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  // MARK: - Text

  private func text(_ event: LogEvent, _ fields: [(key: String, value: Logger.Metadata.Value)]) -> String {
    let level = event.level.rawValue.uppercased().padding(to: 8)
    var line = "\(Self.timestamp(now()).dropFirst(11)) \(level) \(label.padding(to: 12)) \(event.message)"
    if let error = event.error { line += " error=\(Self.quoted(Self.describe(error)))" }
    for (key, value) in fields {
      if case .string(let text) = value, Self.isPlain(text) {
        line += " \(key)=\(text)"
      } else {
        line += " \(key)=\(Self.json(value))"
      }
    }
    // No part of a message can start a line that looks like a separate record, or control the terminal.
    return Self.cut(VisibleText.line(line)) + "\n"
  }

  private static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
  }

  // MARK: - Parts

  private static func describe(_ error: any Error) -> String {
    // Our errors contain no customer text. Those of the coders quote what they could not read.
    error is DecodingError || error is EncodingError ? String(reflecting: type(of: error)) : "\(error)"
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= maximumTextBytes
      ? text : String(decoding: text.utf8.prefix(maximumTextBytes), as: UTF8.self) + "…"
  }

  /// ISO 8601 in UTC with milliseconds.
  static func timestamp(_ time: (seconds: Int, nanoseconds: Int)) -> String {
    var seconds = time_t(time.seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let milliseconds = String(1000 + time.nanoseconds / 1_000_000).dropFirst()
    let day = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return "\(day)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)Z"
  }

  /// The system's time since 1970.
  @Sendable public static func systemTime() -> (seconds: Int, nanoseconds: Int) {
    let time = Date().timeIntervalSince1970
    let seconds = time.rounded(.down)
    return (Int(seconds), Int((time - seconds) * 1e9))
  }
}

extension String {
  fileprivate func padding(to length: Int) -> String {
    count >= length ? self : self + String(repeating: " ", count: length - count)
  }
}
