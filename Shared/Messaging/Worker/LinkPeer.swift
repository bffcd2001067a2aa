public import ZeroMQ

/// An upstream instance, as the table of service instances names it.
public struct LinkPeer: Hashable, Sendable {
  /// Names the instance; a restarted one has another name.
  public let instanceID: String

  /// Where its link is bound, such as `tcp://10.0.0.5:41234`.
  public let endpoint: String

  /// The key that it must prove to have; nil connects without CURVE.
  public let serverPublicKey: CurvePublicKey?

  /// An instance with its endpoint and key.
  public init(instanceID: String, endpoint: String, serverPublicKey: CurvePublicKey?) {
    self.instanceID = instanceID
    self.endpoint = endpoint
    self.serverPublicKey = serverPublicKey
  }
}
