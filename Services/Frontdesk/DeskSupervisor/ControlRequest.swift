import CommandLineTool
import Foundation

/// A request to a running `up`: one JSON object on one line.
///
///     {"scale":{"service":"router","count":4}}
///     {"list":true}
///     {"stop":true}
package enum ControlRequest: Sendable, Equatable {
  case scale(service: ServiceKind, count: Int)
  case list
  case stop

  /// Parses a line.
  /// - Throws: `CommandFailure` that describes the problem.
  init(line: some Sequence<UInt8>) throws {
    let fields: Fields
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(line))
    } catch {
      throw ControlRequest.failure("the request is not a valid JSON object")
    }
    switch (fields.scale, fields.list, fields.stop) {
    case (let scale?, nil, nil):
      guard let kind = ServiceKind(rawValue: scale.service) else {
        throw CommandFailure(
          "there is no such service",
          remedy: "name one of: \(ServiceKind.allCases.map(\.rawValue).joined(separator: ", "))", status: .wrongCall)
      }
      guard UpBounds.instancesOfService.contains(scale.count) else {
        throw CommandFailure(
          "\(scale.count) processes of a service are out of range",
          remedy: "ask for \(UpBounds.instancesOfService.lowerBound) to \(UpBounds.instancesOfService.upperBound)",
          status: .wrongCall)
      }
      if let reason = kind.reasonForBeingOne, scale.count != 1 {
        throw CommandFailure(
          "there is always one \(kind.rawValue), because \(reason)",
          remedy: "scale classifier, router, sla-watcher or notifier", status: .wrongCall)
      }
      self = .scale(service: kind, count: scale.count)
    case (nil, true?, nil): self = .list
    case (nil, nil, true?): self = .stop
    default: throw ControlRequest.failure("the request must contain exactly one of scale, list and stop")
    }
  }

  /// The request on one line, with its line end.
  func line() throws -> Data {
    var fields = Fields()
    switch self {
    case .scale(let service, let count): fields.scale = Fields.Scale(service: service.rawValue, count: count)
    case .list: fields.list = true
    case .stop: fields.stop = true
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(fields) + Data("\n".utf8)
  }

  private static func failure(_ problem: String) -> CommandFailure {
    CommandFailure(
      problem, remedy: #"write {"scale":{"service":"router","count":4}}, {"list":true} or {"stop":true}"#,
      status: .wrongCall)
  }

  private struct Fields: Codable {
    struct Scale: Codable {
      var service: String
      var count: Int
    }

    var scale: Scale?
    var list: Bool?
    var stop: Bool?
  }
}

/// The answer: one JSON object on one line.
package struct ControlAnswer: Codable, Sendable, Equatable {
  /// A process that `up` supervises.
  package struct Member: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
      /// Running but not ready yet, or no longer ready.
      case starting
      case ready
      /// Has answered at `/livez` before and no longer does; it is replaced if that lasts.
      case unresponsive
      /// Was asked to stop.
      case draining
      /// Exited and waits to be restarted.
      case waiting
    }

    /// `router#2`.
    package var name: String
    package var service: String
    package var state: State
    /// Nil while it waits.
    package var processID: Int32?
    package var operationsURL: String?
    /// The number of restarts.
    package var restarts: Int
    /// The number of these restarts because it no longer answered at `/livez`.
    package var hangs: Int

    enum CodingKeys: String, CodingKey {
      case name, service, state, restarts, hangs
      case processID = "process_id"
      case operationsURL = "operations_url"
    }
  }

  /// The reason the request was refused; nil on success.
  package var problem: String?
  package var remedy: String?
  /// All members before the request changed anything.
  package var members: [Member] = []
}
