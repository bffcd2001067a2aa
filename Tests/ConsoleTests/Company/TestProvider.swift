import Crypto
import CryptoExtras
import DeskCore
import Foundation
import SystemPrimitives
import TestKit

@testable import Console

/// An identity provider on the loopback that follows the standards, except where a test asks for a fault.
final class TestProvider: Sendable {
  /// How a token is signed.
  enum Signing: Sendable {
    case rs256, ps256, es256
    /// By a key that the provider does not publish, under the name of one that it does.
    case strange
    /// `alg: none`, without a signature.
    case nothing
    /// HMAC with the published key as the secret.
    case sharedSecret
    /// RSA under a name of another algorithm.
    case named(String)
    /// A genuine signature of other claims.
    case otherClaims
    case byNewKey
  }

  struct Faults: Sendable {
    var isDown = false
    /// The issuer in the description.
    var describedIssuer: String?
    var description: [JSONValue.Field] = []
    var signing = Signing.rs256
    /// Members that replace those of a token's claims; null removes one.
    var claims: [JSONValue.Field] = []
    var header: [JSONValue.Field] = []
    var tokenStatus = "200 OK"
    var tokenBody: String?
    /// Codes can be exchanged any number of times.
    var acceptsCodesAgain = false
  }

  private struct Grant {
    let nonce, challenge, redirect: String
  }

  private struct State {
    var faults = Faults()
    var grants: [ExactString: Grant] = [:]
    var claims: [JSONValue.Field] = []
    var now: Int64 = 0
    var keySetReads = 0
    var hasNewKey = false
  }

