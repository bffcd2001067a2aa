import HTTPService
import Store

// What leads and operators watch, the titles of the policy, and who has a ticket open.

extension ConsoleSchemas {
  static let wallboardRequests: [(name: String, schema: JSONSchema)] = [
    (
      "Attendance",
      .closedObject([
        .required(
          "doing",
          JSONSchema.choice(["looking", "writing", "nothing"]).described("`nothing` ends it before its time."))
      ])
    )
  ]

  static let wallboard: [(name: String, schema: JSONSchema)] = [
    (
      "Wallboard",
      .object([
        .required("at", .time),
        .required(
          "findings",
          JSONSchema.array(of: .reference("Finding"), .atMost(WallboardBounds.findingsShown)).described(
            "What someone should do something about, the most urgent first.")),
        .required("queues", .array(of: .reference("WallboardQueue"))), .required("agents", .reference("Staff")),
        .required(
          "undecided", .object([.required("waiting", .integer), .required("oldest_age_seconds", .number.orNull)])),
        .required("dead_letters", .integer),
        .required("ready", JSONSchema.anyObject.described("The number of ready processes by service.")),
        .required(
          "stuck",
          .array(
            of: .object([
              .required("queue", .string), .required("reason", .string), .required("waiting", .integer),
              .required("began_at", .time),
            ]))),
        .required("hot_issues", .array(of: .anyObject, .atMost(WallboardBounds.issuesShown))),
        .required(
          "hot_issues_judged",
          JSONSchema.boolean.described(
            "False on a new desk: for its first 45 minutes there is no history to compare with, so no issue is hot.")),
        .required(
          "crises",
          .array(
            of: .object([
              .required("crisis", .uuid), .required("cause", .string), .required("owner", .string.orNull),
              .required("opened_at", .time), .required("version", .integer), .required("open_points", .integer),
              .required("points", .integer),
            ]), .atMost(WallboardBounds.crisesShown))),
        .required(
          "today",
          JSONSchema.object([.required("zone", .string), .required("start", .time)]).orNull.described(
            "The day of `kept_today`; null when the desk is too large to count it now.")),
      ])
    ),
    (
      "WallboardQueue",
      .object([
        .required("queue", .string), .required("waiting", .integer), .required("offered", .integer),
        .required("assigned", .integer), .required("late", .integer),
        .required("oldest_waiting_since", .string.orNull),
        .required(
          "expected_wait_seconds",
          JSONSchema.number.orNull.described("Of a ticket that comes now; null when none went to an agent lately.")),
        .required(
          "kept_today",
          .object([.required("met", .integer), .required("breached", .integer)]).orNull.described(
            "The targets of tickets that were opened today.")),
        .required("agents", .reference("Staff")),
      ])
    ),
    (
      "Staff",
      JSONSchema.object([
        .required("free", .integer), .required("full", .integer), .required("reserve", .integer),
        .required("away", .integer), .required("offline", .integer),
      ]).described("Agents: available with and without free capacity, in reserve, away, offline.")
    ),
    (
      "Finding",
      .object([
        .required("code", .choice(WallboardFinding.Code.allCases.map(\.rawValue))), .required("urgent", .boolean),
        .required("subject", JSONSchema.string.orNull.described("A service, a queue, or the cause of a crisis.")),
        .required("count", .integer),
        .required("seconds", JSONSchema.integer.described("How long the oldest has waited; 0 if nothing waits.")),
      ])
    ),
    (
      "QueueFlow",
      .object([
        .required("counted_until", .time), .required("interval_seconds", .integer),
        .required(
          "starts",
          JSONSchema.array(of: .time, .atMost(WallboardBounds.flowIntervals)).described(
            "When the intervals begin, oldest first. The last one is not over.")),
        .required(
          "queues",
          .array(
            of: .object([
              .required("queue", .string), .required("arrivals", .array(of: .integer)),
              .required("answers", .array(of: .integer)),
            ]))),
      ])
    ),
    (
      "Titles",
      .object(
        [.required("version", JSONSchema.integer.described("The policy's; 0 while there is none."))]
          + TitleBook.sections.map {
            .required(
              $0,
              JSONSchema.anyObject.described("By name: `{\"zh\": …, \"en\": …}`; names without a title are left out."))
          })
    ),
    (
      "Viewers",
      .object([
        .required("at", .time),
        .required(
          "viewers",
          .array(
            of: .object([
              .required("agent", .string), .required("doing", .choice(TicketViewer.Activity.allCases.map(\.rawValue))),
              .required("since", .time),
            ]))),
      ])
    ),
  ]
}
