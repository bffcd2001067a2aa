import Curl
import DeskCore
import Store
import SystemPrimitives

/// Asks the CRM about one customer, once. The request is signed like a delivery (Standard Webhooks); its path and query are signed in place
/// of a body.
struct LookUpSender: Sendable {
  let client: HTTPClient
  let lookUp: CustomerLookUp
  private let endpoint: EndpointAddress

  /// - Parameter resolve: fails within `NotifierBounds.lookUpTimeout`.
  init(_ lookUp: CustomerLookUp, client: HTTPClient, resolve: @escaping EndpointAddress.LookUp) {
    self.client = client
    self.lookUp = lookUp
    // The host has no placeholder, so that of any customer is that of all.
    let url = lookUp.address(of: Correspondent("x", on: "x")) ?? lookUp.template
    endpoint = EndpointAddress(url, allowsPrivate: lookUp.allowsPrivateAddress, lookUp: resolve)
  }

  /// - Parameters:
  ///   - timeout: for everything, from the call to the last byte.
  ///   - now: the time of the attempt, which is signed.
  func ask(about customer: Correspondent, timeout: Duration, now: Instant) async -> LookUpOutcome {
    guard let url = lookUp.address(of: customer) else { return .unknown }
    var random = SystemRandom()
    let id: Identifier<CustomerLookUp> = IdentifierSource.process.next(at: now, using: &random)
    let timestamp = now.milliseconds / 1000
    guard
      let signature = WebhookSignature.header(
        secrets: lookUp.secrets, id: id.description, timestamp: timestamp,
        body: Array(CustomerLookUp.target(of: url).utf8))
    else { return .failed("there is no secret to sign with") }
    let headers: HTTPHeaders = [
      "accept": "application/json", "webhook-id": id.description, "webhook-timestamp": String(timestamp),
      "webhook-signature": signature,
    ]
    let deadline = ContinuousClock.now + timeout
    do {
      let addresses = try await endpoint.addresses()
      guard let address = addresses.first else { return .failed("the CRM's address is not public") }
      let left = deadline - .now
      guard left > .zero else { return .failed("the CRM's name was not resolved in time") }
      let response = try await client.send(
        HTTPClient.Request(
          method: "GET", url: url, headers: headers, timeout: left, connectTimeout: left,
          maximumResponseBytes: CustomerFields.Bounds.answerBytes, maximumRedirects: 0, pinnedAddress: address))
      return LookUpOutcome(response, shown: lookUp.shown)
    } catch is EndpointAddress.Refused {
      return .failed("the CRM's address is not public, which the policy does not allow")
    } catch let error as HTTPClientError {
      // The CRM may have moved.
      await endpoint.forget()
      return .failed("\(error.code)")
    } catch {
      return .failed("the look-up was interrupted")
    }
  }
}