  static let client = "desk client"
  static let secret = "s3cret:of the desk"
  private static let rsa = keyOrStop { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
  private static let strangeKey = keyOrStop { try _RSA.Signing.PrivateKey(keySize: .bits2048) }
  private static let p256 = P256.Signing.PrivateKey()
  private static let newKey = P256.Signing.PrivateKey()

  private let state = PthreadMutex(State())
  private let server = PthreadMutex<LocalServer?>(nil)

  init() throws {
    let started = try LocalServer { [weak self] connection in
      while let request = connection.readRequest() {
        guard let self else { return }
        self.serve(request, connection)
      }
    }
    server.withLock { $0 = started }
  }

  var issuer: String { "http://127.0.0.1:\(server.withLock { $0?.port ?? 0 })" }
  var keySetReads: Int { state.withLock { $0.keySetReads } }

  func set(_ change: (inout Faults) -> Void) { state.withLock { change(&$0.faults) } }
  func behave() { state.withLock { $0.faults = Faults() } }
  func publishNewKey() { state.withLock { $0.hasNewKey = true } }
  func stop() { server.withLock { $0?.stop() } }

  /// What a person does at the provider: signs in and agrees.
  /// - Parameters:
  ///   - address: where the console sent the browser.
  ///   - claims: who the person is.
  ///   - now: the time in tokens.
  /// - Returns: the query of the answer.
  func authorise(_ address: String, claims: [JSONValue.Field], at now: Instant) throws -> (code: String, state: String)
  {
    let items = URLComponents(string: address)?.queryItems ?? []
    func value(_ name: String) -> String { items.first { $0.name == name }?.value ?? "" }
    guard address.hasPrefix("\(issuer)/authorise?"), value("response_type") == "code",
      value("client_id") == Self.client,
      value("code_challenge_method") == "S256", value("scope").split(separator: " ").contains("openid"),
      value("code_challenge").utf8.count == 43, value("nonce").utf8.count == 43, value("state").utf8.count == 43
    else { throw Unfit(what: address) }
    let code = "code-\(UUID().uuidString)"
    state.withLock { state in
      state.claims = claims
      state.now = now.milliseconds / 1_000
      state.grants[ExactString(code)] = Grant(
        nonce: value("nonce"), challenge: value("code_challenge"), redirect: value("redirect_uri"))
    }
    return (code, value("state"))
  }

  struct Unfit: Error { let what: String }

  // MARK: Serving

  private func serve(_ request: LocalConnection.Request, _ connection: LocalConnection) {
    let faults = state.withLock { $0.faults }
    guard !faults.isDown else { return connection.respond("503 Service Unavailable") }
    let path = request.line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    switch path {
    case "/.well-known/openid-configuration": connection.respond(body: description(faults).json)
    case "/keys":
      state.withLock { $0.keySetReads += 1 }
      connection.respond(body: keySet.json)
    case "/token":
      let (status, body) = token(request, faults)
      connection.respond(status, headers: ["Content-Type: application/json"], body: body)
    default: connection.respond("404 Not Found")
    }
  }

  private func description(_ faults: Faults) -> JSONValue {
    let fields: [JSONValue.Field] = [
      .init("issuer", .text(faults.describedIssuer ?? issuer)),
      .init("authorization_endpoint", .text("\(issuer)/authorise")), .init("token_endpoint", .text("\(issuer)/token")),
      .init("jwks_uri", .text("\(issuer)/keys")),
    ]
    return .object(Self.replacing(fields, faults.description))
  }

  private var keySet: JSONValue {
    var keys: [JSONValue] = [
      Self.jwk(Self.p256, "ec"), .object([.init("kty", .text("oct")), .init("k", .text("AAAA"))]),
    ]
    if let parts = try? Self.rsa.publicKey.getKeyPrimitives() {
      keys.append(
        .object([
          .init("kty", .text("RSA")), .init("kid", .text("rsa")), .init("use", .text("sig")),
          .init("n", .text(Base64URL.encode(parts.modulus))), .init("e", .text(Base64URL.encode(parts.publicExponent))),
        ]))
    }
    if state.withLock({ $0.hasNewKey }) { keys.append(Self.jwk(Self.newKey, "new")) }
    return .object([.init("keys", .list(keys))])
  }

  private func token(_ request: LocalConnection.Request, _ faults: Faults) -> (status: String, body: String) {
    if let body = faults.tokenBody { return (faults.tokenStatus, body) }
    guard faults.tokenStatus == "200 OK" else { return (faults.tokenStatus, "{}") }
    let items =
      URLComponents(string: "?" + String(decoding: request.body, as: UTF8.self))?.queryItems ?? []
    func value(_ name: String) -> String { items.first { $0.name == name }?.value ?? "" }
    let pair = "desk%20client:s3cret%3Aof%20the%20desk"
    guard request.headers["authorization"] == "Basic \(Data(pair.utf8).base64EncodedString())" else {
      return ("401 Unauthorized", #"{"error":"invalid_client"}"#)
    }
    let code = ExactString(value("code"))
    let (grant, claims, now) = state.withLock { state in
      let grant = faults.acceptsCodesAgain ? state.grants[code] : state.grants.removeValue(forKey: code)
      return (grant, state.claims, state.now)
    }
    guard let grant, grant.redirect == value("redirect_uri"), value("grant_type") == "authorization_code",
      Base64URL.encode(SHA256.hash(data: Data(value("code_verifier").utf8))) == grant.challenge
    else { return ("400 Bad Request", #"{"error":"invalid_grant"}"#) }
    let usual: [JSONValue.Field] = [
      .init("iss", .text(issuer)), .init("aud", .text(Self.client)), .init("sub", .text("subject-1")),
      .init("exp", .integer(now + 300)), .init("iat", .integer(now)), .init("nonce", .text(grant.nonce)),
    ]
    let token = Self.sign(
      .object(Self.replacing(usual + claims, faults.claims)), faults.signing, header: faults.header)
    return ("200 OK", JSONValue.object([.init("id_token", .text(token)), .init("token_type", .text("Bearer"))]).json)
  }

  // MARK: Signing

  private static func sign(_ claims: JSONValue, _ signing: Signing, header replaced: [JSONValue.Field]) -> String {
    let (algorithm, key) =
      switch signing {
      case .rs256, .strange, .otherClaims: ("RS256", "rsa")
      case .ps256: ("PS256", "rsa")
      case .es256: ("ES256", "ec")
      case .byNewKey: ("ES256", "new")
      case .nothing: ("none", "rsa")
      case .sharedSecret: ("HS256", "rsa")
      case .named(let name): (name, "rsa")
      }
    let header: [JSONValue.Field] = [
      .init("alg", .text(algorithm)), .init("typ", .text("JWT")), .init("kid", .text(key)),
    ]
    let head = Base64URL.encode(JSONValue.object(replacing(header, replaced)).json.utf8)
    let signed = "\(head).\(Base64URL.encode(claims.json.utf8))"
    let bytes = Data(signed.utf8)
    let signature: Data =
      switch signing {
      case .rs256, .named: (try? rsa.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation) ?? Data()
      case .ps256: (try? rsa.signature(for: bytes, padding: .PSS).rawRepresentation) ?? Data()
      case .strange: (try? strangeKey.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation) ?? Data()
      case .otherClaims:
        (try? rsa.signature(for: Data("\(head).e30".utf8), padding: .insecurePKCS1v1_5).rawRepresentation) ?? Data()
      case .es256: (try? p256.signature(for: bytes).rawRepresentation) ?? Data()
      case .byNewKey: (try? newKey.signature(for: bytes).rawRepresentation) ?? Data()
      case .nothing: Data()
      case .sharedSecret:
        Data(
          HMAC<SHA256>.authenticationCode(
            for: bytes, using: SymmetricKey(data: Data(rsa.publicKey.pemRepresentation.utf8))))
      }
    return "\(signed).\(Base64URL.encode(signature))"
  }

  private static func jwk(_ key: P256.Signing.PrivateKey, _ id: String) -> JSONValue {
    let bytes = Array(key.publicKey.rawRepresentation)
    return .object([
      .init("kty", .text("EC")), .init("crv", .text("P-256")), .init("kid", .text(id)), .init("alg", .text("ES256")),
      .init("x", .text(Base64URL.encode(bytes[..<32]))), .init("y", .text(Base64URL.encode(bytes[32...]))),
    ])
  }

  private static func replacing(_ fields: [JSONValue.Field], _ others: [JSONValue.Field]) -> [JSONValue.Field] {
    fields.filter { field in !others.contains { $0.name == field.name } } + others.filter { $0.value != .null }
  }

  private static func keyOrStop<Key>(_ make: () throws -> Key) -> Key {
    do { return try make() } catch { fatalError("no key: \(error)") }
  }
}
