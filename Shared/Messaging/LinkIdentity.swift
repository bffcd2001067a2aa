import SwiftProtobuf
package import Wire

/// The identity of a process on its links.
public struct LinkIdentity: Sendable {
  /// The name of the service, such as `router`.
  public let service: String

  /// The name of this instance, new at each start.
  public let instanceID: String

  /// The build, shown to operators.
  public let build: String

  /// Creates an identity; the instance's name must not be empty.
  public init(service: String, instanceID: String, build: String) {
    precondition(!instanceID.isEmpty, "the instance ID is empty")
    self.service = service
    self.instanceID = instanceID
    self.build = build
  }

  package var hello: WireHello {
    .with {
      $0.service = service
      $0.instanceID = instanceID
      $0.protocolVersion = UInt32(WireBounds.protocolVersion)
      $0.build = build
    }
  }
}
