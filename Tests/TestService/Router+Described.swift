internal import HTTPTypes
public import Hummingbird

extension Router {
  /// The routes as a description lists them, `GET /v1/things`: HEAD goes with GET and is not listed.
  public var described: Set<String> {
    Set(routes.filter { $0.method != .head }.map { "\($0.method.rawValue) \($0.path)" })
  }
}
