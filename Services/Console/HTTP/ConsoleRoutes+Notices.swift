import DeskCore
import Hummingbird
import Store

// Notices to people, and who has read them.

extension ConsoleRoutes {
  func notices(_ call: Call) async throws -> Response {
    let page = try PageQuery<Identifier<StaffNotice>>(call, most: ConsoleBounds.noticesPerPage)
    let notices = try await store.notices.notices(for: reader(call), before: page.before, limit: page.limit + 1)
    let kept = notices.prefix(page.limit)
    return Self.json(
      .object([
        .init("notices", .list(kept.map(ConsoleJSON.notice))),
        .init("next", ConsoleJSON.place(notices.count > page.limit ? kept.last?.id : nil)),
      ]))
  }

  /// The response is the same for a notice that does not exist and for one to others.
  func markNoticeAsRead(_ call: Call) async throws -> Response {
    let id: Identifier<StaffNotice> = try identifier(of: "notice", call)
    guard let notice = try await store.notices.markAsRead(id, by: reader(call)) else {
      throw ConsoleProblem.notFound("notice")
    }
    return Self.json(ConsoleJSON.notice(notice))
  }

  private func reader(_ call: Call) throws -> NoticeReader {
    NoticeReader(agent: try agent(call), role: call.bearer.role)
  }
}
