/// A place that messages go to: a process of the desk, the database, or something outside.
package struct Node: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What runs there.
  package enum Role: Int, CaseIterable, Sendable {
    case intake, classifier, router, watcher, notifier
    /// Agents and their console.
    case agents
    /// The customers' channels, and the endpoints of hooks.
    case channel, endpoint
    case database
  }

  package let role: Role
  /// From 1.
  package let number: Int

  package init(_ role: Role, _ number: Int = 1) {
    self.role = role
    self.number = number
  }

  /// The roles of the desk's own processes, which faults can hit.
  package static let desk: [Role] = [.intake, .classifier, .router, .watcher, .notifier]

  package static let database = Node(.database)
  static let agents = Node(.agents)
  static let channel = Node(.channel)
  static let endpoint = Node(.endpoint)

  package static func < (left: Self, right: Self) -> Bool {
    (left.role.rawValue, left.number) < (right.role.rawValue, right.number)
  }

  package var description: String {
    switch role {
    case .intake, .classifier, .router, .watcher, .notifier: "\(role)-\(number)"
    case .agents, .channel, .endpoint, .database: "\(role)"
    }
  }
}
