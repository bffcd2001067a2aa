import DeskCore
import PostgreSQL

/// How the problems of an instance are kept in one column.
enum ProblemCodec {
  /// Characters of a kind of failure that are kept.
  private static let kindLimit = 200

  static func json(of problems: [ServiceInstance.Problem]) -> PostgresJSON {
    PostgresJSON(
      Detail.list(
        problems.prefix(StoreBounds.problemsPerInstance).map { problem in
          .object([
            .init("task", .text(problem.task)), .init("kind", .text(String(problem.kind.prefix(kindLimit)))),
            .init("failures", .integer(problem.failures)), .init("seconds", .number(problem.seconds)),
          ])
        }
      ).json)
  }

  /// What another build may have written otherwise is left out: a problem must not hide its instance.
  static func problems(from json: PostgresJSON) -> [ServiceInstance.Problem] {
    (Detail(json: json.text)?.list ?? []).compactMap { problem in
      guard let task = problem["task"]?.text, let kind = problem["kind"]?.text,
        let failures = problem["failures"]?.integer, let seconds = problem["seconds"]?.number
      else { return nil }
      return ServiceInstance.Problem(task: task, kind: kind, failures: failures, seconds: seconds)
    }
  }
}
