internal import CCurl

/// Where an http or https URL leads, read by the very parser that the transfer will use, so that a guard and the
/// transfer cannot understand one URL in two ways.
public struct WebTarget: Sendable, Hashable {
  /// `http` or `https`.
  public let scheme: String
  /// In lower case; a version 6 address without its brackets. Historic spellings of version 4 are already normalised.
  public let host: String
  /// 1...65535; the scheme's own where the URL names none.
  public let port: Int

  /// Throws `invalidRequest` for what is not an absolute http or https URL, or holds a user name or password.
  public init(_ url: String) throws {
    guard !url.utf8.contains(0), let handle = curl_url() else { throw Self.invalid("the URL cannot be read") }
    defer { curl_url_cleanup(handle) }
    guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else {
      throw Self.invalid("the URL cannot be read")
    }
    guard let scheme = Self.part(handle, CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
      throw Self.invalid("the URL is neither http nor https")
    }
    guard Self.part(handle, CURLUPART_USER) == nil, Self.part(handle, CURLUPART_PASSWORD) == nil else {
      throw Self.invalid("the URL holds a user name or password")
    }
    guard let host = Self.part(handle, CURLUPART_HOST), !host.isEmpty,
      let port = Self.part(handle, CURLUPART_PORT, flags: CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
      (1...65535).contains(port)
    else { throw Self.invalid("the URL names no host or no valid port") }
    self.scheme = scheme
    self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host.lowercased()
    self.port = port
  }

  /// The host as an address, where it is one and not a name.
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
