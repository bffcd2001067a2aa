import DeskCore

/// What a check found, or what acting came to: a code, which pages translate, and its parameters.
struct IntentNote: Error, Sendable, Hashable {
  let code: String
  var fields: [JSONValue.Field]

  init(_ code: String, _ fields: [JSONValue.Field] = []) {
    self.code = code
    self.fields = fields
  }

  var json: JSONValue { .object([.init("code", .text(code))] + fields) }

  static func == (left: Self, right: Self) -> Bool { left.json == right.json }
  func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

/// What the checks of an intent found.
enum IntentCheck: Sendable {
  /// It may be done; acting needs to know this, also after an interruption.
  case ready(plan: [JSONValue.Field])
  /// It must not be done, and nothing was changed.
  case refused(IntentNote)

  static let ready = IntentCheck.ready(plan: [])
}

/// One kind of work. Acting can be interrupted at any instant and is then repeated, under the same plan.
protocol IntentWork: Sendable {
  /// Checks whether what the person saw still holds. Changes nothing.
  func check() async throws -> IntentCheck

  /// Does it.
  /// - Parameters:
  ///   - plan: what the check found.
  ///   - isRepeated: whether an earlier attempt may have done some or all of it.
  /// - Returns: what came of it.
  /// - Throws: `IntentNote` where it turns out that it must not be done; then nothing was changed.
  func act(plan: JSONValue, isRepeated: Bool) async throws -> IntentNote
}
