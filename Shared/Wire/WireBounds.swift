/// The named bounds of what is sent and accepted.
public enum WireBounds {
  /// The version that this build speaks.
  public static let protocolVersion: UInt8 = 1

  /// Frames of a link message, the routing id not counted.
  public static let envelopeFrames = 5

  /// Bytes of a WORK body.
  public static let workBodyBytes = 4 << 20

  /// Items in a WORK body.
  public static let itemsPerWork = 1024

  /// Identifiers in a DONE or NACK body.
  public static let identifiersPerFrame = 4096

  /// Bytes of a DONE or NACK body: 18 for each identifier, and a reason.
  public static let completionBodyBytes = identifiersPerFrame * 18 + 1024

  /// Bytes of every other body.
  public static let smallBodyBytes = 1024

  /// Bytes of a `traceparent` (W3C Trace Context, version 00).
  public static let traceparentBytes = 55

  /// When an item may have been accepted, in microseconds since 1970: up to the end of the year 9999, so that no arithmetic with it
  /// overflows.
  public static let receivedAtMicroseconds: ClosedRange<Int64> = 0...253_402_300_799_999_999
}
