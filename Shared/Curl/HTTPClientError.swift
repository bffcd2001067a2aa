internal import CCurl

/// The reason why a transfer failed. It names the host but neither path nor query, which may contain secrets.
public struct HTTPClientError: Error, Sendable, CustomStringConvertible {
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    enum Name: String {
      case invalidRequest, couldNotResolve, couldNotConnect, timedOut, tooLarge, tls, connectionLost, invalidResponse
      case tooManyRedirects, overloaded, aborted, internalFailure
    }

    let name: Name

    /// The URL, a header or an option is invalid.
    public static let invalidRequest = Code(name: .invalidRequest)
    public static let couldNotResolve = Code(name: .couldNotResolve)
    public static let couldNotConnect = Code(name: .couldNotConnect)
    /// `timeout`, `connectTimeout` or `idleTimeout` has passed.
    public static let timedOut = Code(name: .timedOut)
    /// The head or the body is larger than allowed.
    public static let tooLarge = Code(name: .tooLarge)
    /// The handshake failed or the certificate is not trusted.
    public static let tls = Code(name: .tls)
    /// The connection ended before the response did.
    public static let connectionLost = Code(name: .connectionLost)
    /// The response is not HTTP.
    public static let invalidResponse = Code(name: .invalidResponse)
    public static let tooManyRedirects = Code(name: .tooManyRedirects)
    /// The client's limit of concurrent transfers or lookups is reached.
    public static let overloaded = Code(name: .overloaded)
    /// The client was shut down.
    public static let aborted = Code(name: .aborted)
    public static let internalFailure = Code(name: .internalFailure)

    public var description: String { name.rawValue }
  }

  public let code: Code
  /// The requested host, without path and query; nil if the URL has no readable host.
  public let host: String?
  /// libcurl's error code, for reference; nil if the failure was detected outside libcurl.
  public let curlCode: Int?
  /// A short reason from this module or libcurl, never from the peer.
  public let reason: String

  /// Whether the peer may have received part of the request; false if it ended before its first byte was sent.
  public let mayHaveArrived: Bool

  init(_ code: Code, host: String?, reason: String, curlCode: Int? = nil, mayHaveArrived: Bool = true) {
    self.mayHaveArrived = mayHaveArrived
    self.code = code
    self.host = host
    self.reason = reason
    self.curlCode = curlCode
  }

  /// Whether the same request may succeed later without changes.
  public var isRetriable: Bool {
    switch code.name {
    case .couldNotResolve, .couldNotConnect, .timedOut, .connectionLost, .overloaded: true
    case .invalidRequest, .tooLarge, .tls, .invalidResponse, .tooManyRedirects, .aborted, .internalFailure: false
    }
  }

  public var description: String {
    "\(code): \(reason)" + (host.map { " (host \($0))" } ?? "")
  }
}

extension HTTPClientError {
  init(curlCode: CURLcode, host: String?, mayHaveArrived: Bool) {
    self.init(
      Self.code(for: curlCode), host: host, reason: String(cString: curl_easy_strerror(curlCode)),
      curlCode: Int(curlCode.rawValue), mayHaveArrived: mayHaveArrived)
  }

  private static func code(for curlCode: CURLcode) -> Code {
    switch curlCode {
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .couldNotResolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: .couldNotConnect
    case CURLE_OPERATION_TIMEDOUT: .timedOut
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      .tls
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      .connectionLost
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .invalidResponse
    case CURLE_TOO_MANY_REDIRECTS: .tooManyRedirects
    default: .internalFailure
    }
  }
}
