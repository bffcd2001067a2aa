public import Curl
package import HTTPTypes
public import Tracing

/// Reads and writes the trace context in the headers of requests to this process.
package struct ServerHeaders: Extractor, Injector {
  package init() {}

  package func extract(key: String, from fields: HTTPFields) -> String? {
    HTTPField.Name(key).flatMap { fields[$0] }
  }

  package func inject(_ value: String, forKey key: String, into fields: inout HTTPFields) {
    if let name = HTTPField.Name(key) { fields[name] = value }
  }
}

/// Writes the trace context to the headers of requests that this process sends.
public struct ClientHeaders: Injector {
  public init() {}

  public func inject(_ value: String, forKey key: String, into headers: inout HTTPHeaders) {
    headers.add(name: key, value: value)
  }
}
