import SwiftProtobuf
import Wire

/// Who a process is on its links.
public struct LinkIdentity: Sendable {
  /// The name of the service, such as `router`.
  public let service: String

  /// The name of this instance, new at each start.
  public let instanceID: String

  /// The build, for the operator.
  public let build: String

  /// An identity; the instance's name must not be empty.
  public init(service: String, instanceID: String, build: String) {
    precondition(!instanceID.isEmpty, "an instance has a name")
    self.service = service
    self.instanceID = instanceID
    self.build = build
  }

  var hello: WireHello {
    .with {
      $0.service = service
      $0.instanceID = instanceID
      $0.protocolVersion = UInt32(WireBounds.protocolVersion)
      $0.build = build
    }
  }
}
