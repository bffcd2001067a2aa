public import ZeroMQ

/// An upstream instance, as listed in the table of service instances.
public struct LinkPeer: Hashable, Sendable {
  /// The instance's name; a restarted instance has another name.
  public let instanceID: String

  /// The endpoint to which its link is bound, such as `tcp://10.0.0.5:41234`.
  public let endpoint: String

  /// The key that it must prove to own; nil connects without CURVE.
  public let serverPublicKey: CurvePublicKey?

  /// Creates a peer with its endpoint and key.
  public init(instanceID: String, endpoint: String, serverPublicKey: CurvePublicKey?) {
    self.instanceID = instanceID
    self.endpoint = endpoint
    self.serverPublicKey = serverPublicKey
  }
}
