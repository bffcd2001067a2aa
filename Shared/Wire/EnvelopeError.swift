/// Why a received message is not a link message. It names frames and sizes, never content.
public enum EnvelopeError: Error, Equatable, Sendable {
  /// Another number of frames than five.
  case frameCount(Int)
  /// A version that this build does not speak; nil when the frame is not one byte.
  case version(UInt8?)
  /// A type that is not known; nil when the frame is not one byte.
  case type(UInt8?)
  /// The batch id is not eight bytes.
  case batchID(byteCount: Int)
  /// The trace context is neither empty nor of version 00's form.
  case traceparent
  /// The body is bigger than its type allows.
  case bodyTooLarge(byteCount: Int, limit: Int)
  /// The body is not the protobuf message that its type asks for.
  case malformedBody(Envelope.Kind)
  /// A field of the body is out of range.
  case invalidField(Envelope.Kind, name: String)
}
