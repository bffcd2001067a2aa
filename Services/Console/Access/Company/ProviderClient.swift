import Curl
import DeskCore
import Foundation
import Store

/// Requests to providers: bounded in time and size, without redirects.
struct ProviderClient: Sendable {
  let client: HTTPClient

  func document(of provider: IdentityProvider) async throws -> ProviderDocument {
    let json = try await get(
      ProviderDocument.address(of: provider.issuer), upTo: CompanyBounds.documentBytes, otherwise: .description("JSON"))
    return try ProviderDocument(json, issuer: provider.issuer)
  }

  func keys(at address: String) async throws -> SigningKeys {
    let json = try await get(address, upTo: CompanyBounds.keySetBytes, otherwise: .keys)
    guard let keys = SigningKeys(json), !keys.isEmpty else { throw ProviderFault.keys }
    return keys
  }

  /// Exchanges a code for an ID token (RFC 6749, section 4.1.3).
  /// - Throws: `CodeRefused`, or `ProviderFault`.
  func token(
    for code: String, verifier: String, redirect: String, from provider: IdentityProvider, _ document: ProviderDocument
  ) async throws -> String {
    var fields = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", verifier),
    ]
    var headers: HTTPHeaders = ["content-type": "application/x-www-form-urlencoded", "accept": "application/json"]
    switch (provider.clientSecret, document.authentication) {
    case (let secret?, .basic):
      let pair = "\(Self.encoded(provider.client)):\(Self.encoded(secret))"
      headers.add(name: "authorization", value: "Basic \(Data(pair.utf8).base64EncodedString())")
    case (let secret?, .post): fields += [("client_id", provider.client), ("client_secret", secret)]
    case (nil, _): fields.append(("client_id", provider.client))
    }
    let response = try await send(
      HTTPClient.Request(
        method: "POST", url: document.tokenEndpoint, headers: headers, body: Array(Self.form(fields).utf8),
        timeout: CompanyBounds.requestTimeout, maximumResponseBytes: CompanyBounds.tokenAnswerBytes))
    let json = String(validating: response.body, as: UTF8.self).flatMap { JSONValue(json: $0) }
    switch response.status {
    case 200:
      guard let token = json?["id_token"]?.text else { throw ProviderFault.tokenAnswer }
      return token
    case 400..<500:
      switch json?["error"]?.text {
      case "invalid_grant": throw CodeRefused()
      case "invalid_client", "unauthorized_client": throw ProviderFault.client
      default: throw response.status == 401 ? ProviderFault.client : ProviderFault.tokenAnswer
      }
    default: throw ProviderFault.unreachable
    }
  }

  private func get(_ address: String, upTo bytes: Int, otherwise fault: ProviderFault) async throws -> JSONValue {
    let response = try await send(
      HTTPClient.Request(
        url: address, headers: ["accept": "application/json"], timeout: CompanyBounds.requestTimeout,
        maximumResponseBytes: bytes))
    guard response.status == 200 else { throw response.status >= 500 ? ProviderFault.unreachable : fault }
    guard let json = String(validating: response.body, as: UTF8.self).flatMap({ JSONValue(json: $0) }) else {
      throw fault
    }
    return json
  }

  private func send(_ request: HTTPClient.Request) async throws -> HTTPClient.Response {
    do {
      return try await client.send(request)
    } catch is HTTPClientError {
      throw ProviderFault.unreachable
    }
  }

  // MARK: Forms

  /// Fields in the form of a query or a body (`application/x-www-form-urlencoded`).
  static func form(_ fields: [(name: String, value: String)]) -> String {
    fields.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
  }

  /// Percent-encoded, except for the unreserved characters (RFC 3986, section 2.3).
  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return result
  }
}
