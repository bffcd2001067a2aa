import DeskCore
import HTTPTypes
import Hummingbird
import Store

/// Response headers that say how old the data of an answer is that a replica may give.
enum DataAge {
  /// The age in whole seconds, rounded up, when the answer was begun; 0 for one of the primary.
  static let age = "Frontdesk-Data-Age"
  /// `true` when the age is one that readers should know of.
  static let isOld = "Frontdesk-Data-Old"

  /// For `/openapi.json`.
  static let description =
    " A replica may answer where one is configured: the response header `\(age)` is then the age of the data in seconds, 0 if the primary answered, and `\(isOld)` is `true` when it is more than usual."

  static func mark(_ response: inout Response, _ age: Duration, isOld: Bool) {
    set(DataAge.age, "\(Int(age.inSeconds.rounded(.up)))", in: &response)
    if isOld { set(DataAge.isOld, "true", in: &response) }
  }

  private static func set(_ name: String, _ value: String, in response: inout Response) {
    if let name = HTTPField.Name(name) { response.headers[name] = value }
  }
}
