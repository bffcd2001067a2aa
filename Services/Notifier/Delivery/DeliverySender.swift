import Curl
import DeskCore
import Observability
import Tracing

/// Sends one delivery to its endpoint, once.
struct DeliverySender: Sendable {
  let client: HTTPClient
  let timeout: Duration
  /// Resolves the addresses of endpoints.
  let lookUp: EndpointAddress.LookUp

  /// Resolves names as the system does.
  init(client: HTTPClient, timeout: Duration) {
    let resolver = AddressResolver()
    self.init(client: client, timeout: timeout) {
      try await resolver.resolve($0, timeout: NotifierBounds.resolveTimeout)
    }
  }

  init(client: HTTPClient, timeout: Duration, lookUp: @escaping EndpointAddress.LookUp) {
    self.client = client
    self.timeout = timeout
    self.lookUp = lookUp
  }

  /// Tries the endpoint's addresses in turn until one accepts the request; once any of it was sent, that address decides the outcome.
  ///
  /// - Parameters:
  ///   - id: the stable id, by which the receiver drops repetitions.
  ///   - traceparent: the trace that the delivery belongs to; without it the attempt begins a new one.
  ///   - now: the time of the attempt, which is signed.
  func deliver(
    _ body: [UInt8], id: NoticeID, to hook: Hook, at endpoint: EndpointAddress, in traceparent: String? = nil,
    now: Instant
  ) async -> DeliveryOutcome {
    let timestamp = now.milliseconds / 1000
    guard
      let signature = WebhookSignature.header(
        secrets: hook.secrets, id: id.description, timestamp: timestamp, body: body)
    else { return .failed(reason: "there is no secret to sign with", askedFor: nil) }
    var headers: HTTPHeaders = [
      "content-type": "application/json", "webhook-id": id.description, "webhook-timestamp": String(timestamp),
      "webhook-signature": signature,
    ]
    let tracer = FrontdeskTracer.current
    let context = ServiceContext(traceparent.flatMap { TraceContext(traceparent: $0) })
    let span = tracer.startSpan("deliver hook", context: context, ofKind: .client)
    defer { span.end() }
    // Receivers see a trace context only if there is a trace to find.
    if tracer.isRecording { tracer.inject(span.context, into: &headers, using: ClientHeaders()) }
    do {
      let response = try await send(body, headers, to: hook, at: endpoint)
      span.attributes = ["http.request.method": "POST", "http.response.status_code": .int(Int64(response.status))]
      if response.status >= 400 { span.setStatus(SpanStatus(code: .error)) }
      return DeliveryOutcome(response, now: now)
    } catch {
      span.recordError(error)
      return await failure(error, of: endpoint)
    }
  }

  private func failure(_ error: any Error, of endpoint: EndpointAddress) async -> DeliveryOutcome {
    switch error {
    case is EndpointAddress.Refused:
      return .failed(reason: "the endpoint's address is not public, which the hook does not allow", askedFor: nil)
    case let error as HTTPClientError:
      // The endpoint may have moved.
      await endpoint.forget()
      return .failed(reason: "\(error.code): \(error.reason)", askedFor: nil)
    default:
      return .failed(reason: "the delivery was interrupted", askedFor: nil)
    }
  }

  private func send(
    _ body: [UInt8], _ headers: HTTPHeaders, to hook: Hook, at endpoint: EndpointAddress
  ) async throws -> HTTPClient.Response {
    let addresses = try await endpoint.addresses()
    let deadline = ContinuousClock.now + timeout
    var lastFailure: HTTPClientError?
    for address in addresses {
      let left = deadline - .now
      if let lastFailure, left <= .zero { throw lastFailure }
      do {
        let response = try await client.send(
          HTTPClient.Request(
            method: "POST", url: hook.url, headers: headers, body: body, timeout: left,
            connectTimeout: NotifierBounds.connectTimeout, maximumResponseBytes: NotifierBounds.responseBytes,
            maximumRedirects: 0, pinnedAddress: address))
        if lastFailure != nil { await endpoint.prefer(address) }
        return response
      } catch let error as HTTPClientError where !error.mayHaveArrived {
        lastFailure = error
      }
    }
    if let lastFailure { throw lastFailure }
    throw EndpointAddress.Refused()
  }
}
