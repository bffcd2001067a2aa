internal import Foundation
internal import Observability
internal import SwiftProtobuf
internal import Tracing
internal import Wire

extension OTLPExportRequest {
  /// The process whose spans are exported.
  struct Origin: Sendable {
    /// The program, for instance `frontdesk-router`.
    var service: String
    var version: String
    var instance: String
  }

  init(_ spans: [FinishedSpan], from origin: Origin) {
    self.init()
    resourceSpans = [
      .with {
        $0.resource.attributes = [
          OTLPKeyValue("service.name", .string(origin.service)),
          OTLPKeyValue("service.version", .string(origin.version)),
          OTLPKeyValue("service.instance.id", .string(origin.instance)),
        ].compactMap { $0 }
        $0.scopeSpans = [
          .with {
            $0.scope.name = "frontdesk"
            $0.scope.version = origin.version
            $0.spans = spans.map(OTLPSpan.init)
          }
        ]
      }
    ]
  }
}

extension OTLPSpan {
  init(_ span: FinishedSpan) {
    self.init()
    traceID = Data(bigEndian: span.trace.traceID)
    spanID = Data(bigEndian: span.trace.spanID)
    if span.parent != 0 { parentSpanID = Data(bigEndian: span.parent) }
    name = OTLPKeyValue.cut(span.state.name)
    kind = OTLPSpanKind(span.kind)
    startTimeUnixNano = span.start
    endTimeUnixNano = span.end
    var fields: [OTLPKeyValue] = []
    span.state.attributes.forEach { key, value in
      if let field = OTLPKeyValue(key, value) { fields.append(field) }
    }
    attributes = Array(fields.sorted { $0.key < $1.key }.prefix(TracingBounds.attributesPerSpan))
    droppedAttributesCount = UInt32(span.state.attributes.count - attributes.count)
    if span.state.hasFailed { status.code = .error }
    flags = span.trace.isSampled ? 1 : 0
  }
}

extension OTLPSpanKind {
  fileprivate init(_ kind: SpanKind) {
    self =
      switch kind {
      case .internal: .internal
      case .server: .server
      case .client: .client
      case .producer: .producer
      case .consumer: .consumer
      }
  }
}

extension OTLPKeyValue {
  /// Nil for lists, which no span of ours has.
  fileprivate init?(_ key: String, _ attribute: SpanAttribute) {
    self.init()
    switch attribute {
    case .string(let text): value.stringValue = Self.cut(text)
    case .stringConvertible(let text): value.stringValue = Self.cut(text.description)
    case .int32(let number): value.intValue = Int64(number)
    case .int64(let number): value.intValue = number
    case .double(let number): value.doubleValue = number
    case .bool(let flag): value.boolValue = flag
    default: return nil
    }
    self.key = key
  }

  /// Whole characters, so that what is left is valid text.
  fileprivate static func cut(_ text: String) -> String {
    guard text.utf8.count > TracingBounds.textBytes else { return text }
    var end = text.startIndex
    var bytes = 0
    for index in text.indices {
      let size = text[index].utf8.count
      if bytes + size > TracingBounds.textBytes { break }
      bytes += size
      end = text.index(after: index)
    }
    return String(text[..<end])
  }
}

extension Data {
  fileprivate init(bigEndian number: some FixedWidthInteger) {
    self = Swift.withUnsafeBytes(of: number.bigEndian) { Data($0) }
  }
}
