public import DeskCore

extension CrisisCase {
  /// The subscribers' notices of an event of the case. They name one of its tickets, or the case where it has none.
  public func notices(
    of kind: NoticeKind, under policy: Policy, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Notice] {
    let body = summary()
    return policy.subscribers(of: kind).map { hook in
      Notice(
        id: IdentifierSource.process.next(at: now, using: &random), hook: hook.id, kind: kind,
        ticket: evidence.examples.first ?? id.of(Ticket.self), body: body)
    }
  }
}
