import Curl
import DeskCore

/// Carries one delivery to its endpoint, once.
struct Messenger: Sendable {
  let client: HTTPClient
  let timeout: Duration
  /// Finds the addresses of endpoints.
  let lookUp: EndpointAddress.LookUp

  /// Looks names up as the system does.
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

  /// - Parameters:
  ///   - id: the stable id; the receiver drops repetitions by it.
  ///   - now: the moment of the attempt, which is signed.
  func deliver(
    _ body: [UInt8], id: NoticeID, to hook: Hook, at endpoint: EndpointAddress, now: Instant
  ) async -> DeliveryOutcome {
    let timestamp = now.milliseconds / 1000
    do {
      let address = try await endpoint.address()
      let response = try await client.send(
        HTTPClient.Request(
          method: "POST", url: hook.url,
          headers: [
            "content-type": "application/json", "webhook-id": id.description, "webhook-timestamp": String(timestamp),
            "webhook-signature": WebhookSignature.header(
              secrets: hook.secrets, id: id.description, timestamp: timestamp, body: body),
          ], body: body, timeout: timeout, maximumResponseBytes: NotifierBounds.responseBytes, maximumRedirects: 0,
          pinnedAddress: address))
      return DeliveryOutcome(response, now: now)
    } catch is EndpointAddress.Refused {
      return .failed(reason: "the endpoint's address is not public, and the hook does not allow that", askedFor: nil)
    } catch let error as HTTPClientError {
      // The endpoint may have moved.
      await endpoint.forget()
      return .failed(reason: "\(error.code): \(error.reason)", askedFor: nil)
    } catch {
      return .failed(reason: "the delivery was broken off", askedFor: nil)
    }
  }
}
