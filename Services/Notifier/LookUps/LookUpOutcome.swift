import Curl
import DeskCore

/// The CRM's answer about one customer.
enum LookUpOutcome: Sendable, Equatable {
  case found(CustomerFields)
  /// 404: the CRM does not know the customer.
  case unknown
  /// The reason contains nothing that the CRM sent except its status.
  case failed(String)

  /// Interprets a response. Redirects are failures: they would lead past the check of the address.
  init(_ response: HTTPClient.Response, shown: [String]) {
    switch response.status {
    case 200:
      guard let fields = CustomerFields(answer: response.body, shown: shown) else {
        self = .failed("the answer is not a JSON object")
        return
      }
      self = .found(fields)
    case 204, 404: self = .unknown
    default: self = .failed("the CRM answered \(response.status)")
    }
  }

  /// For metrics.
  var name: String {
    switch self {
    case .found: "found"
    case .unknown: "unknown"
    case .failed: "failed"
    }
  }
}
