/// The named limits of sent and accepted messages.
public enum WireBounds {
  /// The protocol version of this build.
  public static let protocolVersion: UInt8 = 1

  /// Frames of a link message, not counting the routing id.
  public static let envelopeFrames = 5

  /// Bytes of a WORK body.
  public static let workBodyBytes = 4 << 20

  /// Items in a WORK body.
  public static let itemsPerWork = 1024

  /// Identifiers in a DONE or NACK body.
  public static let identifiersPerFrame = 4096

  /// Groups of a message within each other, which only unknown fields have.
  static let nestedGroups = 100

  /// Bytes of an identifier in a DONE or NACK body.
  static let identifierBytes = ItemID.byteCount + 2

  /// Bytes of a DONE or NACK body: the identifiers, and a reason.
  public static let completionBodyBytes = identifiersPerFrame * identifierBytes + 1024

  /// Bytes of every other body.
  public static let smallBodyBytes = 1024

  /// Bytes of a `traceparent` (W3C Trace Context, version 00).
  public static let traceparentBytes = 55

  /// The valid range of an item's acceptance time, in microseconds since 1970: up to the end of the year 9999, so that arithmetic on it
  /// cannot overflow.
  public static let receivedAtMicroseconds: ClosedRange<Int64> = 0...253_402_300_799_999_999
}
