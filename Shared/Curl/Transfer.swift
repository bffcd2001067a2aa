internal import CCurl

/// One easy handle, its option lists, and the response received so far. Confined to the client's event thread.
final class Transfer {
  enum Mode {
    /// Collects the whole body, at most `maximumBytes`.
    case whole(maximumBytes: Int)
    /// Streams the body.
    case stream
  }

  enum End {
    case complete
    case failed(HTTPClientError)
    /// The waiting task was cancelled, or the stream was released.
    case cancelled
  }

  let host: String?
  /// Nil for no limit, and for a stream once its head has arrived.
  private(set) var deadline: ContinuousClock.Instant?
  let easy: UnsafeMutableRawPointer
  private let head = ResponseHead()
  private let followsRedirects: Bool
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private let mode: Mode
  private var body: [UInt8] = []
  private var isPaused = false

  /// A failure detected by a callback, which libcurl itself reports only as a write error.
  private(set) var ownFailure: HTTPClientError?

  /// Called once, when the head of the final response is complete.
  var onHead: (() -> Void)?
  /// Called when a stream's body has new data.
  var onBody: (() -> Void)?
  /// Called once, when the transfer has ended.
  var onEnd: ((End) -> Void)?

  init(_ request: HTTPClient.Request, configuration: HTTPClient.Configuration, mode: Mode) throws {
    host = try WebTarget(request.url).host
    guard let easy = curl_easy_init() else {
      throw HTTPClientError(.internalFailure, host: host, reason: "no memory for a transfer")
    }
    self.easy = easy
    self.mode = mode
    followsRedirects = request.maximumRedirects > 0
    deadline = request.timeout.map { ContinuousClock.now + $0 }
    // From here on deinit runs, also when this throws.
    try configure(request, configuration)
  }

  deinit {
    curl_easy_cleanup(easy)
    for list in lists { curl_slist_free_all(list) }
  }

  var status: Int { head.status }
  var headers: HTTPHeaders { head.headers }

  /// The part of a whole response received so far.
  var response: HTTPClient.Response {
    HTTPClient.Response(status: head.status, headers: head.headers, body: body)
  }

  // MARK: - Streams

  /// Takes the buffered bytes and resumes a paused transfer.
  func takeBody() -> [UInt8] {
    let taken = body
    body = []
    if isPaused {
      isPaused = false
      // May deliver more bytes before it returns. A failure shows as the end of the transfer.
      curl_easy_pause(easy, CURLPAUSE_CONT)
    }
    return taken
  }

  var hasBody: Bool { !body.isEmpty }

