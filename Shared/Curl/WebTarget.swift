internal import CCurl

/// The target of an http or https URL, parsed by the same parser as the transfer uses, so that a guard and the
/// transfer cannot interpret a URL differently.
public struct WebTarget: Sendable, Hashable {
  /// `http` or `https`.
  public let scheme: String
  /// In lower case; an IPv6 address without its brackets. Historic IPv4 notations are already normalised.
  public let host: String
  /// 1...65535; the scheme's default if the URL names none.
  public let port: Int

  /// Throws `invalidRequest` for anything but an absolute http or https URL without user name and password.
  public init(_ url: String) throws {
    guard !url.utf8.contains(0), let handle = curl_url() else { throw Self.invalid("the URL cannot be read") }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else {
      throw Self.invalid("the URL cannot be read")
    }
    guard let scheme = Self.part(handle, CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
      throw Self.invalid("the URL's scheme is neither http nor https")
    }
    guard Self.part(handle, CURLUPART_USER) == nil, Self.part(handle, CURLUPART_PASSWORD) == nil else {
      throw Self.invalid("the URL contains a user name or password")
    }
    guard let host = Self.part(handle, CURLUPART_HOST), !host.isEmpty,
      let port = Self.part(handle, CURLUPART_PORT, flags: CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
      (1...65535).contains(port)
    else { throw Self.invalid("the URL has no host or an invalid port") }
    self.scheme = scheme
    self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host.lowercased()
    self.port = port
  }

  /// The host as an address, if it is one and not a name.
  public var address: IPAddress? { IPAddress(lenient: host) }

  private static func part(_ handle: OpaquePointer, _ part: CURLUPart, flags: Int32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  private static func invalid(_ reason: String) -> HTTPClientError {
    HTTPClientError(.invalidRequest, host: nil, reason: reason)
  }
}
