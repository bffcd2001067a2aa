import Foundation
import ServiceSettings

/// How browsers reach the pages: the origin that a proxy may have in front of the console.
struct PagesAddress: Sendable, Equatable {
  static let key = ConfigurationKey(
    "public-url", default: "",
    help:
      "URL of the pages in the browsers of staff, such as https://desk.example.com; without it, the address of http-listen"
  )

  /// Scheme, host and port, without a path; nil when not configured.
  private(set) var origin: String?
  /// Whether browsers use HTTPS.
  private(set) var isSecure = false

  /// - Parameter servesTLS: whether the console itself serves HTTPS.
  init(servesTLS: Bool = false) {
    isSecure = servesTLS
  }

  /// - Throws: `ConfigurationError` for anything but `http://host[:port]` or `https://host[:port]`.
  init(_ configuration: ServiceConfiguration, servesTLS: Bool) throws(ConfigurationError) {
    let text = configuration.string(Self.key.name)
    guard !text.isEmpty else {
      isSecure = servesTLS
      return
    }
    guard let address = PagesAddress(url: text) else {
      throw ConfigurationError(mistakes: [
        .init(
          place: Self.key.name, value: text, problem: "is not the origin of a web page",
          remedy: "write the scheme, the host and, if needed, the port: https://desk.example.com")
      ])
    }
    self = address
  }

  /// Returns nil for anything but `http://host[:port]` or `https://host[:port]`.
  init?(url text: String) {
    guard let url = URLComponents(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
      let host = url.host, !host.isEmpty, url.path.isEmpty || url.path == "/", url.query == nil, url.fragment == nil,
      url.user == nil, url.password == nil
    else { return nil }
    isSecure = scheme == "https"
    // As browsers write it: without the scheme's own port, in small letters.
    let port = url.port.flatMap { $0 == (isSecure ? 443 : 80) ? nil : ":\($0)" }
    origin = "\(scheme)://\(host.lowercased())" + (port ?? "")
  }
}
