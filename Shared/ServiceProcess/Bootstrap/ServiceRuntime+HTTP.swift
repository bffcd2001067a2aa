public import HTTPService
public import Hummingbird
internal import Logging
internal import ServiceHealth
public import ServiceLifecycle
public import ServiceSettings
internal import Store

extension ServiceRuntime {
  /// Serves HTTP: not ready before the port is bound, and then registered under it.
  public func serveHTTP(
    _ router: Router<DeskRequestContext>, at address: ListenAddress, limits: HTTPServerLimits
  ) -> any Service {
    health.declare("http", reason: "not bound yet")
    var limits = limits
    limits.readsBodiesOnDemand = true
    limits.metrics = metrics
    return limits.application(router: router, host: address.host, port: address.port, logger: logger) { port in
      let endpoint = address.bound(to: port)
      logger.info("serving HTTP", metadata: ["at": "\(endpoint)"])
      health.hold("http")
      do {
        try await fleet.announce { $0.httpEndpoint = endpoint }
      } catch {
        // If the registration was lost, the next heartbeat registers again, with this address.
        logger.warning("announcing the HTTP address failed", metadata: ["error": "\(error)"])
      }
    }
  }
}
