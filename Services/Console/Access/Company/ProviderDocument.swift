import DeskCore
import UntrustedInput
import UseCases

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3).
struct ProviderDocument: Sendable, Equatable {
  /// How the desk authenticates itself when it fetches a token.
  enum ClientAuthentication: Sendable, Equatable {
    /// `client_secret_basic`, the default of the standard.
    case basic
    /// `client_secret_post`.
    case post
  }

  let authorizationEndpoint: String
  let tokenEndpoint: String
  let keySet: String
  let authentication: ClientAuthentication
  /// Whether every answer names its issuer (RFC 9207).
  let namesIssuer: Bool

  /// The address of a provider's description.
  static func address(of issuer: String) -> String {
    (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
  }

  /// - Parameter issuer: whom the description must be of, byte by byte; another one could speak for it.
  /// - Throws: `ProviderFault.description`.
  init(_ json: JSONValue, issuer: String) throws(ProviderFault) {
    guard json["issuer"]?.text?.hasSameBytes(as: issuer) == true else { throw .description("issuer") }
    authorizationEndpoint = try Self.endpoint("authorization_endpoint", in: json)
    tokenEndpoint = try Self.endpoint("token_endpoint", in: json)
    keySet = try Self.endpoint("jwks_uri", in: json)
    let methods = json["token_endpoint_auth_methods_supported"]?.list?.compactMap(\.text) ?? ["client_secret_basic"]
    authentication =
      !methods.contains("client_secret_basic") && methods.contains("client_secret_post") ? .post : .basic
    namesIssuer = json["authorization_response_iss_parameter_supported"]?.flag == true
  }

  private static func endpoint(_ name: String, in json: JSONValue) throws(ProviderFault) -> String {
    guard let text = json[name]?.text, (try? IdentityProviderRules.address(text)) != nil, !text.contains("#") else {
      throw .description(name)
    }
    return text
  }
}

/// What is wrong with a provider, or with its configuration; not with the person who signs in.
enum ProviderFault: Error, Equatable {
  /// It cannot be reached, is overloaded, or answers with a failure of its own.
  case unreachable
  /// Its description lacks a usable member, or is of another issuer.
  case description(String)
  /// Its keys cannot be read.
  case keys
  /// It refuses the desk's client or secret.
  case client
  /// Its answer is not one of a token endpoint.
  case tokenAnswer
}

/// The provider refuses a code: it was used already, has expired, or is another's.
struct CodeRefused: Error {}
