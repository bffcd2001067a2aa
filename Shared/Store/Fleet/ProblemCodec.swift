import DeskCore
import PostgreSQL

/// The encoding of an instance's problems in one column.
enum ProblemCodec {
  /// The maximum stored length of a failure kind, in characters.
  private static let kindLimit = 200

  static func json(of problems: [ServiceInstance.Problem]) -> PostgresJSON {
    PostgresJSON(
      JSONValue.list(
        problems.prefix(StoreBounds.problemsPerInstance).map { problem in
          .object([
            .init("task", .text(problem.task)), .init("kind", .text(String(problem.kind.prefix(kindLimit)))),
            .init("failures", .integer(problem.failures)), .init("seconds", .number(problem.seconds)),
          ])
        }
      ).json)
  }

  /// Entries in another build's format are skipped: a problem must not hide its instance.
  static func problems(from json: PostgresJSON) -> [ServiceInstance.Problem] {
    (JSONValue(json: json.text)?.list ?? []).compactMap { problem in
      guard let task = problem["task"]?.text, let kind = problem["kind"]?.text,
        let failures = problem["failures"]?.integer, let seconds = problem["seconds"]?.number
      else { return nil }
      return ServiceInstance.Problem(task: task, kind: kind, failures: failures, seconds: seconds)
    }
  }
}
