/// How much of an agent's capacity a ticket takes.
///
/// Most tickets take a number, and an agent may have as many as their capacity allows. A call takes the whole agent: it is offered only
/// to agents without any load, and nothing is added to it. As a number it exceeds any capacity, so that loads add up as usual, and code
/// that adds them up finds that there is no room for more.
public enum TicketWeight {
  /// The whole capacity of the agent who takes it, however large it is.
  public static let whole: Int32 = 1_001

  /// The largest existing load with which an agent can take a ticket; negative if none is small enough.
  /// - Parameters:
  ///   - weight: the ticket's weight.
  ///   - capacity: the agent's capacity.
  public static func room(for weight: Int32, of capacity: Int32) -> Int32 {
    weight == whole ? 0 : capacity - weight
  }

  /// How much of a capacity a load takes: all of it if the agent has a ticket that takes the whole capacity.
  public static func used(_ load: Int32, of capacity: Int32) -> Int32 {
    load >= whole ? capacity : load
  }
}
