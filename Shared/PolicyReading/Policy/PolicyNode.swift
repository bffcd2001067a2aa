package import Yams

/// A node of the file and its place in the document.
package struct PolicyNode {
  package let node: Node
  package let path: String
  package let line: Int
  package let column: Int

  init(_ node: Node, path: String, line: Int = 1, column: Int = 1) {
    self.node = node
    self.path = path
    self.line = node.mark?.line ?? line
    self.column = node.mark?.column ?? column
  }

  /// The value under a key, or an item of a list.
  func child(_ node: Node, path: String) -> PolicyNode {
    PolicyNode(node, path: path, line: line, column: column)
  }

  /// The kind of node, for messages.
  var kind: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar: isNull ? "an empty value" : "a single value"
    case .alias: "an alias"
    }
  }

  /// Whether the value is empty: `key:` without a value, or `~`, or `null`.
  package var isNull: Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null"].contains(scalar.string)
  }
}

/// The values of a mapping with known keys.
package struct PolicyFields {
  /// The place of the mapping.
  package let place: PolicyNode
  /// The values by key.
  let values: [String: PolicyNode]

  package subscript(_ key: String) -> PolicyNode? { values[key] }
}

/// An entry of a mapping whose keys are names that the operator chose.
package struct PolicyEntry {
  package let name: String
  package let key: PolicyNode
  package let value: PolicyNode
}
