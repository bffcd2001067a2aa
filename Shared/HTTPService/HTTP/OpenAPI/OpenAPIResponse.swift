internal import DeskCore
public import HTTPTypes

/// A response of an operation that succeeded.
public struct OpenAPIResponse: Hashable, Sendable {
  public let status: HTTPResponse.Status
  public let description: String
  public let content: OpenAPIContent

  public init(_ status: HTTPResponse.Status = .ok, _ description: String, _ content: OpenAPIContent) {
    self.status = status
    self.description = description
    self.content = content
  }

  var json: JSONValue { .object([.init("description", .text(description)), [content].field]) }
}
