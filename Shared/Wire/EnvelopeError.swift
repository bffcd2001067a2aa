/// Why a received message is not a link message. It names frames and sizes, never content.
public enum EnvelopeError: Error, Equatable, Sendable {
  /// The number of frames is not five.
  case frameCount(Int)
  /// A version that this build does not support; nil when the frame is not one byte.
  case version(UInt8?)
  /// An unknown type; nil when the frame is not one byte.
  case type(UInt8?)
  /// The batch id is not eight bytes.
  case batchID(byteCount: Int)
  /// The trace context is neither empty nor in the form of version 00.
  case traceparent
  /// The body is larger than its type allows.
  case bodyTooLarge(byteCount: Int, limit: Int)
  /// The body is not the protobuf message of its type.
  case malformedBody(Envelope.Kind)
  /// A field of the body is out of range.
  case invalidField(Envelope.Kind, name: String)
}
