/// How much of an agent a ticket takes.
///
/// Most tickets take a number, and an agent may have as many as their capacity holds. A call takes the whole agent: it is put before
/// nobody who has anything in hand, and nothing comes beside it. As a number that is more than any capacity, so that loads add up as
/// ever, and whatever adds them up finds that there is no room beside it.
public enum TicketWeight {
  /// The whole capacity of whoever takes it, however large it is.
  public static let whole: Int32 = 1_001

  /// The largest load beside which an agent can take a ticket; negative where none is small enough.
  /// - Parameters:
  ///   - weight: what the ticket takes.
  ///   - capacity: what the agent carries at once.
  public static func room(for weight: Int32, of capacity: Int32) -> Int32 {
    weight == whole ? 0 : capacity - weight
  }

  /// How much of a capacity a load takes: all of it where the agent has a ticket that takes the whole of them.
  public static func used(_ load: Int32, of capacity: Int32) -> Int32 {
    load >= whole ? capacity : load
  }
}