  /// Whether part of the request was sent, as far as libcurl knows.
  var hasSentRequest: Bool {
    var bytes = 0
    return ccurl_get_long(easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK || bytes > 0
  }

  // MARK: - Callbacks

  fileprivate func receiveHeader(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard head.receive(line) else {
      ownFailure = HTTPClientError(.tooLarge, host: host, reason: "the response's head is too large")
      return false
    }
    let mayLeadOn = followsRedirects && (300..<400).contains(head.status)
    if head.isComplete, !mayLeadOn { deliverHead() }
    return true
  }

  fileprivate enum Reception {
    case taken, paused, refused
  }

  fileprivate func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Reception {
    deliverHead()
    switch mode {
    case .whole(let maximumBytes):
      guard body.count + bytes.count <= maximumBytes else {
        ownFailure = HTTPClientError(.tooLarge, host: host, reason: "the body is larger than \(maximumBytes) bytes")
        return .refused
      }
    case .stream:
      if body.count >= CurlBounds.streamBufferBytes {
        isPaused = true
        return .paused
      }
    }
    body.append(contentsOf: bytes)
    onBody?()
    return .taken
  }

  /// Called when the head is complete, and for a redirect that was not followed again at the body and at the end.
  func deliverHead() {
    guard let onHead, head.status >= 200 else { return }
    if case .stream = mode { deadline = nil }
    self.onHead = nil
    onHead()
  }
}

// MARK: - Options

extension Transfer {
  private func configure(_ request: HTTPClient.Request, _ configuration: HTTPClient.Configuration) throws {
    try set(CURLOPT_NOSIGNAL, 1)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_URL, request.url)
    try set(CURLOPT_USERAGENT, configuration.userAgent)
    try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.connectTimeout.milliseconds))
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if let file = configuration.trustedCertificatesFile { try set(CURLOPT_CAINFO, file) }
    if let proxy = configuration.proxy {
      try set(CURLOPT_PROXY, proxy)
    } else if !configuration.usesEnvironmentProxies {
      // An empty name disables the environment's proxies.
      try set(CURLOPT_PROXY, "")
    }
    if let idle = request.idleTimeout {
      try set(CURLOPT_LOW_SPEED_LIMIT, 1)
      try set(CURLOPT_LOW_SPEED_TIME, max(1, idle.milliseconds / 1000))
    }
    if request.maximumRedirects > 0 {
      try set(CURLOPT_FOLLOWLOCATION, 1)
      try set(CURLOPT_MAXREDIRS, request.maximumRedirects)
    }
    if let path = request.unixSocketPath { try set(CURLOPT_UNIX_SOCKET_PATH, path) }
    if let address = request.pinnedAddress { try pin(to: address) }
    try setMethod(request)
    try setHeaders(request.headers)
    try setCallbacks()
  }

  /// Uses `CONNECT_TO`, not `RESOLVE`: the latter fills a cache that other requests to the same name would use, and
  /// shares open connections regardless of their address.
  private func pin(to address: IPAddress) throws {
    let written: String =
      switch address {
      case .v4: "\(address)"
      case .v6: "[\(address)]"
      }
    try set(CURLOPT_CONNECT_TO, list: ["::\(written):"])
  }

  private func setMethod(_ request: HTTPClient.Request) throws {
    guard request.method.isHTTPToken else { throw invalid("the method is not a token") }
    switch request.method {
    case "GET" where request.body.isEmpty:
      try set(CURLOPT_HTTPGET, 1)
    case "HEAD" where request.body.isEmpty:
      try set(CURLOPT_NOBODY, 1)
    default:
      if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
        try check(ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
        try request.body.withUnsafeBytes { bytes in
          // An empty body still needs an address, because nil means "read it from standard input".
          try withUnsafeBytes(of: UInt8(0)) { empty in
            try check(ccurl_set_body(easy, bytes.baseAddress ?? empty.baseAddress))
          }
        }
      }
      try set(CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func setHeaders(_ headers: HTTPHeaders) throws {
    var lines = try headers.fields.map { field in
      guard field.isWellFormed else { throw invalid("a header is malformed") }
      // libcurl interprets "Name:" as "do not send" and "Name;" as "send it empty".
      return field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
    }
    lines.append("Expect:")
    if headers["Content-Type"] == nil { lines.append("Content-Type:") }
    try set(CURLOPT_HTTPHEADER, list: lines)
  }

  private func setCallbacks() throws {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try check(
      ccurl_set_on_header(
        easy,
        { bytes, size, count, context in
          guard let bytes, let context else { return 0 }
          let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
          let length = size * count
          return bytes.withMemoryRebound(to: UInt8.self, capacity: length) {
            transfer.receiveHeader(UnsafeBufferPointer(start: $0, count: length)) ? length : 0
          }
        }, context))
    try check(
      ccurl_set_on_body(
        easy,
        { bytes, size, count, context in
          let length = size * count
          guard let bytes, let context, length > 0 else { return length }
          let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
          return bytes.withMemoryRebound(to: UInt8.self, capacity: length) {
            switch transfer.receiveBody(UnsafeBufferPointer(start: $0, count: length)) {
            case .taken: length
            case .paused: ccurl_pause_transfer()
            case .refused: 0
            }
          }
        }, context))
  }

  private func set(_ option: CURLoption, _ value: Int) throws {
    try check(ccurl_set_long(easy, option, value))
  }

  private func set(_ option: CURLoption, _ text: String) throws {
    guard !text.utf8.contains(0) else { throw invalid("an option contains a NUL character") }
    try check(ccurl_set_text(easy, option, text))
  }

  private func set(_ option: CURLoption, list lines: [String]) throws {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines {
      guard let longer = curl_slist_append(list, line) else {
        curl_slist_free_all(list)
        throw HTTPClientError(.internalFailure, host: host, reason: "no memory for headers")
      }
      list = longer
    }
    guard let list else { return }
    lists.append(list)
    try check(ccurl_set_list(easy, option, list))
  }

  private func check(_ code: CURLcode) throws {
    guard code == CURLE_OK else {
      throw HTTPClientError(
        .invalidRequest, host: host, reason: String(cString: curl_easy_strerror(code)), curlCode: Int(code.rawValue))
    }
  }

  private func invalid(_ reason: String) -> HTTPClientError {
    HTTPClientError(.invalidRequest, host: host, reason: reason)
  }
}

extension Duration {
  /// Rounded up, so that a wait of this many milliseconds is never too short.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
    if overflow { return seconds < 0 ? 0 : Int(Int32.max) }
    return max(0, min(Int(Int32.max), whole + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)))
  }
}
