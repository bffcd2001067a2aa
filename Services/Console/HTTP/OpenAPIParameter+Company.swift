import HTTPService

// The parameters of sign-in by the company's identity provider. Unlike those of other endpoints, unknown ones are ignored: providers add
// their own.

extension OpenAPIParameter {
  static let provider = OpenAPIParameter(
    "Provider", in: .query, name: "provider", description: "The provider; default: the only one.", schema: .uuid)

  static let returnPage = OpenAPIParameter(
    "ReturnPage", in: .query, name: "to",
    description: "The page to go to afterwards, such as /desk; anything that is not one of the pages is ignored.",
    schema: .string)

  static let pageLanguage = OpenAPIParameter(
    "PageLanguage", in: .query, name: "lang", description: "The person's language; default: by Accept-Language.",
    schema: .choice(["zh", "en"]))

  static let code = OpenAPIParameter(
    "Code", in: .query, name: "code", description: "The provider's code (RFC 6749).", schema: .string)

  static let state = OpenAPIParameter(
    "SignInState", in: .query, name: "state", description: "The state of the sign-in that the browser began.",
    schema: .string)

  static let issuer = OpenAPIParameter(
    "Issuer", in: .query, name: "iss", description: "The issuer of the answer (RFC 9207).", schema: .string)

  static let providerError = OpenAPIParameter(
    "ProviderError", in: .query, name: "error", description: "The provider's refusal (RFC 6749).", schema: .string)
}
