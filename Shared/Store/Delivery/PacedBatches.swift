import DeskCore

/// Makes many deliveries due at a given rate, one bounded batch of rows per statement.
enum PacedBatches {
  /// How many deliveries a batch had, and the last one's identifier.
  typealias Batch = (count: Int64, last: NoticeID)

  /// Runs batches until there are no more.
  /// - Parameters:
  ///   - rate: deliveries per second, above 0.
  ///   - batch: handles the deliveries after the given identifier, the first of which is due after the given time.
  /// - Returns: how many deliveries all batches had.
  static func run(
    perSecond rate: Int, _ batch: (_ last: NoticeID?, _ delay: Duration) async throws -> Batch?
  ) async throws -> Int64 {
    var total: Int64 = 0
    var last: NoticeID?
    while let done = try await batch(last, .seconds(Double(total) / Double(rate))) {
      total += done.count
      last = done.last
    }
    return total
  }
}
